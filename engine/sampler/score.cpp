#include "engine/sampler/score.h"

#include <cmath>
#include <limits>

#include "engine/assert.h"
#include "engine/model/row_answer.h"
#include "engine/sampler/rng.h"

namespace seedling {

Proposal draw(int position, std::span<const float> logits, const TokenSet& allowed, float temperature,
              std::uint64_t seed, std::uint64_t step) {
  SEEDLING_ASSERT(temperature > 0);
  // The arg-max of logit / temperature + Gumbel noise is a draw from the softmax.
  float best = -std::numeric_limits<float>::infinity();
  RowQuery query;
  query.allowed = allowed.words();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (!allowed.contains(static_cast<TokenId>(i))) continue;
    const float gumbel = -std::log(-std::log(uniform(seed, step, position, i)));
    const float value = logits[i] / temperature + gumbel;
    if (value > best) {
      best = value;
      query.target = static_cast<TokenId>(i);
    }
  }
  const RowAnswer answer = answer_row(logits, query);
  if (query.target < 0) return {position, answer.token, 0};
  return {position, query.target, std::exp(answer.target_log_probability)};
}

}  // namespace seedling
