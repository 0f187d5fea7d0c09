// engine/sampler/score.h
//
// From a row of logits to a proposal: which token, and how sure the model is of it.
//   Pure; thread-free; deterministic. confidence is higher-is-surer, in [0, 1].
//   Guarantees: a token outside `allowed` is never proposed; NaN counts as minus infinity; a row without a
//   usable logit gives confidence 0 and the lowest allowed token. V vocabulary; every row is [V] f32.
#pragma once

#include <cstdint>
#include <span>

#include "engine/sampler/token_set.h"
#include "engine/types.h"

namespace seedling {

struct Proposal {
  int position = 0;      // of the canvas
  TokenId token = -1;    // -1: nothing is allowed here
  float confidence = 0;  // softmax probability over the whole vocabulary, allowed or not
};

// The most probable allowed token.
Proposal propose(int position, std::span<const float> logits, const TokenSet& allowed);

// An allowed token drawn from softmax(logits / temperature); its confidence is still that of temperature 1.
// REQUIRES: temperature > 0.
Proposal draw(int position, std::span<const float> logits, const TokenSet& allowed, float temperature,
              std::uint64_t seed, std::uint64_t step);

// ln of the softmax probability of `token`; -infinity where the row says nothing.
float log_probability(std::span<const float> logits, TokenId token);

// All of them at once. out: [V] f32, may be the row itself.
void log_softmax(std::span<const float> logits, std::span<float> out);

}  // namespace seedling
