#include "engine/sampler/denoise.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/sampler/block_rows.h"
#include "engine/sampler/commit.h"
#include "engine/sampler/score.h"

namespace seedling {
namespace {

std::vector<Proposal> proposals_of(const BlockRows& rows, const Edges& edges) {
  std::vector<Proposal> proposals;
  for (std::size_t i = 0; i < rows.positions().size(); ++i) {
    RowAnswer answer = rows.answers()[i];
    if (i == 0) edges.preference().apply(answer);
    proposals.push_back(proposal_of(rows.positions()[i], answer));
  }
  return proposals;
}

// Commits the chosen proposals as far as the edges permit. What goes on spelling the left piece comes first,
// because nothing else is permitted before; what goes on spelling the right one when nothing else is.
void commit_all(Canvas& canvas, Edges& edges, std::span<const Proposal> proposals,
                std::vector<Proposal> chosen) {
  bool is_committed = false;
  const auto try_commit = [&](const Proposal& proposal) {
    if (proposal.position >= canvas.size() || !canvas.is_masked(proposal.position)) return;
    if (!edges.permits(canvas, proposal.position, proposal.token)) return;
    commit(canvas, proposal.position, proposal.token, proposal.confidence);
    is_committed = true;
  };
  const auto try_urgent = [&] {
    const int urgent = edges.urgent_position(canvas);
    for (const Proposal& proposal : proposals) {
      if (proposal.position == urgent) try_commit(proposal);
    }
  };
  if (!edges.left_rest(canvas).empty()) try_urgent();
  // What a constraint says of a token depends on those before it: they go first.
  if (edges.is_constrained()) std::ranges::sort(chosen, {}, &Proposal::position);
  for (const Proposal& proposal : chosen) try_commit(proposal);
  if (!is_committed) try_urgent();
  // All that was sure may have been ruled out; what is next to certain text never is.
  if (!is_committed && edges.is_constrained() && !proposals.empty()) try_commit(proposals.front());
}

class Denoiser : public CanvasDecoder {
 public:
  Denoiser(DecodeInput input, const DecodeOptions& options, StepObserver observer)
      : CanvasDecoder(std::move(input), options, std::move(observer)),
        rows_(input_.sequence, input_.config) {}

  Result<const SequencePass*> next(std::stop_token stop) override {
    if (!is_begun_) {
      TRY(rows_.extend(input_.rest));
      decoded_.prefilled = std::chrono::steady_clock::now();
      is_begun_ = true;
    }
    while (!is_over_) {
      if (first_masked(canvas_) == canvas_.size()) TRY(open_next_block());
      if (is_over_) break;
      if (stop.stop_requested()) return stopped();
      if (is_past_deadline(options_)) {
        finish(Outcome::out_of_time);
        break;
      }
      rows_.ask(canvas_, ask(), /*with_logits=*/may_vary() ? 1 : 0);
      if (rows_.pass() != nullptr) return rows_.pass();
      TRY(take());
    }
    return static_cast<const SequencePass*>(nullptr);
  }

  Status take() override {
    rows_.settle();
    const int masked_before = static_cast<int>(rows_.positions().size());
    std::vector<Proposal> proposals = proposals_of(rows_, input_.edges);
    std::vector<Proposal> chosen = choose_commits(proposals, options_.threshold);
    // The first token behind certain text that is not sure makes candidates differ. What seemed sure beside
    // the model's own choice need not be so beside another.
    if (is_to_vary(proposals)) {
      proposals.resize(1);
      proposals[0] = vary(canvas_, proposals[0], rows_.logits(0), input_.edges, options_, decoded_.steps);
      chosen = proposals;
      decoded_.has_varied = true;
    }
    commit_all(canvas_, input_.edges, proposals, chosen);
    const int masked_after = std::accumulate(canvas_.masked.begin(), canvas_.masked.end(), 0);
    // Nothing fits: only a `right` that no token can complete brings this about.
    if (masked_after == masked_before) input_.edges.give_up_right();
    if (observer_) observer_({canvas_, decoded_.blocks - 1, decoded_.steps});
    ++decoded_.steps;
    if (const auto limit = reached_limit(canvas_, input_.tokenizer, options_.max_lines)) finish(*limit);
    return Done{};
  }

 private:
  // Nothing is masked: what stands becomes context and the next block begins, or decoding ends.
  Status open_next_block() {
    if (decoded_.blocks > 0 && canvas_.ended()) {
      finish(Outcome::ended);
    } else if (canvas_.size() >= options_.max_tokens) {
      finish(Outcome::max_tokens);
    } else {
      const int next = std::min(options_.block, options_.max_tokens - canvas_.size());
      if (decoded_.blocks > 0) TRY(rows_.extend_with_next(canvas_.block(), next));
      open_block(canvas_, next);
      ++decoded_.blocks;
    }
    return Done{};
  }

  bool may_vary() const { return options_.temperature > 0 && !decoded_.has_varied; }

  bool is_to_vary(std::span<const Proposal> proposals) const {
    return may_vary() && !proposals.empty() && proposals.front().token >= 0 &&
           proposals.front().confidence < options_.threshold;
  }

  BlockRows::Ask ask() {
    return [this](int position, RowQuery& query) { input_.edges.ask(canvas_, position, query); };
  }

  BlockRows rows_;
  bool is_begun_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_denoiser(DecodeInput input, const DecodeOptions& options,
                                       StepObserver observer) {
  return std::make_unique<Denoiser>(std::move(input), options, std::move(observer));
}

Result<Decoded> denoise(const DecodeInput& input, const DecodeOptions& options, std::stop_token stop,
                        const StepObserver& observer) {
  return run(*make_denoiser(input, options, observer), stop);
}

}  // namespace seedling
