// engine/sampler/causal.h
//
// Fills a hole with the same weights one token at a time: the twin that block diffusion is measured against.
//   Same edges, limits, outcome and errors as denoise(); a step is one token.
#pragma once

#include "engine/sampler/decode.h"

namespace seedling {

Result<Decoded> decode_causally(const DecodeInput& input, const DecodeOptions& options, std::stop_token stop,
                                const StepObserver& observer = {});

}  // namespace seedling
