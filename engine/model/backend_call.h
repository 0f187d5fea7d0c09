// engine/model/backend_call.h
//
// What backend.h requires of every extend() and step(), in one place for all backends: a broken promise
// aborts.
#pragma once

#include <span>

#include "engine/assert.h"
#include "engine/model/config.h"

namespace seedling {

inline void assert_backend_call(const ModelConfig& config, int length, std::span<const TokenId> tokens,
                                std::span<const int> rows, std::span<const float> logits) {
  const int n = static_cast<int>(tokens.size());
  SEEDLING_ASSERT(length + n <= config.max_position_embeddings);
  SEEDLING_ASSERT(logits.size() == rows.size() * static_cast<std::size_t>(config.vocab_size));
  for (const TokenId token : tokens) SEEDLING_ASSERT(token >= 0 && token < config.vocab_size);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SEEDLING_ASSERT(rows[i] >= (i == 0 ? 0 : rows[i - 1] + 1) && rows[i] < n);
  }
}

}  // namespace seedling
