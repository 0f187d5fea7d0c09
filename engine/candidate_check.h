// engine/candidate_check.h
//
// Whether a text that the model wrote may stand in a document: what completion and fix ask of every
// candidate.
//   Pure; any thread. Each question parses the whole text once.
//   Errors: stopped when the token was set. A language without a grammar has no verdict: everything may
//   stand.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

std::string with_edit(std::string_view text, const Edit& edit);

// Whether no name in the new text of `edit` is one that nothing declares. A text with a syntax error elsewhere
// passes, and one that depends on other files does: those are not read here.
Result<bool> uses_declared_names(const Snapshot& snapshot, const Edit& edit, std::stop_token stop);

// How many uses of undeclared names the text has as it is.
Result<int> undeclared_count(const Snapshot& snapshot, std::stop_token stop);

}  // namespace seedling
