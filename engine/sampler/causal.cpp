#include "engine/sampler/causal.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace seedling {
namespace {

class CausalDecoder : public CanvasDecoder {
 public:
  CausalDecoder(DecodeInput input, const DecodeOptions& options, StepObserver observer)
      : CanvasDecoder(std::move(input), options, std::move(observer)), rest_(input_.rest) {
    decoded_.blocks = 1;
    if (options.temperature > 0) logits_.resize(input_.config.vocab_size);
    pass_.sequence = &input_.sequence;
    pass_.queries = std::span(&query_, 1);
    pass_.answers = std::span(&answer_, 1);
  }

  // The canvas's last position is masked while what comes before it becomes context.
  Result<const SequencePass*> next(std::stop_token stop) override {
    if (!is_over_ && canvas_.size() >= options_.max_tokens) finish(Outcome::max_tokens);
    if (is_over_) return static_cast<const SequencePass*>(nullptr);
    if (stop.stop_requested()) return stopped();
    if (is_past_deadline(options_)) {
      finish(Outcome::out_of_time);
      return static_cast<const SequencePass*>(nullptr);
    }
    const std::size_t surplus = rest_.size() - std::min<std::size_t>(rest_.size(), kMostTokens);
    TRY(input_.sequence.extend(rest_.first(surplus)));
    rest_ = rest_.subspan(surplus);
    open_block(canvas_, 1);
    query_.row = static_cast<int>(rest_.size()) - 1;
    input_.edges.ask(canvas_, canvas_.size() - 1, query_);
    query_.logits = logits_;
    pass_.pass.tokens = rest_;
    return &pass_;
  }

  Status take() override {
    input_.sequence.keep(rest_);
    if (decoded_.steps == 0) decoded_.prefilled = std::chrono::steady_clock::now();
    const int position = canvas_.size() - 1;
    input_.edges.preference().apply(answer_);
    Proposal proposal = proposal_of(position, answer_);
    if (!logits_.empty() && proposal.confidence < options_.threshold) {
      proposal = vary(canvas_, proposal, logits_, input_.edges, options_, position);
      logits_.clear();  // one token varies
      decoded_.has_varied = true;
    }
    commit(canvas_, position, proposal.token, proposal.confidence);
    if (observer_) observer_({canvas_, 0, decoded_.steps});
    ++decoded_.steps;
    committed_ = proposal.token;
    rest_ = std::span(&committed_, 1);
    if (canvas_.ended()) {
      finish(Outcome::ended);
    } else if (const auto limit = reached_limit(canvas_, input_.tokenizer, options_.max_lines)) {
      finish(*limit);
    }
    return Done{};
  }

 private:
  std::span<const TokenId> rest_;  // certain, but not context yet
  TokenId committed_ = -1;
  RowQuery query_;
  RowAnswer answer_;
  std::vector<float> logits_;  // [V] f32 until a token has varied
  SequencePass pass_;
};

}  // namespace

std::unique_ptr<Decoder> make_causal_decoder(DecodeInput input, const DecodeOptions& options,
                                             StepObserver observer) {
  return std::make_unique<CausalDecoder>(std::move(input), options, std::move(observer));
}

Result<Decoded> decode_causally(const DecodeInput& input, const DecodeOptions& options, std::stop_token stop,
                                const StepObserver& observer) {
  return run(*make_causal_decoder(input, options, observer), stop);
}

}  // namespace seedling
