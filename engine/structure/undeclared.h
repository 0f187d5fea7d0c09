// engine/structure/undeclared.h
//
// Uses of names that nothing declares, in every language that has scopes.
//   Pure; any thread. Only what is sure is reported: a use is judged where its scope and all scopes around it
//   are closed (scopes.h says what opens one), in a text without a syntax error. Names that other files bring
//   in are judged only with the surroundings of the text; without them a text that depends on other files
//   gives none. Labels and members are not judged. Errors: unsupported for an unknown language, stopped when
//   the token was set.
#pragma once

#include <stop_token>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/structure/scopes.h"
#include "engine/structure/verdict.h"
#include "engine/types.h"

namespace seedling {

// What the other files that a text depends on declare.
struct Surroundings {
  std::vector<NameKey> names;  // sorted, without repetitions
  bool are_complete = false;   // every file that may declare a name of the text was read
};

// Whether a text sees what stands around its #include, so that nothing closes it: a header.
bool is_included(std::string_view path, const Grammar& grammar);

// Whether names of this role may be declared for the whole project by files that nothing mentions: the types
// of TypeScript.
bool may_be_ambient(UseRole role, const Grammar& grammar);

// Makes the first call as quick as the next ones; takes some milliseconds. Any thread.
void prepare_undeclared_uses();

Result<std::vector<SyntaxProblem>> undeclared_uses(const Snapshot& snapshot, std::stop_token stop = {},
                                                   const Surroundings& around = {});

// The same of a table that is there already, as references; a broken scope is not judged, the others are.
std::vector<Reference> undeclared_references(const ScopeTable& table, const Surroundings& around = {});

}  // namespace seedling
