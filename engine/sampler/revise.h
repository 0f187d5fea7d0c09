// engine/sampler/revise.h
//
// Rewrites a draft by block diffusion: the model says of every token whether it stays, is another one, goes,
// or has one missing in front of it, until nothing changes any more.
//   Runs on the thread that owns the sequence; polls `stop` before every step.
//   A round is one pass over a block that shows the draft. Of its answers are applied: at masks what
//   denoising would commit, and at visible tokens what is surer than edit_threshold; a token whose own
//   probability is below reopen_threshold becomes a mask (reopen). A draft that comes back to a state it had
//   before, or does not settle within a bounded number of rounds, is no longer edited: its masks are filled
//   and the block is done. A finished block becomes context; what its edits pushed out waits for the next.
//   The result is certain from its first to its last position, like a denoised canvas. Errors: stopped;
//   unsupported for a model without tokens to edit with; those of the backend.
//   Source: LLaDA2.1's and 2.2's token editing; DESIGN.md sections 6 and 7.
#pragma once

#include "engine/model/config.h"
#include "engine/sampler/decode.h"
#include "engine/sampler/edit_labels.h"

namespace seedling {

// Whether the model has been trained to judge what it sees, so that its edits mean something.
bool can_revise(const ModelConfig& config);

// draft: without <end>. No partial word touches the hole: a draft is whole words. REQUIRES: can_revise().
Result<Decoded> revise(const DecodeInput& input, std::span<const TokenId> draft, const DecodeOptions& options,
                       std::stop_token stop, const StepObserver& observer = {});

}  // namespace seedling
