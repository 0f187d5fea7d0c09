// engine/structure/python_lines.h
//
// PythonLines: reads Python from line to line and knows which indentation may come next: what the language
// demands and a tree does not say, because the parser takes lines that are indented too much or too little.
//   A plain value, to be copied where several continuations of a text are tried. One thread.
//   Only logical lines count: not blank ones, comments, and what stands in brackets or strings or behind a
//   backslash. Where a tab or form feed indents, widths say nothing: then everything fits.
//   Source: the Python language reference, 2.1.8 (indentation).
#pragma once

#include <string_view>
#include <vector>

#include "engine/structure/lexical.h"

namespace seedling {

class PythonLines {
 public:
  PythonLines();

  // Goes on reading. REQUIRES: every piece but the last one ends with a line.
  void read(std::string_view text);

  // Lines read so far that are indented as no line may be there, or lack what an operator at their end needs.
  int problem_count() const { return problems_; }

  // Whether a logical line begins here: nothing but blanks stands before it, `width()` of them.
  bool is_at_line_start() const;
  int width() const { return width_; }

  // Whether a line of that width may begin here. REQUIRES: is_at_line_start().
  bool may_begin_at(int width) const;

  // Whether that is the width of a block around the place.
  bool has_level(int width) const;
  // Nobody indents further by one block; where any depth fits, that is how far one need look.
  static constexpr int kMostIndentation = 40;

  // Of the logical line read last, which may be unfinished: how far it is indented, and whether it opens a
  // block so far; -1 where there was none yet.
  int line_width() const { return line_width_; }
  bool opens_block() const { return last_ == ':' && is_plain(); }

  bool lacks_operand() const { return is_begun_ && is_plain() && is_operator(last_); }
  // Of what comes next, where a line begins: whether it has to be deeper.
  bool expects_block() const { return is_indented_; }

  // Code outside of brackets.
  bool is_plain() const { return scanner_.is_in_code() && scanner_.open_brackets().empty(); }
  const Scanner& scanner() const { return scanner_; }

 private:
  void begin_line();
  void end_line();
  static bool is_operator(char byte) {
    return std::string_view("=+-/%&|^<>~!").find(byte) != std::string_view::npos;
  }

  Scanner scanner_;
  std::vector<int> levels_{0};  // widths of the blocks around the line, ascending
  int width_ = 0;               // blanks at the start of the physical line
  int line_width_ = -1;
  int problems_ = 0;
  bool is_begun_ = false;      // a logical line goes on
  bool is_indented_ = false;   // the next line has to be deeper
  bool counts_blanks_ = true;  // nothing but blanks so far on the physical line
  bool is_continued_ = false;  // a backslash ends the line
  bool is_blind_ = false;      // tabs or form feeds indent
  char last_ = '\n';           // byte of the logical line that is no blank and no comment
};

// The first logical line of a text that begins with a line: its width; -1 if there is none.
int first_line_width(std::string_view text);

}  // namespace seedling
