#include "engine/sampler/causal.h"

#include "engine/sampler/score.h"

namespace seedling {
namespace {

// What the model says of the canvas's last position, which is masked, after `tokens` have become context.
struct NextToken {
  RowAnswer answer;
  std::vector<float> logits;  // [V] f32 where asked for
};

Status extend_and_ask(const DecodeInput& input, std::span<const TokenId> tokens, const TokenSet& allowed,
                      NextToken& next) {
  const Preference& preference = input.edges.preference();
  RowQuery query;
  query.row = static_cast<int>(tokens.size()) - 1;
  query.allowed = allowed.words();
  query.preferred = preference.words();
  query.logits = next.logits;
  TRY(input.sequence.extend(tokens, std::span(&query, 1), std::span(&next.answer, 1)));
  preference.apply(next.answer);
  return Done{};
}

Decoded finish(Decoded decoded, Outcome outcome) {
  decoded.outcome = outcome;
  cut(decoded.canvas, first_masked(decoded.canvas));
  return decoded;
}

}  // namespace

Result<Decoded> decode_causally(const DecodeInput& input, const DecodeOptions& options, std::stop_token stop,
                                const StepObserver& observer) {
  Decoded decoded;
  Canvas& canvas = decoded.canvas;
  canvas = input.kept;
  canvas.mask = input.config.diffusion.mask;
  canvas.end = input.config.diffusion.end;
  decoded.blocks = 1;
  NextToken next;
  if (options.temperature > 0) next.logits.resize(input.config.vocab_size);
  std::span<const TokenId> rest = input.rest;
  TokenId committed = -1;
  while (canvas.size() < options.max_tokens) {
    if (stop.stop_requested()) return stopped();
    if (options.deadline && std::chrono::steady_clock::now() >= *options.deadline) {
      return finish(std::move(decoded), Outcome::out_of_time);
    }
    const int position = canvas.size();
    open_block(canvas, 1);
    const TokenSet& allowed = input.edges.allowed(canvas, position);
    TRY(extend_and_ask(input, rest, allowed, next));
    if (decoded.steps == 0) decoded.prefilled = std::chrono::steady_clock::now();
    Proposal proposal = proposal_of(position, next.answer);
    if (!next.logits.empty() && proposal.confidence < options.threshold) {
      proposal = draw(position, next.logits, allowed, options.temperature, options.seed, position);
      next.logits.clear();  // one token varies
      decoded.varied_at = position;
    }
    commit(canvas, position, proposal.token, proposal.confidence);
    if (observer) observer({canvas, 0, decoded.steps});
    ++decoded.steps;
    if (canvas.ended()) return finish(std::move(decoded), Outcome::ended);
    if (const auto limit = reached_limit(canvas, input.tokenizer, options.max_lines)) {
      return finish(std::move(decoded), *limit);
    }
    committed = proposal.token;
    rest = std::span(&committed, 1);
  }
  return finish(std::move(decoded), Outcome::max_tokens);
}

}  // namespace seedling
