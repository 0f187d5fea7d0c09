// engine/sampler/score.h
//
// Proposal: which token a position should get, and how sure the model is of it; and the draw that makes
// candidates differ.
//   Pure; thread-free; deterministic. confidence is higher-is-surer, in [0, 1].
#pragma once

#include <cstdint>
#include <span>
#include <vector>

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
// logits: [V] f32. REQUIRES: temperature > 0.
Proposal draw(int position, std::span<const float> logits, const TokenSet& allowed, float temperature,
              std::uint64_t seed, std::uint64_t step);

// The first `count` tokens to be drawn like that, none of them twice and `left_out` never; fewer where there
// are not as many.
std::vector<TokenId> draw_others(int position, std::span<const float> logits, const TokenSet& allowed,
                                 float temperature, std::uint64_t seed, std::uint64_t step, TokenId left_out,
                                 int count);

// An allowed token of a row as a proposal.
Proposal proposal_for(int position, std::span<const float> logits, TokenId token);

}  // namespace seedling
