// engine/structure/extract_variable.h
//
// Refactor: gives the value of an expression a name. All but the name is computed here.
//   Pure; any thread. Deterministic: the same snapshot and selection give the same plan.
//   From a selection (blanks around it ignored): the expression that it covers exactly. From a cursor: the
//   smallest expression around it that is worth a name. The declaration goes before the statement.
//   No plan (nullopt) where the change could alter what the program does or would not parse: targets of
//   assignments, default arguments, decorators, lambda bodies, loop conditions and updates, imports, types,
//   f-strings, case labels, elif and else-if conditions, whole expression statements, names bound by the
//   statement itself, and operands that run later or not always (right of `and`, branches of a conditional,
//   comprehensions) unless they can neither fail nor have an effect.
//   As usual for this refactoring, the order of two calls in one statement may change.
//   In C a type has to be written, so a plan exists only where it is evident (literals, comparisons, casts).
//   Errors: unsupported for an unknown language.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

// The new text is before_name + name + after_name at insert_at, and the name in place of each use.
struct ExtractVariable {
  std::string before_name;
  std::string after_name;
  ByteOffset insert_at;
  std::vector<ByteRange>
      uses;  // sorted; the chosen expression, and equal ones of its statement that cannot differ
  ByteRange chosen;
  std::string expression;
  std::vector<std::string>
      names_in_scope;                   // sorted; what the new name must not be: visible or used around it
  std::string suggested_fallback_name;  // valid and free
};

Result<std::optional<ExtractVariable>> plan_extract_variable(const Snapshot& snapshot, ByteRange selection);

// Whether the name is well formed in the snapshot's language and collides with nothing.
bool is_name_free(const ExtractVariable& plan, const Snapshot& snapshot, std::string_view name);

// The edits for a name, sorted. REQUIRES: the plan was made from this snapshot.
std::vector<Edit> apply_name(const ExtractVariable& plan, const Snapshot& snapshot, std::string_view name);

}  // namespace seedling
