// cli/eval/reexamine.h
//
// Edits a text of which nobody says where: what the failing test of a bug or an instruction asks for.
//   The thread that owns the engine. Errors: those of the engine; stopped.
#pragma once

#include <stop_token>
#include <string>

#include "engine/engine.h"
#include "engine/result.h"

namespace seedling::cli {

struct AskRules;

// What the engine's fix makes of one diagnostic.
Result<ResolvedAction> fix_at(Engine& engine, const SnapshotPtr& snapshot, const Diagnostic& diagnostic,
                              const AskRules& rules, std::stop_token stop);

// Tries a fix with the message at every line (kMostPlaces of them, evenly spaced), and keeps the one that
// makes the whole text likeliest to the same weights; no edit where none makes it likelier than it is.
inline constexpr int kMostPlaces = 16;
Result<ResolvedAction> reexamine(Engine& engine, const SnapshotPtr& snapshot, const std::string& message,
                                 const AskRules& rules, std::stop_token stop);

SnapshotPtr with_text(const Snapshot& snapshot, std::string text);

}  // namespace seedling::cli
