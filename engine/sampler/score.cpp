#include "engine/sampler/score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/assert.h"
#include "engine/model/row_answer.h"
#include "engine/sampler/rng.h"

namespace seedling {

std::vector<TokenId> draw_others(int position, std::span<const float> logits, const TokenSet& allowed,
                                 float temperature, std::uint64_t seed, std::uint64_t step, TokenId left_out,
                                 int count) {
  SEEDLING_ASSERT(temperature > 0 && count >= 0);
  // In the order of logit / temperature + Gumbel noise tokens are drawn from the softmax, none of them twice.
  struct Drawn {
    float value;
    TokenId token;
  };
  std::vector<Drawn> first;  // the first `count` of that order
  const auto wanted = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < logits.size() && wanted > 0; ++i) {
    const TokenId token = static_cast<TokenId>(i);
    if (!allowed.contains(token) || token == left_out) continue;
    const float gumbel = -std::log(-std::log(uniform(seed, step, position, i)));
    const Drawn drawn{logits[i] / temperature + gumbel, token};
    if (!(drawn.value > -std::numeric_limits<float>::infinity())) continue;
    if (first.size() == wanted && !(drawn.value > first.back().value)) continue;
    if (first.size() == wanted) first.pop_back();
    const auto behind = std::ranges::find_if(first, [&](const Drawn& d) { return d.value < drawn.value; });
    first.insert(behind, drawn);
  }
  std::vector<TokenId> tokens;
  for (const Drawn& drawn : first) tokens.push_back(drawn.token);
  return tokens;
}

Proposal proposal_for(int position, std::span<const float> logits, TokenId token) {
  RowQuery query;
  query.target = token;
  return {position, token, std::exp(answer_row(logits, query).target_log_probability)};
}

Proposal draw(int position, std::span<const float> logits, const TokenSet& allowed, float temperature,
              std::uint64_t seed, std::uint64_t step) {
  const std::vector<TokenId> first = draw_others(position, logits, allowed, temperature, seed, step, -1, 1);
  if (!first.empty()) return proposal_for(position, logits, first.front());
  RowQuery query;
  query.allowed = allowed.words();
  return {position, answer_row(logits, query).token, 0};
}

}  // namespace seedling
