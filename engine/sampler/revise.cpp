#include "engine/sampler/revise.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/assert.h"
#include "engine/sampler/commit.h"
#include "engine/sampler/decoder.h"

namespace seedling {
namespace {

// A draft that needs more rounds than this beside one for each position is going round in circles.
constexpr int kSpareRounds = 8;

// The draft as it stands, from the block that is worked on: canvas and answers of one round.
class Round {
 public:
  Round(const ModelConfig& config)
      : edit_{config.diffusion.mask, config.diffusion.end, config.diffusion.delete_, config.diffusion.insert},
        edits_(config.vocab_size),
        fills_(config.vocab_size) {}

  // What may be written where: every token that spells something and <end>, and while editing what edits
  // mean.
  void allow(const Tokenizer& tokenizer) {
    for (TokenId token = 0; token < tokenizer.vocab_size(); ++token)
      if (!tokenizer.is_special(token) && !tokenizer.bytes(token).empty()) fills_.insert(token);
    fills_.insert(edit_.end);
    edits_ = fills_;
    edits_.insert(edit_.remove);
    edits_.insert(edit_.insert);
  }

  // Asks about the first `window` positions of the draft and the <end>s behind it.
  Status compute(CachedSequence& sequence, std::span<const TokenId> draft, int window, bool may_edit) {
    shown_.assign(static_cast<std::size_t>(window), edit_.end);
    std::copy_n(draft.begin(), std::min(draft.size(), shown_.size()), shown_.begin());
    const std::size_t asked = std::min(shown_.size(), draft.size() + 1);
    queries_.assign(asked, {});
    answers_.assign(asked, {});
    for (std::size_t i = 0; i < asked; ++i) {
      queries_[i].row = static_cast<int>(i);
      queries_[i].allowed = (may_edit ? edits_ : fills_).words();
      queries_[i].target = shown_[i];
    }
    return sequence.step(shown_, queries_, answers_);
  }

  bool is_mask(std::size_t i) const { return shown_[i] == edit_.mask; }
  // The probability of what is shown; of a mask that of the best answer.
  float belief(std::size_t i) const {
    return is_mask(i) ? answers_[i].confidence : std::exp(answers_[i].target_log_probability);
  }

  // The labels that are applied; a position that stays has its own token.
  std::vector<TokenId> labels(const DecodeOptions& options, bool may_edit) const {
    std::vector<TokenId> labels(shown_.begin(), shown_.begin() + static_cast<long>(answers_.size()));
    std::vector<Proposal> masked;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      const RowAnswer& answer = answers_[i];
      if (is_mask(i)) {
        masked.push_back(proposal_of(static_cast<int>(i), answer));
      } else if (may_edit && answer.token != shown_[i] && answer.confidence >= options.edit_threshold) {
        labels[i] = answer.token;
      } else if (may_edit && shown_[i] != edit_.end && belief(i) < options.reopen_threshold) {
        labels[i] = edit_.mask;
      }
    }
    for (const Proposal& proposal : choose_commits(masked, options.threshold))
      labels[static_cast<std::size_t>(proposal.position)] = proposal.token;
    return labels;
  }

  std::span<const TokenId> shown() const { return std::span(shown_).first(answers_.size()); }
  const EditTokens& tokens() const { return edit_; }

 private:
  EditTokens edit_;
  TokenSet edits_, fills_;
  std::vector<TokenId> shown_;
  std::vector<RowQuery> queries_;
  std::vector<RowAnswer> answers_;
};

void append(Canvas& canvas, TokenId token, float confidence) {
  canvas.tokens.push_back(token);
  canvas.masked.push_back(token == canvas.mask);
  canvas.confidence.push_back(token == canvas.mask ? 0 : confidence);
}

// One decoding: finished blocks in the canvas, the rest of the draft beside it.
class Revision {
 public:
  Revision(const DecodeInput& input, std::span<const TokenId> draft, const DecodeOptions& options)
      : input_(input), options_(options), rest_(draft.begin(), draft.end()), round_(input.config) {
    decoded_.canvas.mask = input.config.diffusion.mask;
    decoded_.canvas.end = input.config.diffusion.end;
    round_.allow(input.tokenizer);
  }

