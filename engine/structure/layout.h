// engine/structure/layout.h
//
// How the text is laid out at a position, and where a completion has to end so that it fits there.
//   Pure; any thread; no parse, because the text at a cursor is usually unfinished.
//   Any language; unknown ones read as C.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/types.h"

namespace seedling {

struct Layout {
  std::string indent;                // the blanks at the start of the line
  bool line_is_blank_before = true;  // nothing but blanks between the start of the line and the position
  bool after_blank_line = false;     // the line above is blank (false on the first line)
  bool in_string = false;
  bool in_comment = false;
  std::string open_brackets;  // outermost first; '$' is the ${ of a template
  int depth() const { return static_cast<int>(open_brackets.size()); }
};

Layout layout_at(const Snapshot& snapshot, ByteOffset offset);

// How many of the brackets right behind the offset close brackets that its line has opened: those that an
// editor puts there when the opening one is typed. None if a word follows.
std::size_t closers_behind(const Snapshot& snapshot, ByteOffset offset);

// Whether `text`, inserted where `closers` stood, closes those brackets itself and says more behind them.
// `snapshot` is the document without them.
bool closes_and_goes_on(const Snapshot& snapshot, ByteOffset offset, std::string_view text,
                        std::string_view closers);

// How many bytes of `text` to keep when it is inserted at the cursor. The kept part
//   has at most max_lines lines;
//   ends before the first line that leaves the cursor's block (indented less than it), unless that line
//   closes a bracket that nothing behind the cursor closes; closes no bracket that the text behind the cursor
//   closes already; does not repeat the rest of the cursor's line or the line that follows; carries no blanks
//   at its end when the rest of the cursor's line is blank.
std::size_t trim_completion(const Snapshot& snapshot, ByteOffset cursor, std::string_view text,
                            int max_lines);

}  // namespace seedling
