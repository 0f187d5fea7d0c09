// engine/sampler/causal.h
//
// Fills a hole with the same weights one token at a time: the twin that block diffusion is measured against.
//   Same edges, limits, outcome and errors as denoise(); a step is one token.
#pragma once

#include <memory>

#include "engine/sampler/decoder.h"

namespace seedling {

// What the input refers to outlives it.
std::unique_ptr<Decoder> make_causal_decoder(DecodeInput input, const DecodeOptions& options,
                                             StepObserver observer = {});

Result<Decoded> decode_causally(const DecodeInput& input, const DecodeOptions& options, std::stop_token stop,
                                const StepObserver& observer = {});

}  // namespace seedling
