// engine/sampler/denoise.h
//
// Fills a hole by block diffusion: masks a block, commits what the model is sure of at each step (at least
// one token), makes the finished block context, and goes on until <end> stands or a limit is reached.
//   Runs on the thread that owns the sequence; polls `stop` before every step.
//   Guarantees: at most one step per token; a later block never changes an earlier one; no half-denoised tail
//   is returned: at a limit the result is cut before the first masked position. Errors: stopped; those of the
//   backend.
#pragma once

#include <memory>

#include "engine/sampler/decoder.h"

namespace seedling {

// What the input refers to outlives it.
std::unique_ptr<Decoder> make_denoiser(DecodeInput input, const DecodeOptions& options,
                                       StepObserver observer = {});

Result<Decoded> denoise(const DecodeInput& input, const DecodeOptions& options, std::stop_token stop,
                        const StepObserver& observer = {});

}  // namespace seedling
