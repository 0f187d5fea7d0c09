// engine/structure/gap_names.h
//
// GapNames: what the names around a gap in a text say of what is missing there: names that are used behind it
// and declared nowhere before it, and names that are declared before it and read nowhere.
//   A value, made from a scope table; any thread. Only what is surely so counts, in scopes that are closed
//   but for names of other files. Errors: none; a text whose scopes nobody knows says nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/structure/scopes.h"
#include "engine/types.h"

namespace seedling {

struct GapNames {
  // In the order of their first use. A line in the gap has to declare them; outside of functions and types it
  // may import them.
  std::vector<std::string> missing;
  bool is_outermost = false;
  // Of these, what numbers are added to, and what gets elements: how they are used says what they begin as.
  std::vector<std::string> counted, collected;

  // In the order of the text: variables and parameters of the innermost function around the gap.
  std::vector<std::string> unread;

  // Where nothing of that function stands behind the gap: which of its variables are unread, and whether it
  // says that it returns something.
  std::vector<std::string> returned;
  bool may_return = false;
};

// More missing names are no gap but a text that is not written yet: then none is named.
inline constexpr std::size_t kMostMissingNames = 3;

// `table`: of `text`, which has nothing in the gap.
GapNames gap_names(const ScopeTable& table, std::string_view text, ByteOffset gap);

}  // namespace seedling
