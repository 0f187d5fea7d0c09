// engine/structure/hole_names.h
//
// HoleNames: the names that may be used where a hole is, as words: bare ones, and those behind an object.
//   A value, made in one pass over a scope table; any thread. More names than the language would let be used
//   there, never fewer of those that the text shows, and of those that it brings in from its neighbours.
//   Errors: none.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/structure/exports.h"
#include "engine/structure/gap_names.h"
#include "engine/structure/scopes.h"

namespace seedling {

// What the text knows of the members of one object.
struct Receiver {
  std::string object;                // self, this, or a variable
  std::vector<std::string> members;  // sorted, without repetitions
  bool has_known_class = false;      // or is a module that is known: few of its members can be missing
};

struct HoleNames {
  std::vector<std::string> names;  // sorted: what the text names anywhere, keywords and built-in names
  bool are_all = false;            // no other name can be known there
  // Sorted by object: those whose class the text declares or brings in from a neighbour, modules that are
  // neighbours, and those behind which the text names members elsewhere.
  std::vector<Receiver> receivers;
  GapNames gap;  // what the hole may be there for; made by DocumentTree::names_around() alone
};

// `at`: where a word stands in the text that is no name of it.
HoleNames hole_names(const ScopeTable& table, std::string_view text, ByteOffset at,
                     std::span<const Neighbour> around = {});

}  // namespace seedling
