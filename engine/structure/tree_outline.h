// engine/structure/tree_outline.h
//
// TreeOutline: the kinds of a text's syntax nodes in the order in which a walk enters and leaves them, which
// tells whether a text that was put into a hole is whole by itself.
//   Pure; any thread; one parse. Errors: unsupported for an unknown language.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/result.h"

namespace seedling {

struct TreeOutline {
  std::vector<std::int32_t> events;  // 2 * symbol where a node is entered, 2 * symbol + 1 where it is left
  int errors = 0;                    // ERROR nodes other than a lone ";"
};

// Events of Python's `pass`: the statement and its keyword.
inline constexpr std::size_t kOutlineOfPass = 4;

Result<TreeOutline> tree_outline(std::string_view text, std::string_view language);

// Whether `filled` is `empty` with something put in at one place, where `left_out` events of `empty` gave
// way. Only the order of the events counts, as in SAFIM: a text that closes a block and opens one like it
// adds only.
bool adds_only(const TreeOutline& empty, const TreeOutline& filled, std::size_t left_out);

}  // namespace seedling
