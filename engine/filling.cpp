#include "engine/filling.h"

#include <algorithm>
#include <numeric>

#include "engine/sampler/causal.h"
#include "engine/sampler/denoise.h"
#include "engine/sampler/finish.h"
#include "engine/sampler/hybrid.h"
#include "engine/sampler/revise.h"

namespace seedling {
namespace {

using Clock = std::chrono::steady_clock;

// A name that nothing declares is known to be what is wrong: so often another one is tried in its place.
constexpr int kMostNamesTried = 3;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Canvas first_tokens(const Canvas& canvas, int count) {
  Canvas kept = canvas;
  cut(kept, count);
  kept.block_begin = count;
  return kept;
}

// The token that spells the byte at an offset of the canvas's text; the last one where it ends before.
int position_at(const Tokenizer& tokenizer, const Canvas& canvas, std::size_t offset) {
  std::size_t spelt = 0;
  for (int position = 0; position < canvas.size(); ++position) {
    spelt += tokenizer.bytes(canvas.tokens[position]).size();
    if (offset < spelt) return position;
  }
  return canvas.size() - 1;
}

}  // namespace

Filling::Filling(ModelSession& session, const FillRequest& request, const DecodeOptions& options,
                 std::span<const TokenId> context, CachedSequence& sequence)
    : session_(session),
      request_(request),
      options_(options),
      context_(context),
      sequence_(sequence),
      words_(partial_words(*session.model->tokenizer, request.prefix, request.suffix)),
      edges_(*session.model->tokenizer, words_, session.model->config.diffusion.end,
             session.model->config.vocab_size) {}

Result<Filling::Attempt> Filling::run(std::stop_token stop, const StepObserver& observer) {
  if (request_.is_constrained && !request_.draft.has_value()) TRY(constrain(stop));
  Attempt first = TRY(attempt({}, stop, observer));
  if (first.verdict.fit == Fit::sound) return first;

  doubtful_.resize(first.decoded.canvas.size());
  std::iota(doubtful_.begin(), doubtful_.end(), 0);
  std::ranges::stable_sort(doubtful_, std::ranges::greater(),
                           [&](int position) { return first.decoded.canvas.confidence[position]; });
  Attempt best = first, last = first;
  while (reopened_ < kMostReopenings && first.decoded.outcome != Outcome::out_of_time) {
    std::optional<Canvas> kept = reopen(first, last);
    if (!kept) break;
    ++reopened_;
    last = TRY(attempt(std::move(*kept), stop, observer));
    if (last.verdict.fit > best.verdict.fit) best = last;
    if (best.verdict.fit == Fit::sound || last.decoded.outcome == Outcome::out_of_time) break;
  }
  return best;
}

// A language without a grammar asks nothing of a text.
Status Filling::constrain(std::stop_token stop) {
  const Clock::time_point start = Clock::now();
  std::string text(request_.prefix);
  text += request_.judged_suffix.value_or(request_.suffix);
  const Result<DocumentTree*> tree =
      session_.trees.at(request_.cached_by(), request_.path, request_.language, text, stop);
  if (!tree.ok() && tree.error().code == ErrorCode::unsupported) return Done{};
  if (!tree.ok()) return tree.error();

  const Model& model = *session_.model;
  std::shared_ptr<const LexemeTable>& lexemes = session_.lexemes[std::string(request_.language)];
  if (lexemes == nullptr) {
    lexemes =
        std::make_shared<const LexemeTable>(*model.tokenizer, request_.language, model.config.vocab_size);
  }
  HoleText hole;
  hole.prefix = request_.prefix.substr(0, request_.prefix.size() - words_.left.size());
  hole.suffix = request_.suffix.substr(words_.right.size());
  hole.language = request_.language;
  hole.calm = tree.value()->calm_before({static_cast<std::uint32_t>(hole.prefix.size())});
  hole.is_one_line = request_.is_one_line;
  hole.names = TRY(tree.value()->names_around({static_cast<std::uint32_t>(request_.prefix.size())}, stop));
  constraint_.emplace(*model.tokenizer, lexemes, std::move(hole), model.config.diffusion.end);
  edges_.constrain(&*constraint_);
  check_.emplace(*tree.value(), request_.prefix.size());
  constraint_ms_ += ms_since(start);
  return Done{};
}

Result<Filling::Attempt> Filling::attempt(Canvas kept, std::stop_token stop, const StepObserver& observer) {
  std::vector<TokenId> tokens(context_.begin(), context_.end());
  tokens.insert(tokens.end(), kept.tokens.begin(), kept.tokens.end());
  // What comes after the context is predicted while its last token is computed.
  const bool needs_last_row = request_.mode != Mode::diffusion || session_.model->config.diffusion.shift;
  const int count = static_cast<int>(tokens.size());
  const int reused = sequence_.reuse(tokens, needs_last_row ? count - 1 : count);
  if (reused_ < 0) reused_ = reused;

  const DecodeInput input{sequence_, *session_.model->tokenizer,        session_.model->config,
                          edges_,    std::span(tokens).subspan(reused), std::move(kept)};
  const int steps_before = steps_;
  const StepObserver counted = [&](const StepView& view) {
    observer({view.canvas, view.block, view.step + steps_before});
  };
  Attempt attempt;
  attempt.decoded = TRY(decode(input, stop, observer ? counted : observer));
  if (steps_ == 0) prefilled_ = attempt.decoded.prefilled;
  steps_ += attempt.decoded.steps;
  // What was drawn once is kept or gone: it does not vary again.
  if (attempt.decoded.varied_at >= 0) options_.temperature = 0;
  finish_text(attempt);
  const Clock::time_point start = Clock::now();
  if (check_) attempt.verdict = TRY(judge(attempt, stop));
  constraint_ms_ += ms_since(start);
  return attempt;
}

Result<Decoded> Filling::decode(const DecodeInput& input, std::stop_token stop,
                                const StepObserver& observer) {
  if (request_.draft.has_value())
    return revise(input, input.tokenizer.encode(*request_.draft), options_, stop, observer);
  switch (request_.mode) {
    case Mode::causal:
      return decode_causally(input, options_, stop, observer);
    case Mode::hybrid:
      return decode_hybrid(input, options_, session_.lookup, stop, observer);
    case Mode::diffusion:
      break;
  }
  return denoise(input, options_, stop, observer);
}

// The text that goes into the hole, and whether it leads into the word that the hole's right edge cuts.
void Filling::finish_text(Attempt& attempt) const {
  const std::string spelt = session_.model->tokenizer->decode(attempt.decoded.canvas.tokens);
  const std::string_view whole = strip_partial_words(complete_utf8(spelt), words_);
  std::string_view text = first_lines(whole, request_.limits.max_lines);
  text = text.substr(0, std::min(text.size(), repetition_start(text)));
  attempt.joins_suffix =
      words_.right.empty() || (text.size() == whole.size() && spelt.ends_with(words_.right));
  attempt.text = text;
}

Result<HoleVerdict> Filling::judge(const Attempt& attempt, std::stop_token stop) {
  std::string text = attempt.text;
  if (request_.kept_bytes) {
    const std::optional<std::size_t> kept = request_.kept_bytes(text);
    if (!kept) return HoleVerdict{};
    text.resize(*kept);
  }
  // A hole of whole lines, of which the last line end was not wanted.
  const bool begins_line = request_.prefix.empty() || request_.prefix.ends_with('\n');
  const bool is_followed_by_line = request_.suffix.starts_with('\n') || request_.suffix.starts_with("\r\n");
  if (attempt.decoded.outcome == Outcome::max_lines && begins_line && !is_followed_by_line) text += '\n';
  return check_->judge(text, stop);
}

// The beginning of a canvas that is kept, with what followed it banned. What is known to be wrong is reopened
// where it stands; else the model's own text where the model was least sure, as far as what is wrong can come
// from there.
std::optional<Canvas> Filling::reopen(const Attempt& first, const Attempt& last) {
  const Tokenizer& tokenizer = *session_.model->tokenizer;
  const Canvas* canvas = &last.decoded.canvas;
  int position = -1;
  if (last.verdict.is_exact && names_tried_ < kMostNamesTried && canvas->size() > 0) {
    ++names_tried_;
    position = position_at(tokenizer, *canvas, words_.left.size() + last.verdict.shows_at);
  } else {
    canvas = &first.decoded.canvas;
    const int shows_at = canvas->size() == 0
                             ? -1
                             : position_at(tokenizer, *canvas, words_.left.size() + first.verdict.shows_at);
    while (!doubtful_.empty() && position < 0) {
      if (doubtful_.back() <= shows_at) position = doubtful_.back();
      doubtful_.pop_back();
    }
    names_tried_ = 0;
  }
  if (position < 0) return std::nullopt;
  constraint_->ban(*canvas, position, canvas->tokens[position]);
  return first_tokens(*canvas, position);
}

}  // namespace seedling
