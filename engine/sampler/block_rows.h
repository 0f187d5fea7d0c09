// engine/sampler/block_rows.h
//
// BlockRows: the logits of a block's masked positions, one row each, wherever in the block the model predicts
// them.
//   Owned by one decoding; reused from step to step so that a step allocates nothing.
//   A shifted model predicts a position by the row before it; the first one by the row after the context.
//   Errors: those of the backend.
#pragma once

#include <span>
#include <vector>

#include "engine/cache/cached_sequence.h"
#include "engine/sampler/canvas.h"

namespace seedling {

class BlockRows {
 public:
  // next_row: [V] f32, the prediction after the last cached token; read for shifted models only. Both outlive
  // this.
  BlockRows(CachedSequence& sequence, const ModelConfig& config, const std::vector<float>& next_row)
      : sequence_(sequence),
        next_row_(next_row),
        vocab_(config.vocab_size),
        is_shifted_(config.diffusion.shift) {}

  Status compute(const Canvas& canvas) {
    positions_.clear();
    rows_.clear();
    for (int position = canvas.block_begin; position < canvas.size(); ++position) {
      if (!canvas.is_masked(position)) continue;
      positions_.push_back(position);
      const int row = position - canvas.block_begin - (is_shifted_ ? 1 : 0);
      if (row >= 0) rows_.push_back(row);
    }
    if (rows_.empty()) return Done{};
    logits_.resize(std::max(logits_.size(), rows_.size() * vocab_));
    return sequence_.step(canvas.block(), rows_, std::span(logits_).first(rows_.size() * vocab_));
  }

  // Masked positions of the canvas, ascending.
  const std::vector<int>& positions() const { return positions_; }

  // Of the i-th of them: [V] f32.
  std::span<const float> of(std::size_t i) const {
    const std::size_t known_beforehand = positions_.size() - rows_.size();
    if (i < known_beforehand) return next_row_;
    return std::span(logits_).subspan((i - known_beforehand) * vocab_, vocab_);
  }

 private:
  CachedSequence& sequence_;
  const std::vector<float>& next_row_;
  const std::size_t vocab_;
  const bool is_shifted_;
  std::vector<float> logits_;  // [rows, V] f32
  std::vector<int> positions_;
  std::vector<int> rows_;  // of the block; one fewer than positions where the first is known beforehand
};

}  // namespace seedling
