// engine/sampler/block_rows.h
//
// BlockRows: what the model says of a block's masked positions, wherever in the block it predicts them.
//   Owned by one decoding; reused from step to step so that a step allocates nothing.
//   A shifted model predicts a position by the row before it; the first one by the row of the last token of
//   the context. Errors: those of the backend.
#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "engine/cache/cached_sequence.h"
#include "engine/model/row_answer.h"
#include "engine/sampler/canvas.h"
#include "engine/sampler/token_set.h"

namespace seedling {

class BlockRows {
 public:
  BlockRows(CachedSequence& sequence, const ModelConfig& config)
      : sequence_(sequence), vocab_(config.vocab_size), is_shifted_(config.diffusion.shift) {}

  // Makes tokens context. Shifted models predict the first position behind them here.
  Status extend(std::span<const TokenId> tokens) {
    if (!is_shifted_ || tokens.empty()) return sequence_.extend(tokens);
    first_row_.resize(vocab_);
    RowQuery query;
    query.row = static_cast<int>(tokens.size()) - 1;
    query.logits = first_row_;
    RowAnswer ignored;
    return sequence_.extend(tokens, std::span(&query, 1), std::span(&ignored, 1));
  }

  // Says what may stand at a position and what is preferred there, valid until the next step.
  using Ask = std::function<void(int position, RowQuery&)>;

  // What pass() is to compute. with_logits: whether logits() is going to be asked for.
  void ask(const Canvas& canvas, const Ask& ask_position, bool with_logits = false) {
    positions_.clear();
    queries_.clear();
    answers_.clear();
    for (int position = canvas.block_begin; position < canvas.size(); ++position) {
      if (!canvas.is_masked(position)) continue;
      positions_.push_back(position);
      RowQuery query;
      query.row = position - canvas.block_begin - (is_shifted_ ? 1 : 0);
      ask_position(position, query);
      if (query.row < 0) {
        answers_.push_back(answer_row(first_row_, query));
      } else {
        queries_.push_back(query);
      }
    }
    logits_.resize(with_logits ? std::max(logits_.size(), queries_.size() * vocab_) : logits_.size());
    for (std::size_t i = 0; with_logits && i < queries_.size(); ++i) {
      queries_[i].logits = std::span(logits_).subspan(i * vocab_, vocab_);
    }
    known_ = answers_.size();
    answers_.resize(positions_.size());
    pass_.sequence = &sequence_;
    pass_.pass.tokens = canvas.block();
    pass_.pass.sight = Sight::block;
    pass_.queries = queries_;
    pass_.answers = std::span(answers_).subspan(known_);
  }

  // Null where everything is known beforehand. The canvas stays as it is until it was computed.
  const SequencePass* pass() const { return queries_.empty() ? nullptr : &pass_; }

  Status compute(const Canvas& canvas, const Ask& ask_position, bool with_logits = false) {
    ask(canvas, ask_position, with_logits);
    if (queries_.empty()) return Done{};
    return sequence_.forward(pass_.pass, pass_.queries, pass_.answers);
  }

  // Masked positions of the canvas, ascending, and what is said of each.
  const std::vector<int>& positions() const { return positions_; }
  const std::vector<RowAnswer>& answers() const { return answers_; }

  // Of the i-th position: [V] f32. REQUIRES: computed with_logits.
  std::span<const float> logits(std::size_t i) const {
    if (i < known_) return first_row_;
    return std::span(logits_).subspan((i - known_) * vocab_, vocab_);
  }

 private:
  CachedSequence& sequence_;
  const std::size_t vocab_;
  const bool is_shifted_;
  std::vector<float> first_row_;  // [V] f32: shifted models only
  std::vector<float> logits_;     // [rows,V] f32
  std::vector<int> positions_;
  std::vector<RowQuery>
      queries_;  // of the block; one fewer than positions where the first is known beforehand
  std::vector<RowAnswer> answers_;
  std::size_t known_ = 0;
  SequencePass pass_;
};

}  // namespace seedling
