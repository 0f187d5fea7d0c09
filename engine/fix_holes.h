// engine/fix_holes.h
//
// Where a fix for a diagnostic may write, from a single token to the whole statement, and which declared
// names a misspelt one may have meant.
//   Pure; thread-free; offsets are clamped to the text. Errors: none; an unknown language gives line-wise
//   holes.
#pragma once

#include <string>
#include <vector>

#include "engine/generator.h"
#include "engine/types.h"

namespace seedling {

struct FixHoles {
  ByteRange region;              // covers all holes; what candidates are scored on
  std::vector<ByteRange> holes;  // different ones, the smallest first
  ByteRange word;                // the identifier at the diagnostic; empty if there is none
};

FixHoles fix_holes(const Snapshot& snapshot, const Diagnostic& diagnostic);

// Names declared at `word` that differ from it by a few letters, the nearest first; none if it is declared
// itself.
std::vector<std::string> likely_names(const Snapshot& snapshot, ByteRange word);

// Letters to insert, delete, replace or swap with their neighbour to turn one word into the other.
int spelling_distance(std::string_view a, std::string_view b);

// The same change as `edit`, without what both texts share at their ends. Stays on character boundaries.
Edit smallest_edit(std::string_view text, const Edit& edit);

}  // namespace seedling
