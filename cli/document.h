// cli/document.h
//
// Files on the command line: FILE:LINE:COL, the text of a file as a snapshot, and writing it back.
//   LINE and COL count from 1, COL in characters. Pure but for reading and writing files; main thread.
//   Errors: invalid_input or not_found that name the file, and for a position past the end the last one there
//   is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling::cli {

struct LineColumn {
  int line = 1;
  int column = 1;
};

// FILE:LINE:COL, with -LINE:COL for a selection.
struct Place {
  std::string file;
  LineColumn begin;
  std::optional<LineColumn> end;
};
Result<Place> parse_place(const std::string& text);

// The file as UTF-8 text, its language told by its extension ("text" where unknown).
Result<SnapshotPtr> open_document(const std::string& file);

Result<ByteOffset> offset_of(const Snapshot& snapshot, LineColumn at);
// The nearest position that there is.
ByteOffset clamped_offset_of(const Snapshot& snapshot, LineColumn at);
Result<ByteRange> range_of(const Snapshot& snapshot, const Place& place);  // empty for a cursor
LineColumn position_of(std::string_view text, ByteOffset at);

// The line's bytes without its end; empty past the last one. Lines count from 1.
ByteRange line_range(std::string_view text, int line);

// Whole file; a temporary one is renamed over it, with its permissions.
Status write_document(const std::string& file, std::string_view text);

// The text after edits that do not overlap.
std::string with_edits(std::string_view text, std::vector<Edit> edits);

}  // namespace seedling::cli
