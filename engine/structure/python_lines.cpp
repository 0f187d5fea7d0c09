#include "engine/structure/python_lines.h"

#include <algorithm>

namespace seedling {

PythonLines::PythonLines() : scanner_("python") {}

void PythonLines::read(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const bool was_in_code = scanner_.is_in_code(), was_in_comment = scanner_.is_in_comment();
    const bool is_newline = c == '\n' && (was_in_comment || is_plain());
    const std::size_t next = scanner_.step(text, at);
    if (is_newline) {
      end_line();
    } else if (was_in_code && counts_blanks_ && !is_begun_ && (c == ' ' || c == '\t' || c == '\f')) {
      ++width_;
      is_blind_ = is_blind_ || c != ' ';
    } else if (was_in_code && c != ' ' && c != '\t' && c != '\r' && c != '\n' && !scanner_.is_in_comment()) {
      if (!is_begun_) begin_line();
      is_continued_ = c == '\\';
      last_ = c;
    } else if (!was_in_code && !was_in_comment) {
      last_ = '"';
      is_continued_ = false;
    }
    if (c != ' ' && c != '\t' && c != '\f') counts_blanks_ = is_newline;
    at = next;
  }
}

void PythonLines::begin_line() {
  if (!may_begin_at(width_)) ++problems_;
  is_begun_ = true;
  line_width_ = width_;
  while (levels_.size() > 1 && levels_.back() > width_) levels_.pop_back();
  if (levels_.back() < width_) levels_.push_back(width_);
  is_indented_ = false;
}

void PythonLines::end_line() {
  if (is_continued_) {
    is_continued_ = false;
    return;
  }
  if (is_begun_) is_indented_ = last_ == ':';
  if (is_begun_ && is_operator(last_)) ++problems_;
  is_begun_ = false;
  width_ = 0;
  last_ = '\n';
}

bool PythonLines::is_at_line_start() const {
  return !is_begun_ && counts_blanks_ && is_plain();
}

bool PythonLines::has_level(int width) const {
  return is_blind_ || std::find(levels_.begin(), levels_.end(), width) != levels_.end();
}

bool PythonLines::may_begin_at(int width) const {
  if (is_blind_) return true;
  return is_indented_ ? width > levels_.back() : has_level(width);
}

int first_line_width(std::string_view text) {
  PythonLines lines;
  for (std::size_t begin = 0; begin < text.size() && lines.line_width() < 0;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    lines.read(text.substr(begin, end - begin));
    begin = end;
  }
  return lines.line_width();
}

}  // namespace seedling
