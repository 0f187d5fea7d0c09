#include "engine/sampler/score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/assert.h"
#include "engine/model/row_answer.h"
#include "engine/sampler/rng.h"

namespace seedling {

Proposal draw(int position, std::span<const float> logits, const TokenSet& allowed, float temperature,
              std::uint64_t seed, std::uint64_t step, int rank) {
  SEEDLING_ASSERT(temperature > 0 && rank >= 0);
  // In the order of logit / temperature + Gumbel noise tokens are drawn from the softmax, none of them twice.
  struct Drawn {
    float value;
    TokenId token;
  };
  std::vector<Drawn> first;  // the first `wanted` of that order
  const std::size_t wanted = rank == 0 ? 1 : static_cast<std::size_t>(rank);
  RowQuery query;
  query.allowed = allowed.words();
  const TokenId left_out = rank == 0 ? -1 : answer_row(logits, query).token;
  for (std::size_t i = 0; i < logits.size(); ++i) {
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
  if (first.size() == wanted) query.target = first.back().token;
  const RowAnswer answer = answer_row(logits, query);
  if (query.target < 0) return {position, answer.token, rank == 0 ? 0 : answer.confidence};
  return {position, query.target, std::exp(answer.target_log_probability)};
}

}  // namespace seedling
