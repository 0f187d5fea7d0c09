#include "engine/sampler/finish.h"

#include <algorithm>
#include <vector>

namespace seedling {
namespace {

constexpr std::size_t kRepetitions = 3, kLongestGroup = 4;

// A shorter circle may be a name ("hahaha"); a longer piece of a line hardly comes back five times.
constexpr std::size_t kPieceRepetitions = 5, kShortestCircle = 12, kLongestPiece = 24;

// Rows of tables have equal numbers too, but not that many.
constexpr std::size_t kNumberRepetitions = 12;

// Length that the lead byte of a UTF-8 character announces, 0 for a byte that cannot lead.
std::size_t announced_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Second bytes that would spell a surrogate, an overlong form or something past U+10FFFF.
bool is_forbidden_pair(unsigned char lead, unsigned char second) {
  return (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
         (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
}

bool has_letter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_continuation(c);
  });
}

// Where a group of equal lines begins for the second of three times in a row.
std::size_t repeated_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  std::vector<std::size_t> starts;
  for (std::size_t at = 0, newline; (newline = text.find('\n', at)) != text.npos; at = newline + 1) {
    lines.push_back(text.substr(at, newline - at));
    starts.push_back(at);
    for (std::size_t group = 1; group <= kLongestGroup && group * kRepetitions <= lines.size(); ++group) {
      const auto last = lines.end() - static_cast<std::ptrdiff_t>(group);
      const auto first = lines.end() - static_cast<std::ptrdiff_t>(group * kRepetitions);
      if (std::equal(first, last, first + static_cast<std::ptrdiff_t>(group)))
        return starts[lines.size() - group * (kRepetitions - 1)];
    }
  }
  return std::string_view::npos;
}

bool has_digit(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

// Where the circle at the end of the text begins. Rulers have no letter and are let be.
std::size_t repeated_piece(std::string_view text) {
  for (std::size_t size = 1; size <= kLongestPiece && size * kPieceRepetitions <= text.size(); ++size) {
    const std::string_view piece = text.substr(text.size() - size);
    if (piece.find('\n') != std::string_view::npos) break;
    std::size_t start = text.size() - size;
    while (start > 0 && text[start - 1] == text[start - 1 + size]) --start;
    const std::size_t run = text.size() - start;
    const std::size_t least = has_letter(piece) ? kPieceRepetitions : kNumberRepetitions;
    const bool is_piece = has_letter(piece) || (has_digit(piece) && size > 1);
    if (is_piece && run >= std::max(size * least, kShortestCircle)) return start;
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view complete_utf8(std::string_view text) {
  std::size_t start = text.size();
  while (start > 0 && text.size() - start < 3 && is_continuation(text[start - 1])) --start;
  if (start == 0) return text;
  const std::size_t length = announced_length(static_cast<unsigned char>(text[start - 1]));
  return text.size() - (start - 1) < length ? text.substr(0, start - 1) : text;
}

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = announced_length(lead);
    if (length == 0 || at + length > text.size()) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if (!is_continuation(text[at + i])) return false;
    }
    if (length > 1 && is_forbidden_pair(lead, static_cast<unsigned char>(text[at + 1]))) return false;
    at += length;
  }
  return true;
}

std::string_view strip_partial_words(std::string_view text, const PartialWords& words) {
  if (!text.starts_with(words.left)) return {};
  text.remove_prefix(words.left.size());
  if (text.ends_with(words.right)) text.remove_suffix(words.right.size());
  return text;
}

std::string_view first_lines(std::string_view text, int max_lines) {
  if (max_lines <= 0) return text;
  std::size_t at = 0;
  for (int line = 0; line < max_lines; ++line) {
    const std::size_t newline = text.find('\n', at);
    if (newline == std::string_view::npos) return text;
    at = newline + 1;
  }
  return text.substr(0, at - 1);
}

std::size_t repetition_start(std::string_view text) {
  return std::min(repeated_lines(text), repeated_piece(text));
}

}  // namespace seedling
