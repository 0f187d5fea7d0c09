// engine/sampler/score.h
//
// Proposal: which token a position should get, and how sure the model is of it; and the draw that makes
// candidates differ.
//   Pure; thread-free; deterministic. confidence is higher-is-surer, in [0, 1].
#pragma once

#include <cstdint>
#include <span>

#include "engine/model/backend.h"
#include "engine/sampler/token_set.h"
#include "engine/types.h"

namespace seedling {

struct Proposal {
  int position = 0;      // of the canvas
  TokenId token = -1;    // -1: nothing is allowed here
  float confidence = 0;  // softmax probability over the whole vocabulary, allowed or not
};

inline Proposal proposal_of(int position, const RowAnswer& answer) {
  return {position, answer.token, answer.confidence};
}

// An allowed token drawn from softmax(logits / temperature); its confidence is still that of temperature 1.
// NaN is never drawn; a row without a usable logit gives confidence 0 and the lowest allowed token.
// rank k > 0: the k-th to be drawn, none of them twice, with the best token left out; the best one where
// there are not as many. logits: [V] f32. REQUIRES: temperature > 0.
Proposal draw(int position, std::span<const float> logits, const TokenSet& allowed, float temperature,
              std::uint64_t seed, std::uint64_t step, int rank = 0);

}  // namespace seedling
