#include "engine/sampler/denoise.h"

#include <algorithm>
#include <numeric>

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

// Draws the token of the surest position anew, where nothing is sure: that is what makes candidates differ.
void vary(std::vector<Proposal>& chosen, const BlockRows& rows, const Canvas& canvas, Edges& edges,
          const DecodeOptions& options, int step) {
  Proposal& best = chosen.front();
  for (std::size_t i = 0; i < rows.positions().size(); ++i) {
    if (rows.positions()[i] != best.position) continue;
    best = draw(best.position, rows.logits(i), edges.allowed(canvas, best.position), options.temperature,
                options.seed, step);
  }
}

bool is_past(const DecodeOptions& options) {
  return options.deadline.has_value() && std::chrono::steady_clock::now() >= *options.deadline;
}

Decoded finish(Decoded decoded, Outcome outcome) {
  decoded.outcome = outcome;
  cut(decoded.canvas, first_masked(decoded.canvas));
  return decoded;
}

}  // namespace

Result<Decoded> denoise(const DecodeInput& input, const DecodeOptions& options, std::stop_token stop,
                        const StepObserver& observer) {
  Decoded decoded;
  Canvas& canvas = decoded.canvas;
  canvas = input.kept;
  canvas.mask = input.config.diffusion.mask;
  canvas.end = input.config.diffusion.end;
  BlockRows rows(input.sequence, input.config);
  const auto ask = [&](int position, RowQuery& query) { input.edges.ask(canvas, position, query); };
  TRY(rows.extend(input.rest));
  decoded.prefilled = std::chrono::steady_clock::now();
  bool has_varied = options.temperature <= 0;
  while (canvas.size() < options.max_tokens) {
    open_block(canvas, std::min(options.block, options.max_tokens - canvas.size()));
    ++decoded.blocks;
    while (first_masked(canvas) < canvas.size()) {
      if (stop.stop_requested()) return stopped();
      if (is_past(options)) return finish(std::move(decoded), Outcome::out_of_time);
      TRY(rows.compute(canvas, ask, /*with_logits=*/!has_varied));
      const int masked_before = static_cast<int>(rows.positions().size());
      const std::vector<Proposal> proposals = proposals_of(rows, input.edges);
      std::vector<Proposal> chosen = choose_commits(proposals, options.threshold);
      if (!has_varied && !chosen.empty() && chosen.front().confidence < options.threshold) {
        vary(chosen, rows, canvas, input.edges, options, decoded.steps);
        has_varied = true;
        decoded.varied_at = chosen.front().position;
      }
      commit_all(canvas, input.edges, proposals, chosen);
      const int masked_after = std::accumulate(canvas.masked.begin(), canvas.masked.end(), 0);
      // Nothing fits: only a `right` that no token can complete brings this about.
      if (masked_after == masked_before) input.edges.give_up_right();
      if (observer) observer({canvas, decoded.blocks - 1, decoded.steps});
      ++decoded.steps;
      if (const auto limit = reached_limit(canvas, input.tokenizer, options.max_lines)) {
        return finish(std::move(decoded), *limit);
      }
    }
    if (canvas.ended()) return finish(std::move(decoded), Outcome::ended);
    if (canvas.size() < options.max_tokens) TRY(rows.extend(canvas.block()));
  }
  return finish(std::move(decoded), Outcome::max_tokens);
}

}  // namespace seedling
