// engine/fix.h
//
// Fix: rewrites the statements at a diagnostic, with its message in the model's context.
//   Runs on the engine thread. Every candidate is checked against the text as it is; nothing is offered
//   unless it parses better, or, where the text parses already, parses still and is likelier under the same
//   weights. Errors: those of fill(); invalid_input for an action without a diagnostic inside the text.
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>

#include "engine/fill.h"
#include "engine/generator.h"

namespace seedling {

inline constexpr std::string_view kFixName = "fix";

// The action for one diagnostic; none where there is nothing to rewrite.
std::optional<Action> offer_fix(const Snapshot& snapshot, const Diagnostic& diagnostic);

// At most one edit, as small as can be. REQUIRES: the action's range lies in the snapshot.
Result<ResolvedAction> fix(ModelSession& session, const ResolveActionRequest& request, std::stop_token stop);

}  // namespace seedling
