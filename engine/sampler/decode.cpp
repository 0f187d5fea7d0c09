#include "engine/sampler/decode.h"

#include <algorithm>

#include "engine/sampler/decoder.h"
#include "engine/sampler/finish.h"

namespace seedling {

std::optional<Outcome> reached_limit(const Canvas& canvas, const Tokenizer& tokenizer, int max_lines) {
  const std::string text = spell(tokenizer, canvas, 0, first_masked(canvas));
  if (max_lines > 0 && std::count(text.begin(), text.end(), '\n') >= max_lines) return Outcome::max_lines;
  if (repetition_start(text) != std::string::npos) return Outcome::repeated;
  return std::nullopt;
}

CanvasDecoder::CanvasDecoder(DecodeInput input, const DecodeOptions& options, StepObserver observer)
    : input_(std::move(input)), options_(options), observer_(std::move(observer)) {
  canvas_ = first_canvas(input_);
}

void CanvasDecoder::finish(Outcome outcome) {
  is_over_ = true;
  decoded_.outcome = outcome;
  cut(canvas_, first_masked(canvas_));
}

Canvas first_canvas(const DecodeInput& input) {
  Canvas canvas = input.kept;
  canvas.mask = input.config.diffusion.mask;
  canvas.end = input.config.diffusion.end;
  return canvas;
}

bool is_past_deadline(const DecodeOptions& options) {
  return options.deadline.has_value() && std::chrono::steady_clock::now() >= *options.deadline;
}

Proposal vary(const Canvas& canvas, const Proposal& own, std::span<const float> logits, Edges& edges,
              const DecodeOptions& options, int step) {
  const TokenSet& allowed = edges.allowed(canvas, own.position);
  if (options.rank == 0) return draw(own.position, logits, allowed, options.temperature, options.seed, step);
  std::vector<TokenId> others = draw_others(own.position, logits, allowed, options.temperature, options.seed,
                                            step, own.token, std::max(options.rank, options.ranks));
  if (static_cast<std::size_t>(options.rank) > others.size()) return own;
  const TokenId drawn = others[options.rank - 1];
  others[options.rank - 1] = own.token;
  edges.keep_apart(canvas, own.position, std::move(others));
  return proposal_for(own.position, logits, drawn);
}

Result<Decoded> run(Decoder& decoder, std::stop_token stop) {
  while (const SequencePass* pass = TRY(decoder.next(stop))) {
    TRY(pass->sequence->forward(pass->pass, pass->queries, pass->answers));
    TRY(decoder.take());
  }
  return decoder.result();
}

}  // namespace seedling
