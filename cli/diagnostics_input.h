// cli/diagnostics_input.h
//
// What is wrong with a document, as others say it: a JSON list, or what a compiler, linter, test or Python
// itself prints.
//   Pure but for reading the JSON file. Positions past the end are moved to it: the file may have changed.
//   Errors: one line that names the JSON file and the entry that is wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/generator.h"
#include "engine/result.h"

namespace seedling::cli {

// [{"line","col","end_line"?,"end_col"?,"message","source"?,"code"?}], counted from 1.
Result<std::vector<Diagnostic>> read_diagnostics(const std::string& path, const Snapshot& snapshot);

// Those lines of a program's output that speak of the document, without repetitions, in the order of the
// text:
//   FILE:LINE:COL: message, FILE:LINE: message, FILE(LINE,COL): message, and Python's  File "FILE", line LINE
//   with the error that ends the traceback.
std::vector<Diagnostic> diagnostics_in(std::string_view output, const Snapshot& snapshot);

// What a message has in quotes: what stands in g++'s before what stands in plain ones.
std::vector<std::string_view> quoted_parts(std::string_view message);

// Where a tool means that a message's line and column are. g++ counts a tab as the columns up to the next
// multiple of eight, everybody else as one: of the two places the one where a word of the message stands
// counts, else g++'s quotes tell.
ByteOffset reported_offset(const Snapshot& snapshot, int line, int column, std::string_view message);

}  // namespace seedling::cli
