// engine/complete.h
//
// Inline completion: one hole at the cursor, filled, trimmed to what fits there, and checked.
//   Runs on the engine thread. Guarantees: every completion is valid UTF-8, not blank, different from the
//   others and from the text that follows, parses no worse than the text without it, and uses no undeclared
//   name. Errors: those of fill().
#pragma once

#include <stop_token>
#include <vector>

#include "engine/fill.h"
#include "engine/generator.h"

namespace seedling {

Result<std::vector<Completion>> complete(ModelSession& session, const CompleteRequest& request,
                                         float least_confidence, std::stop_token stop,
                                         const StepObserver& observer = {});

}  // namespace seedling