  Result<Decoded> run(std::stop_token stop, const StepObserver& observer) {
    TRY(input_.sequence.extend(input_.rest));
    decoded_.prefilled = std::chrono::steady_clock::now();
    while (decoded_.canvas.size() < options_.max_tokens) {
      const int window = std::min(options_.block, options_.max_tokens - decoded_.canvas.size());
      ++decoded_.blocks;
      if (!TRY(settle(window, stop, observer))) return finish(Outcome::out_of_time);
      const bool has_end = static_cast<int>(rest_.size()) < window;
      take(window);
      if (has_end) return finish(Outcome::ended);
      if (const auto limit = reached_limit(decoded_.canvas, input_.tokenizer, options_.max_lines))
        return finish(*limit);
      TRY(input_.sequence.extend(decoded_.canvas.block()));
    }
    return finish(Outcome::max_tokens);
  }

 private:
  // Rounds over the block until nothing changes; false if the time was up before.
  Result<bool> settle(int window, std::stop_token stop, const StepObserver& observer) {
    std::set<std::vector<TokenId>> seen = {rest_};
    bool may_edit = true;
    for (int rounds = 0;; ++rounds) {
      if (stop.stop_requested()) return stopped();
      if (is_past_deadline(options_)) return false;
      may_edit = may_edit && rounds < window + kSpareRounds;
      TRY(round_.compute(input_.sequence, rest_, window, may_edit));
      const std::vector<TokenId> labels = round_.labels(options_, may_edit);
      const bool is_stable = std::equal(labels.begin(), labels.end(), round_.shown().begin());
      if (!is_stable) rest_ = apply_labels(rest_, labels, round_.tokens());
      show(window, observer);
      ++decoded_.steps;
      if (is_stable) return true;
      may_edit = may_edit && seen.insert(rest_).second;
    }
  }

  // What an observer sees: the canvas with the block as it stands.
  void show(int window, const StepObserver& observer) {
    if (!observer) return;
    Canvas canvas = decoded_.canvas;
    canvas.block_begin = canvas.size();
    const std::size_t count = std::min(rest_.size(), static_cast<std::size_t>(window));
    for (std::size_t i = 0; i < count; ++i) append(canvas, rest_[i], 1);
    observer({canvas, decoded_.blocks - 1, decoded_.steps});
  }

  // The block becomes part of the canvas. The last round changed nothing: its beliefs are those of the block.
  void take(int window) {
    Canvas& canvas = decoded_.canvas;
    canvas.block_begin = canvas.size();
    const std::size_t count = std::min(rest_.size(), static_cast<std::size_t>(window));
    for (std::size_t i = 0; i < count; ++i) append(canvas, rest_[i], round_.belief(i));
    if (count < static_cast<std::size_t>(window)) append(canvas, canvas.end, round_.belief(count));
    rest_.erase(rest_.begin(), rest_.begin() + static_cast<long>(count));
  }

  Result<Decoded> finish(Outcome outcome) {
    decoded_.outcome = outcome;
    return std::move(decoded_);
  }

  const DecodeInput& input_;
  const DecodeOptions& options_;
  Decoded decoded_;
  std::vector<TokenId> rest_;  // of the draft, from the block that is worked on; may hold masks
  Round round_;
};

}  // namespace

bool can_revise(const ModelConfig& config) {
  const DiffusionConfig& diffusion = config.diffusion;
  return diffusion.edits && !diffusion.shift && diffusion.mask >= 0 && diffusion.end >= 0 &&
         diffusion.delete_ >= 0 && diffusion.insert >= 0;
}

Result<Decoded> revise(const DecodeInput& input, std::span<const TokenId> draft, const DecodeOptions& options,
                       std::stop_token stop, const StepObserver& observer) {
  SEEDLING_ASSERT(can_revise(input.config));
  return Revision(input, draft, options).run(stop, observer);
}

}  // namespace seedling
