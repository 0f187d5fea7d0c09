// cli/misspellings.h
//
// How much of what a programmer mistypes the structural check reports: a measurement, not part of the check.
//   Takes one name used in a function, changes two letters of it, judges the whole text again and looks
//   whether that place is reported. Deterministic for a seed; one thread. Errors: none of its own; a file
//   that cannot be judged has no functions.
#pragma once

#include <cstdint>

#include "engine/structure/surroundings.h"
#include "engine/types.h"

namespace seedling::cli {

struct Misspellings {
  int functions = 0;         // seen
  int closed_functions = 0;  // of which nothing unseen may declare a name
  int tried = 0;             // names misspelt, each in a closed function of its own
  int caught = 0;
};

// Adds what `snapshot` shows, until `most` names were tried; `number` numbers the files.
//   `reader` reads the files that the text depends on; null: they stay unknown.
void add_misspellings(const Snapshot& snapshot, std::uint64_t seed, std::uint64_t number, int most,
                      WorkspaceReader* reader, Misspellings& sum);

}  // namespace seedling::cli
