#include "engine/train/holes.h"

#include <algorithm>

namespace seedling {
namespace {

std::size_t line_start(std::string_view text, std::size_t at) {
  const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

std::size_t line_end(std::string_view text, std::size_t at) {  // of the text in the line, before its newline
  const std::size_t newline = text.find('\n', at);
  return newline == std::string_view::npos ? text.size() : newline;
}

std::size_t on_character(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
  return at;
}

// The end of the `count`-th line after the one that ends at `end`.
std::size_t lines_end(std::string_view text, std::size_t end, int count) {
  for (; count > 0 && end < text.size(); --count) end = line_end(text, end + 1);
  return end;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// A byte of a line that is not blank, if one is found soon.
std::size_t pick_in_line(std::string_view text, Random& random) {
  std::size_t at = 0;
  for (int i = 0; i < 8; ++i) {
    at = static_cast<std::size_t>(random.below(static_cast<int>(text.size())));
    const std::size_t start = line_start(text, at);
    if (!is_blank(text.substr(start, line_end(text, at) - start))) break;
  }
  return on_character(text, at);
}

}  // namespace

HoleCut cut_hole(std::string_view text, Random& random) {
  const std::size_t at = pick_in_line(text, random);
  const std::size_t start = line_start(text, at), end = line_end(text, at);
  const double kind = random.uniform();
  if (kind < 0.25) return {at, end};                                // the rest of the line
  if (kind < 0.45) return {start, end};                             // the line without its newline
  if (kind < 0.60) return {start, std::min(end + 1, text.size())};  // the line with its newline
  if (kind < 0.70) {                                                // the line after its indentation
    const std::size_t word = text.find_first_not_of(" \t", start);
    return {std::min(word, end), end};
  }
  if (kind < 0.85) {  // to the end of one of the next lines
    return {kind < 0.77 ? at : start, lines_end(text, end, random.between(1, 4))};
  }
  const std::size_t length = static_cast<std::size_t>(random.between(1, 48));  // any span
  return {at, on_character(text, at + length)};
}

HoleCut cut_lines(std::string_view text, int most, Random& random) {
  const std::size_t at = pick_in_line(text, random);
  return {line_start(text, at), lines_end(text, line_end(text, at), random.below(most))};
}

}  // namespace seedling
