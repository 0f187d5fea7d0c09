#include "engine/offer_rules.h"

#include <algorithm>
#include <array>

#include "engine/sampler/finish.h"
#include "engine/structure/extent.h"
#include "engine/structure/layout.h"
#include "engine/structure/lines.h"

namespace seedling {
namespace {

// A line of fewer letters says the same in many places (`}`, `pass`, `end`).
constexpr std::size_t kLettersOfALine = 5;

// A run of equal lines in the text, or of lines like the one above the cursor, is a model that goes round in
// circles.
constexpr std::size_t kMostEqualLines = 3;

std::string_view before_cursor(const OfferPlace& place) {
  return std::string_view(place.snapshot.text).substr(0, place.cursor.value);
}

std::string_view behind_cursor(const OfferPlace& place) {
  return std::string_view(place.snapshot.text).substr(place.cursor.value);
}

bool has_enough_letters(std::string_view line) {
  return std::count_if(line.begin(), line.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
         }) >= static_cast<std::ptrdiff_t>(kLettersOfALine);
}

// The cursor's line as it will be, up to the end of the text's first line.
std::string first_line_with(const OfferPlace& place, std::string_view text) {
  const std::string_view before = before_cursor(place);
  std::string line(before.substr(line_start(before, before.size())));
  line += text.substr(0, line_end(text, 0));
  if (line_end(text, 0) == text.size()) {
    const std::string_view behind = behind_cursor(place);
    line += behind.substr(0, line_end(behind, 0));
  }
  return line;
}

// --- the rules ---

// The markers of our own vocabulary and of others, where a model spells them out letter by letter.
std::string_view without_special_tokens(const OfferPlace&, std::string_view text) {
  constexpr std::array<std::string_view, 3> kMarks = {"<|", "<fim_", "<\xEF\xBD\x9C"};
  for (const std::string_view mark : kMarks) text = text.substr(0, text.find(mark));
  return text;
}

// Rather too often than too seldom: `if (x)` looks like a call that is done.
bool goes_on_below(std::string_view line) {
  if (line.ends_with("else") || line.ends_with("do")) return true;
  constexpr std::string_view kGoesOn = "{([):,\\=+-*/%&|?<.";
  return !line.empty() && kGoesOn.find(line.back()) != std::string_view::npos;
}

// Where a line of code is done, the next one stands no deeper: an indentation that the model wrote although
// the editor had put it there already goes.
std::string_view without_indentation_twice(const OfferPlace& place, std::string_view text) {
  const std::string_view before = before_cursor(place);
  const std::size_t start = line_start(before, before.size());
  const std::string_view own = before.substr(start);
  const std::string_view given = indent_of(text);
  if (!is_blank(own) || given.empty() || given.size() == text.size() || text[given.size()] == '\n')
    return text;
  const std::string_view above = before.substr(0, rtrimmed_size(before.substr(0, start)));
  const std::string_view line = above.substr(line_start(above, above.size()));
  if (goes_on_below(line)) return text;
  const std::size_t wanted = std::max(width(indent_of(line)), width(own));
  std::size_t taken = 0;
  const auto columns = [&] { return width(std::string(own) + std::string(given.substr(taken))); };
  while (taken < given.size() && columns() > wanted) ++taken;
  return text.substr(taken);
}

// Up to the first blank line: what stands behind it is another thought, and seldom a good one.
std::string_view first_paragraph(const OfferPlace&, std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlankBytes);
  return text.substr(0, begin == std::string_view::npos ? begin : text.find("\n\n", begin));
}

// One line over and over again, with or without the lines above the cursor, is dropped whole.
std::string_view unless_repetitive(const OfferPlace& place, std::string_view text) {
  if (repetition_start(text) != std::string_view::npos) return {};
  std::string_view line = {};
  std::size_t equal = 0;
  std::string_view above =
      before_cursor(place).substr(0, line_start(before_cursor(place), place.cursor.value));
  const std::string first = first_line_with(place, text);
  // Lines above that say what the text's first line says.
  for (line = trimmed(first); !line.empty() && !above.empty();) {
    above.remove_suffix(1);
    const std::size_t start = line_start(above, above.size());
    if (trimmed(above.substr(start)) != line) break;
    ++equal;
    above = above.substr(0, start);
  }
  return has_enough_letters(line) && equal + 1 >= kMostEqualLines ? std::string_view{} : text;
}

// A line that stands right above already.
std::string_view unless_line_above(const OfferPlace& place, std::string_view text) {
  const std::string_view before = before_cursor(place);
  std::size_t start = line_start(before, before.size());
  const std::string line = first_line_with(place, text);
  if (is_blank(line)) return text;
  while (start > 0) {
    const std::size_t above = line_start(before, start - 1);
    const std::string_view other = before.substr(above, start - 1 - above);
    if (!is_blank(other))
      return trimmed(other) == trimmed(line) && has_enough_letters(line) ? std::string_view{} : text;
    start = above;
  }
  return text;
}

std::string_view first_statement_only(const OfferPlace& place, std::string_view text) {
  if (!place.is_one_statement) return text;
  return text.substr(0, first_statement(place.snapshot, place.cursor, text));
}

// Line count, the cursor's block, brackets that are closed behind the cursor, the rest of its line.
std::string_view what_fits(const OfferPlace& place, std::string_view text) {
  return text.substr(0, trim_completion(place.snapshot, place.cursor, text, place.max_lines));
}

// What the lines behind the cursor say already: all of the text, or its last lines.
std::string_view without_what_follows(const OfferPlace& place, std::string_view text) {
  const std::string_view behind = behind_cursor(place);
  const std::string_view said = trimmed(text);
  if (!said.empty() && trimmed(behind).starts_with(said)) return {};
  // The text's first line belongs to the cursor's; from the second one on whole lines are compared.
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    const std::string_view tail = trimmed(text.substr(at));
    const std::size_t next = behind.find('\n');
    if (tail.empty() || next == std::string_view::npos) break;
    if (has_enough_letters(tail) && trimmed(behind.substr(next)).starts_with(tail)) return text.substr(0, at);
  }
  return text;
}

std::string_view unless_blank(const OfferPlace&, std::string_view text) {
  return is_blank(text) ? std::string_view{} : text;
}

constexpr std::array kRules = {
    OfferRule{"special-tokens", without_special_tokens},
    OfferRule{"indentation", without_indentation_twice},
    OfferRule{"repetition", unless_repetitive},
    OfferRule{"line-above", unless_line_above},
    OfferRule{"paragraph", first_paragraph},
    OfferRule{"statement", first_statement_only},
    OfferRule{"fit", what_fits},
    OfferRule{"what-follows", without_what_follows},
    OfferRule{"blank", unless_blank},
};

}  // namespace

std::span<const OfferRule> offer_rules() {
  return kRules;
}

std::string_view offerable_part(const OfferPlace& place, std::string_view text) {
  for (const OfferRule& rule : kRules) {
    text = rule.apply(place, text);
    if (text.empty()) break;
  }
  return text;
}

}  // namespace seedling
