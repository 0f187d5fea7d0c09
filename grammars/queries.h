// grammars/queries.h
//
// The text of the queries that were embedded at build time, by file name: "python/statements.scm".
//   Immutable; any thread. An unknown name gives an empty text.
#pragma once

#include <string_view>

namespace seedling {

std::string_view query_text(std::string_view name);

}  // namespace seedling
