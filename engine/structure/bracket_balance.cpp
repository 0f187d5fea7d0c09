#include "engine/structure/bracket_balance.h"

#include <algorithm>

#include "engine/structure/lexical.h"
#include "engine/structure/lines.h"

namespace seedling {
namespace {

// Text behind the hole that is read at most.
constexpr std::size_t kMostSuffixBytes = 32 << 10;

// Reads a text line by line: visit(line, is_code) before each of them, step(byte, was_in_code) behind each
// piece. is_code: the line begins with code, not with a comment or in a string.
template <class VisitLine, class VisitPiece>
void each_line(std::string_view text, Scanner& scanner, const VisitLine& visit_line,
               const VisitPiece& visit_piece) {
  for (std::size_t at = 0, next_line = 0; at < text.size();) {
    if (at >= next_line) {
      const std::string_view line = text.substr(at, line_end(text, at) - at);
      const std::string_view code = trimmed(line);
      const bool is_code = scanner.is_in_code() && !code.empty() && !code.starts_with("//") &&
                           !code.starts_with("/*") && !code.starts_with('#');
      visit_line(line, is_code);
      next_line = at + line.size() + 1;
    }
    const bool was_in_code = scanner.is_in_code();
    const char c = text[at];
    at = scanner.step(text, at);
    visit_piece(c, was_in_code);
  }
}

}  // namespace

BracketBalance::BracketBalance(std::string_view prefix, std::string_view suffix, std::string_view language)
    : is_known_(suffix.size() <= kMostSuffixBytes) {
  if (!is_known_) return;
  read_prefix(prefix, language);
  read_suffix(suffix, language);
  if (is_known_) find_missing();
}

void BracketBalance::note_width(std::size_t width) {
  if (width > 0) unit_ = unit_ == 0 ? width : std::min(unit_, width);
}

void BracketBalance::read_prefix(std::string_view prefix, std::string_view language) {
  Scanner scanner(language);
  std::size_t width_here = 0, line_here = 0, last_code_line = 0;
  const auto begin_line = [&](std::string_view line, bool is_code) {
    width_here = width(indent_of(line));
    ++line_here;
    if (!is_code) return;
    last_code_line = line_here;
    before_width_ = width_here;
    has_before_ = true;
    note_width(width_here);
  };
  const auto read_piece = [&](char c, bool was_in_code) {
    const std::size_t size = scanner.open_brackets().size();
    if (was_in_code && is_closer(c) && size == opened_.size()) is_known_ = false;
    opened_.resize(size, {width_here, line_here});
  };
  each_line(prefix, scanner, begin_line, read_piece);
  open_ = scanner.open_brackets();
  before_opens_ = !opened_.empty() && opened_.back().line == last_code_line;
}

void BracketBalance::read_suffix(std::string_view suffix, std::string_view language) {
  Scanner scanner(language);
  std::size_t count = 0;
  bool is_own_line = true;
  const auto begin_line = [&](std::string_view line, bool is_code) {
    if (!is_own_line && is_code) {
      note_width(width(indent_of(line)));
      if (!has_behind_) {
        behind_width_ = width(indent_of(line));
        behind_closes_ = is_closer(trimmed(line).front());
      }
      has_behind_ = true;
    }
    is_own_line = false;
  };
  const auto read_piece = [&](char c, bool was_in_code) {
    const std::size_t size = scanner.open_brackets().size();
    if (was_in_code && is_closer(c) && size == count) demanded_ += c;
    count = size;
  };
  each_line(suffix, scanner, begin_line, read_piece);
  if (count != 0 || scanner.is_in_string()) is_known_ = false;
}

bool BracketBalance::is_even(std::string_view open) const {
  return open.size() == demanded_.size() &&
         std::equal(open.rbegin(), open.rend(), demanded_.begin(), is_pair);
}

void BracketBalance::find_missing() {
  if (!has_behind_ || !has_before_ || is_even()) return;
  if (open_.size() > demanded_.size()) {
    // What was opened by a line that is indented deeper than the next one, or as deep if that closes nothing,
    // ends before it.
    const auto is_over = [&](const Opened& opened) {
      return behind_closes_ ? opened.width > behind_width_ : opened.width >= behind_width_;
    };
    const auto over = std::find_if_not(opened_.rbegin(), opened_.rend(), is_over) - opened_.rbegin();
    const std::size_t kept = demanded_.size();
    if (open_.size() - kept != static_cast<std::size_t>(over) || !is_even(open_.substr(0, kept))) return;
    for (std::size_t i = open_.size(); i > kept; --i)
      missing_closers_ += open_[i - 1] == '(' ? ')' : open_[i - 1] == '[' ? ']' : '}';
    return;
  }
  const std::string_view outer = std::string_view(demanded_).substr(demanded_.size() - open_.size());
  const bool is_deeper = behind_width_ > before_width_ + (before_opens_ ? unit_ : 0);
  misses_openers_ = is_deeper && open_.size() < demanded_.size() &&
                    std::equal(open_.rbegin(), open_.rend(), outer.begin(), is_pair);
}

}  // namespace seedling
