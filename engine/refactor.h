// engine/refactor.h
//
// Refactor: everything but the name is computed from the tree; the model chooses the name.
//   Runs on the engine thread. The name's places share their tokens: it is decoded once, from the sum of what
//   the model says at its declaration and at its uses. Guarantees: the name is an identifier, no keyword, and
//   collides with nothing; the plan's own name is taken where the model finds none. Errors: those of the
//   backend; stopped. Nothing to extract gives no edits and a reason.
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>

#include "engine/fill.h"
#include "engine/generator.h"

namespace seedling {

inline constexpr std::string_view kExtractVariableName = "extract-variable";

std::optional<Action> offer_extract_variable(const Snapshot& snapshot, ByteRange selection);

// REQUIRES: the action's range lies in the snapshot.
Result<ResolvedAction> extract_variable(ModelSession& session, const ResolveActionRequest& request,
                                        std::stop_token stop);

}  // namespace seedling
