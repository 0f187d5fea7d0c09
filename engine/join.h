// engine/join.h
//
// A hole behind which its line goes on: a text that leads into what stands there.
//   A small model hardly ever ends where the line goes on; what it is good at is writing a line to its end.
//   So it writes as if the rest of the line were missing too, and of all places where the text can be cut
//   that one is taken at which the beginning, the rest of the line and <end> are likeliest together, by the
//   causal reading of the same weights. A word that the hole's right edge cuts is scored whole. Runs on the
//   engine thread. Errors: those of fill().
#pragma once

#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "engine/fill.h"

namespace seedling {

// What of the hole's suffix has to be led into: the rest of its line, if that says more than brackets and
// punctuation do; empty where fill() alone does.
std::string_view line_behind(std::string_view suffix);

// One text for each variation at most, the likeliest first; none where no text was found that fits, nor where
// there is nothing to lead into, the hole is not constrained or a draft is to be revised.
Result<std::vector<FilledText>> join(ModelSession& session, const FillRequest& request,
                                     std::span<const Variation> variations, std::stop_token stop,
                                     const StepObserver& observer = {});

// What join() finds; else what fill() does.
Result<FilledText> fill_or_join(ModelSession& session, const FillRequest& request, std::stop_token stop,
                                const StepObserver& observer = {});

}  // namespace seedling
