// engine/structure/statements.h
//
// Which stretch of text a fix for a diagnostic may rewrite.
//   Pure; any thread. A range past the end of the text is clamped to it.
//   The result covers whole statements: it begins at the first non-blank of the first one (its indentation is
//   kept outside) and ends before the newline that follows the last one.
//   Several statements touched by the range give all of them.
//   If the range begins in the header of a compound statement (def, if, for, class, ...), only the header is
//   returned, up to the end of the line that opens the body, with a body that ends on that same line.
//   Whole lines are returned where no statement fits: in broken syntax, between statements, or when the
//   statement is longer than kMaxStatementLines and is not what the range covers.
//   Errors: unsupported for an unknown language.
#pragma once

#include <string_view>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

inline constexpr int kMaxStatementLines = 12;

Result<ByteRange> enclosing_statement(const Snapshot& snapshot, ByteRange range);

// The text from the first non-blank of the first line touched to the last non-blank of the last one.
ByteRange whole_lines(std::string_view text, ByteRange range);

}  // namespace seedling
