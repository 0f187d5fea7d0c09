// engine/model/backend_call.h
//
// What backend.h requires of every call, in one place for all backends: a broken promise aborts.
#pragma once

#include <algorithm>
#include <span>

#include "engine/assert.h"
#include "engine/model/backend.h"

namespace seedling {

// Position of token i of the pass behind the cache.
inline int offset_of(const Pass& pass, int i) {
  return pass.sight == Sight::listed ? pass.offsets[i] : i;
}

inline bool sees(const Pass& pass, int i, int j) {
  if (pass.sight == Sight::block) return true;
  if (pass.sight == Sight::causal) return j <= i;
  return ((pass.sees[i] >> j) & 1) != 0;
}

// One more than the largest offset: how far the pass reaches behind the cache.
inline int reach_of(const Pass& pass) {
  if (pass.sight != Sight::listed) return static_cast<int>(pass.tokens.size());
  return pass.offsets.empty() ? 0 : 1 + *std::max_element(pass.offsets.begin(), pass.offsets.end());
}

inline void assert_forward(const ModelConfig& config, int length, const Pass& pass,
                           std::span<const RowQuery> queries, std::span<const RowAnswer> answers) {
  const int m = static_cast<int>(pass.tokens.size());
  SEEDLING_ASSERT(m <= kMostTokens);
  for (const TokenId token : pass.tokens) SEEDLING_ASSERT(token >= 0 && token < config.vocab_size);
  if (pass.sight == Sight::listed) {
    SEEDLING_ASSERT(m <= kMostListed && pass.sees.size() == pass.tokens.size() &&
                    pass.offsets.size() == pass.tokens.size());
    for (int i = 0; i < m; ++i) SEEDLING_ASSERT(pass.offsets[i] >= 0 && sees(pass, i, i));
  } else {
    SEEDLING_ASSERT(pass.sees.empty() && pass.offsets.empty());
  }
  SEEDLING_ASSERT(length + reach_of(pass) <= config.max_position_embeddings);
  SEEDLING_ASSERT(answers.size() == queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const RowQuery& query = queries[i];
    SEEDLING_ASSERT(query.row >= (i == 0 ? 0 : queries[i - 1].row + 1) && query.row < m);
    SEEDLING_ASSERT(query.target >= -1 && query.target < config.vocab_size);
    SEEDLING_ASSERT(query.logits.empty() ||
                    query.logits.size() == static_cast<std::size_t>(config.vocab_size));
  }
}

// How many tokens at the beginning of a pass saw what a token of the cache has seen: what keep() may make
// cache of.
inline int keepable(const Pass& pass) {
  const int m = static_cast<int>(pass.tokens.size());
  if (pass.sight == Sight::causal) return m;
  if (pass.sight == Sight::block) return m == 1 ? 1 : 0;
  int count = 0;
  while (count < m && pass.offsets[count] == count && pass.sees[count] == ~std::uint64_t{0} >> (63 - count))
    ++count;
  return count;
}

}  // namespace seedling
