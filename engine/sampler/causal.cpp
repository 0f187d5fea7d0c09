#include "engine/sampler/causal.h"

#include "engine/sampler/score.h"

namespace seedling {

Result<Decoded> decode_causally(const DecodeInput& input, const DecodeOptions& options, std::stop_token stop,
                                const StepObserver& observer) {
  Decoded decoded;
  Canvas& canvas = decoded.canvas;
  canvas.mask = input.config.diffusion.mask;
  canvas.end = input.config.diffusion.end;
  decoded.blocks = 1;
  bool has_varied = options.temperature <= 0;
  while (canvas.size() < options.max_tokens) {
    if (stop.stop_requested()) return stopped();
    if (options.deadline && std::chrono::steady_clock::now() >= *options.deadline) {
      decoded.outcome = Outcome::out_of_time;
      return decoded;
    }
    const int position = canvas.size();
    open_block(canvas, 1);
    const TokenSet& allowed = input.edges.allowed(canvas, position);
    Proposal proposal = propose(position, input.next_row, allowed);
    if (!has_varied && proposal.confidence < options.threshold) {
      proposal = draw(position, input.next_row, allowed, options.temperature, options.seed, decoded.steps);
      has_varied = true;
    }
    commit(canvas, position, proposal.token, proposal.confidence);
    if (observer) observer({canvas, 0, decoded.steps});
    ++decoded.steps;
    if (canvas.ended()) {
      decoded.outcome = Outcome::ended;
      return decoded;
    }
    if (const auto limit = reached_limit(canvas, input.tokenizer, options.max_lines)) {
      decoded.outcome = *limit;
      return decoded;
    }
    if (canvas.size() == options.max_tokens) break;
    const int row = 0;
    TRY(input.sequence.extend(std::span(&proposal.token, 1), std::span(&row, 1), input.next_row));
  }
  decoded.outcome = Outcome::max_tokens;
  return decoded;
}

}  // namespace seedling
