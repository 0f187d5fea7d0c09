// engine/sampler/canvas.h
//
// canvas: the token positions of one hole: finished blocks, then the block being denoised.
//   Plain value. A position is masked or committed; a committed one is never touched again.
//   Positions after a committed <end> do not exist: committing <end> cuts them off.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/assert.h"
#include "engine/types.h"

namespace seedling {

struct Canvas {
  TokenId mask = -1;
  TokenId end = -1;
  std::vector<TokenId> tokens;       // `mask` where masked
  std::vector<std::uint8_t> masked;  // 1 where masked
  std::vector<float> confidence;     // of the committed token; 0 where masked
  int block_begin = 0;               // positions before it belong to finished blocks

  int size() const { return static_cast<int>(tokens.size()); }
  bool is_masked(int position) const { return masked[position] != 0; }
  bool ended() const { return !tokens.empty() && tokens.back() == end; }
  std::span<const TokenId> block() const { return std::span(tokens).subspan(block_begin); }
};

// Starts a block of `size` masks after what is finished. REQUIRES: nothing masked, not ended.
inline void open_block(Canvas& canvas, int size) {
  SEEDLING_ASSERT(!canvas.ended());
  canvas.block_begin = canvas.size();
  canvas.tokens.insert(canvas.tokens.end(), size, canvas.mask);
  canvas.masked.insert(canvas.masked.end(), size, 1);
  canvas.confidence.insert(canvas.confidence.end(), size, 0.0f);
}

inline void cut(Canvas& canvas, int size) {
  canvas.tokens.resize(size);
  canvas.masked.resize(size);
  canvas.confidence.resize(size);
}

// REQUIRES: position is masked.
inline void commit(Canvas& canvas, int position, TokenId token, float confidence) {
  SEEDLING_ASSERT(canvas.is_masked(position));
  canvas.tokens[position] = token;
  canvas.masked[position] = 0;
  canvas.confidence[position] = confidence;
  if (token == canvas.end) cut(canvas, position + 1);
}

// First masked position, size() if there is none: what stands before it is certain.
inline int first_masked(const Canvas& canvas) {
  const auto at = std::find(canvas.masked.begin(), canvas.masked.end(), 1);
  return static_cast<int>(at - canvas.masked.begin());
}

}  // namespace seedling
