// engine/sampler/block_rows.h
//
// BlockRows: what the model says of a block's masked positions, wherever in the block it predicts them.
//   Owned by one decoding; reused from step to step so that a step allocates nothing.
//   A shifted model predicts a position by the row before it; the first one by the row of the last token of
//   the context. Errors: those of the backend.
#pragma once

#include <algorithm>
#include <cstdint>
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

  // The same with the next pass, where both fit into one: `next` tokens are asked about in it.
  Status extend_with_next(std::span<const TokenId> tokens, int next) {
    // The row that predicts a shifted block's first position is wanted in each of its steps.
    if (is_shifted_ || tokens.size() + static_cast<std::size_t>(next) > kMostListed) return extend(tokens);
    waiting_.assign(tokens.begin(), tokens.end());
    return Done{};
  }
  // REQUIRES: pass() was computed, or there was none to compute.
  void settle() {
    if (waiting_.empty()) return;
    sequence_.keep(waiting_);
    waiting_.clear();
  }

  // Says what may stand at a position and what is preferred there, valid until the next step.
  using Ask = std::function<void(int position, RowQuery&)>;

  // What pass() is to compute. with_logits: of how many positions, from the first on, logits() is going to be
  // asked for.
  void ask(const Canvas& canvas, const Ask& ask_position, std::size_t with_logits = 0) {
    positions_.clear();
    queries_.clear();
    answers_.clear();
    const int before = static_cast<int>(waiting_.size());
    for (int position = canvas.block_begin; position < canvas.size(); ++position) {
      if (!canvas.is_masked(position)) continue;
      positions_.push_back(position);
      RowQuery query;
      query.row = before + position - canvas.block_begin - (is_shifted_ ? 1 : 0);
      ask_position(position, query);
      if (query.row < 0) {
        answers_.push_back(answer_row(first_row_, query));
      } else {
        queries_.push_back(query);
      }
    }
    known_ = answers_.size();
    const std::size_t written = std::min(with_logits - std::min(with_logits, known_), queries_.size());
    logits_.resize(std::max(logits_.size(), written * vocab_));
    for (std::size_t i = 0; i < written; ++i)
      queries_[i].logits = std::span(logits_).subspan(i * vocab_, vocab_);
    answers_.resize(positions_.size());
    pass_.sequence = &sequence_;
    pass_.pass = {canvas.block(), Sight::block, {}, {}};
    if (before > 0) list_pass(canvas.block());
    pass_.queries = queries_;
    pass_.answers = std::span(answers_).subspan(known_);
  }

  // Null where everything is known beforehand. The canvas stays as it is until it was computed.
  const SequencePass* pass() const { return queries_.empty() ? nullptr : &pass_; }

  Status compute(const Canvas& canvas, const Ask& ask_position, std::size_t with_logits = 0) {
    ask(canvas, ask_position, with_logits);
    if (queries_.empty()) return Done{};
    return sequence_.forward(pass_.pass, pass_.queries, pass_.answers);
  }

  // Masked positions of the canvas, ascending, and what is said of each.
  const std::vector<int>& positions() const { return positions_; }
  const std::vector<RowAnswer>& answers() const { return answers_; }

  // Of the i-th position: [V] f32. REQUIRES: it was asked for.
  std::span<const float> logits(std::size_t i) const {
    if (i < known_) return first_row_;
    return std::span(logits_).subspan((i - known_) * vocab_, vocab_);
  }

 private:
  // What waits to be context sees what stands before it, as it would in a pass of its own; the block all.
  void list_pass(std::span<const TokenId> block) {
    const std::size_t before = waiting_.size(), count = before + block.size();
    tokens_ = waiting_;
    tokens_.insert(tokens_.end(), block.begin(), block.end());
    sees_.resize(count);
    offsets_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t seen = i < before ? i + 1 : count;
      sees_[i] = ~std::uint64_t{0} >> (64 - seen);
      offsets_[i] = static_cast<int>(i);
    }
    pass_.pass = {tokens_, Sight::listed, sees_, offsets_};
  }

  CachedSequence& sequence_;
  const std::size_t vocab_;
  const bool is_shifted_;
  std::vector<TokenId> waiting_;  // becomes context with the next pass
  std::vector<TokenId> tokens_;   // of a listed pass
  std::vector<std::uint64_t> sees_;
  std::vector<int> offsets_;
  std::vector<float> first_row_;  // [V] f32: shifted models only
  std::vector<float> logits_;     // [asked for,V] f32
  std::vector<int> positions_;
  std::vector<RowQuery>
      queries_;  // of the block; one fewer than positions where the first is known beforehand
  std::vector<RowAnswer> answers_;
  std::size_t known_ = 0;
  SequencePass pass_;
};

}  // namespace seedling
