// engine/structure/extent.h
//
// How much a completion at a position is to write: one statement, or what is missing of a block.
//   A block is wanted where one begins that has nothing in it yet, and on a blank line behind the last
//   statement of one; everywhere else more than a statement would push aside what is there already.
//   Pure; any thread; parses only where the line of the position is blank. Unknown languages read as C.
//   Errors: stopped when the token was set.
#pragma once

#include <stop_token>
#include <string_view>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

enum class Extent { statement, block };

Result<Extent> extent_at(const Snapshot& snapshot, ByteOffset offset, std::stop_token stop = {});

// Whether the text, inserted at the offset, ends before its statement does: in a bracket that it opened, or
// where a block begins.
bool is_unfinished(const Snapshot& snapshot, ByteOffset offset, std::string_view text);

// How many bytes of `text`, inserted at the offset, are its first statement: the line that is begun there
// with whatever its brackets hold, and the lines below that are indented deeper.
std::size_t first_statement(const Snapshot& snapshot, ByteOffset offset, std::string_view text);

}  // namespace seedling
