// engine/re_examine.h
//
// Re-examine: the selected lines are a draft, and the model says what it would change in them.
//   Runs on the engine thread. Only edits that the model is sure of are made; the result is offered if it
//   parses no worse, uses no name that nothing declares, and is likelier under the same weights than what
//   stands there, by more for every byte that it changes. Errors: those of fill().
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>

#include "engine/fill.h"
#include "engine/generator.h"

namespace seedling {

inline constexpr std::string_view kReExamineName = "re-examine";

// None for an empty or blank selection, one that is too long to be read at once, and a model that does not
// edit.
std::optional<Action> offer_re_examine(const Snapshot& snapshot, ByteRange selection,
                                       const ModelConfig& config);

// At most one edit, as small as can be. REQUIRES: the action's range lies in the snapshot; can_revise().
Result<ResolvedAction> re_examine(ModelSession& session, const ResolveActionRequest& request,
                                  std::stop_token stop);

}  // namespace seedling
