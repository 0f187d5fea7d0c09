// engine/train/batch.h
//
// Batch: what one training step sees, as plain arrays (no torch).
//   Each row is a clean stream of T tokens (causal) followed by a noisy stream of N tokens cut into blocks; S
//   = T + N. Rows are packed without padding: several segments (fill-in-the-middle samples) stand behind one
//   another, and no token sees another segment. A noisy token sees the clean tokens of its segment before its
//   block, and its block. Source: block diffusion's two streams (Arriola et al. 2025), DESIGN.md section 6.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/types.h"

namespace seedling {

// Queries are worked on in chunks of this many tokens: T and N are multiples of it and no noisy block
// straddles two.
inline constexpr int kChunk = 128;

// What is asked of a position, for the log. The last four are those of edit blocks, whose tokens are a draft.
enum class PositionKind : std::uint8_t { causal, masked, kept, substituted, deleted, inserted };
inline constexpr std::array<std::string_view, 6> kPositionKindNames = {"causal",      "masked",  "kept",
                                                                       "substituted", "deleted", "inserted"};

struct Batch {
  int rows = 0;   // B
  int clean = 0;  // T
  int noisy = 0;  // N; 0 in the causal stage

  // All [B, T+N].
  std::vector<TokenId> tokens;
  std::vector<std::int32_t> positions;    // rotary position, counted from the start of the segment
  std::vector<std::int32_t> first_clean;  // clean keys seen: [first_clean, last_clean)
  std::vector<std::int32_t> last_clean;
  std::vector<std::int32_t>
      first_noisy;  // noisy keys seen: [first_noisy, last_noisy), counted from the noisy start
  std::vector<std::int32_t> last_noisy;
  std::vector<TokenId> targets;  // any id where the weight is 0
  std::vector<float> weights;    // share of the loss
  std::vector<PositionKind> kinds;

  int stride() const { return clean + noisy; }
  void resize(int row_count, int clean_count, int noisy_count);
};

inline void Batch::resize(int row_count, int clean_count, int noisy_count) {
  rows = row_count;
  clean = clean_count;
  noisy = noisy_count;
  const std::size_t n = static_cast<std::size_t>(rows) * static_cast<std::size_t>(stride());
  tokens.assign(n, 0);
  positions.assign(n, 0);
  first_clean.assign(n, 0);
  last_clean.assign(n, 0);
  first_noisy.assign(n, 0);
  last_noisy.assign(n, 0);
  targets.assign(n, 0);
  weights.assign(n, 0.0f);
  kinds.assign(n, PositionKind::causal);
}

}  // namespace seedling
