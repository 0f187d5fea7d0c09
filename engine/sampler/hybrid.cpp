#include "engine/sampler/hybrid.h"

#include <algorithm>

#include "engine/sampler/decoder.h"
#include "engine/sampler/score.h"

namespace seedling {
namespace {

class Hybrid {
 public:
  Hybrid(const DecodeInput& input, const DecodeOptions& options, Lookup& lookup)
      : input_(input), options_(options), lookup_(lookup), is_to_vary_(options.temperature > 0) {
    decoded_.canvas = first_canvas(input);
    decoded_.blocks = 1;
    certain_.assign(input.rest.begin(), input.rest.end());
    std::vector<TokenId> context(input.sequence.tokens().begin(), input.sequence.tokens().end());
    context.insert(context.end(), certain_.begin(), certain_.end());
    lookup_.begin(input.tokenizer, context, input.edges.left_rest(decoded_.canvas));
  }

  Result<Decoded> run(std::stop_token stop, const StepObserver& observer) {
    std::optional<Outcome> outcome = outcome_of(decoded_.canvas);
    while (!outcome) {
      if (stop.stop_requested()) return stopped();
      if (is_past_deadline(options_)) {
        outcome = Outcome::out_of_time;
        break;
      }
      make_draft();
      TRY(compute());
      if (decoded_.steps == 0) decoded_.prefilled = std::chrono::steady_clock::now();
      outcome = accept();
      if (observer) observer({decoded_.canvas, 0, decoded_.steps});
      ++decoded_.steps;
    }
    decoded_.outcome = *outcome;
    return std::move(decoded_);
  }

 private:
  // What ends decoding, if anything does: the twin's order of asking.
  std::optional<Outcome> outcome_of(const Canvas& canvas) const {
    if (canvas.ended()) return Outcome::ended;
    if (const auto limit = reached_limit(canvas, input_.tokenizer, options_.max_lines)) return limit;
    if (canvas.size() >= options_.max_tokens) return Outcome::max_tokens;
    return std::nullopt;
  }

  // Drafts as far as the twin could write them; one that ends decoding is not needed, because the row before
  // it says so.
  void make_draft() {
    draft_.clear();
    allowed_.clear();
    preferences_.clear();
    Canvas ahead = decoded_.canvas;
    const auto look_ahead = [&] {
      open_block(ahead, 1);
      allowed_.push_back(input_.edges.allowed(ahead, ahead.size() - 1));
      preferences_.push_back(input_.edges.preference());
    };
    look_ahead();
    const std::span<const TokenId> proposed = lookup_.draft(allowed_[0], options_.least_chance);
    for (const TokenId token : proposed.first(std::min<std::size_t>(proposed.size(), kMostDrafts))) {
      if (!allowed_.back().contains(token)) return;
      commit(ahead, ahead.size() - 1, token, 0);
      if (outcome_of(ahead)) return;
      draft_.push_back(token);
      look_ahead();
    }
  }

  Status compute() {
    // Of a long context only the end is left for the pass.
    const std::size_t surplus = certain_.size() - std::min(certain_.size(), kMostTokens - draft_.size());
    if (surplus > 0) {
      const std::size_t count =
          std::min((surplus + kMostTokens - 1) / kMostTokens * kMostTokens, certain_.size() - 1);
      TRY(input_.sequence.extend(std::span(certain_).first(count)));
      certain_.erase(certain_.begin(), certain_.begin() + static_cast<std::ptrdiff_t>(count));
    }

    pass_ = certain_;
    pass_.insert(pass_.end(), draft_.begin(), draft_.end());
    queries_.assign(draft_.size() + 1, {});
    answers_.resize(queries_.size());
    const std::size_t vocab = static_cast<std::size_t>(input_.config.vocab_size);
    if (is_to_vary_) logits_.resize(std::max(logits_.size(), queries_.size() * vocab));
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      queries_[i].row = static_cast<int>(certain_.size() - 1 + i);
      queries_[i].allowed = allowed_[i].words();
      queries_[i].preferred = preferences_[i].words();
      if (is_to_vary_) queries_[i].logits = std::span(logits_).subspan(i * vocab, vocab);
    }
    Pass pass;
    pass.tokens = pass_;
    return input_.sequence.forward(pass, queries_, answers_);
  }

  // The token that the twin writes next, as row i of the pass says.
  Proposal next_token(std::size_t i) {
    const int position = decoded_.canvas.size();
    preferences_[i].apply(answers_[i]);
    const Proposal best = proposal_of(position, answers_[i]);
    if (!is_to_vary_ || best.confidence >= options_.threshold) return best;
    is_to_vary_ = false;  // one token varies
    decoded_.has_varied = true;
    Canvas next = decoded_.canvas;
    open_block(next, 1);
    return vary(next, best, queries_[i].logits, input_.edges, options_, position);
  }

  std::optional<Outcome> accept() {
    Canvas& canvas = decoded_.canvas;
    std::optional<Outcome> outcome;
    std::size_t accepted = 0;
    for (;; ++accepted) {
      const bool was_to_vary = is_to_vary_;
      const Proposal next = next_token(accepted);
      open_block(canvas, 1);
      commit(canvas, next.position, next.token, next.confidence);
      lookup_.push(next.token);
      outcome = outcome_of(canvas);
      // What may follow a token that was drawn was not asked yet.
      if (outcome || accepted == draft_.size() || next.token != draft_[accepted]) break;
      if (was_to_vary != is_to_vary_) break;
    }
    input_.sequence.keep(std::span(pass_).first(certain_.size() + accepted));
    certain_.assign(1, canvas.tokens.back());
    return outcome;
  }

  static constexpr std::size_t kMostDrafts = 31;  // beyond that a pass costs as much as several

  const DecodeInput& input_;
  const DecodeOptions& options_;
  Lookup& lookup_;
  Decoded decoded_;
  bool is_to_vary_;
  std::vector<TokenId> certain_;   // not cached yet; not empty
  std::vector<TokenId> draft_;     // of this pass
  std::vector<TokenSet> allowed_;  // [draft + 1] what may follow the certain tokens, each token of the draft
  std::vector<Preference> preferences_;  // [draft + 1]
  std::vector<TokenId> pass_;
  std::vector<RowQuery> queries_;   // [draft + 1]
  std::vector<RowAnswer> answers_;  // [draft + 1]
  std::vector<float> logits_;       // [draft + 1, V] until a token has varied
};

}  // namespace

Result<Decoded> decode_hybrid(const DecodeInput& input, const DecodeOptions& options, Lookup& lookup,
                              std::stop_token stop, const StepObserver& observer) {
  return Hybrid(input, options, lookup).run(stop, observer);
}

}  // namespace seedling
