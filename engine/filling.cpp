#include "engine/filling.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

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

// A way of decoding that is not for computing beside others: all of its passes are one step.
class WholeDecoder : public Decoder {
 public:
  explicit WholeDecoder(std::function<Result<Decoded>(std::stop_token)> decode)
      : decode_(std::move(decode)) {}

  Result<const SequencePass*> next(std::stop_token stop) override {
    decoded_ = TRY(decode_(stop));
    return static_cast<const SequencePass*>(nullptr);
  }
  Status take() override { return Done{}; }
  Decoded result() override { return std::move(decoded_); }

 private:
  std::function<Result<Decoded>(std::stop_token)> decode_;
  Decoded decoded_;
};

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

int most_reused(const ModelSession& session, const FillRequest& request, std::size_t context) {
  const bool needs_last_row = request.mode != Mode::diffusion || session.model->config.diffusion.shift;
  return static_cast<int>(context) - (needs_last_row ? 1 : 0);
}

Filling::Filling(ModelSession& session, const FillRequest& request, const DecodeOptions& options,
                 std::span<const TokenId> context, CachedSequence& sequence, StepObserver observer)
    : session_(session),
      request_(request),
      options_(options),
      context_(context),
      sequence_(sequence),
      observer_(std::move(observer)),
      words_(partial_words(*session.model->tokenizer, request.prefix, request.suffix)),
      edges_(*session.model->tokenizer, words_, session.model->config.diffusion.end,
             session.model->config.vocab_size) {}

Result<const SequencePass*> Filling::next(std::stop_token stop) {
  if (!decoder_) {
    if (request_.is_constrained && !request_.draft.has_value()) TRY(constrain(stop));
    begin_attempt({});
  }
  while (true) {
    if (const SequencePass* pass = TRY(decoder_->next(stop))) return pass;
    std::optional<Canvas> kept = consider(TRY(finish_attempt(stop)));
    if (!kept) return static_cast<const SequencePass*>(nullptr);
    begin_attempt(std::move(*kept));
  }
}

// What another attempt is to keep of what is there; nothing if there is to be none.
std::optional<Canvas> Filling::consider(Attempt attempt) {
  const bool is_in_time = attempt.decoded.outcome != Outcome::out_of_time;
  if (!best_ || attempt.verdict.fit > best_->verdict.fit) best_ = attempt;
  if (!first_) {
    first_ = attempt;
    doubtful_.resize(attempt.decoded.canvas.size());
    std::iota(doubtful_.begin(), doubtful_.end(), 0);
    std::ranges::stable_sort(doubtful_, std::ranges::greater(),
                             [&](int position) { return first_->decoded.canvas.confidence[position]; });
  }
  if (best_->verdict.fit == Fit::sound || !is_in_time || reopened_ >= kMostReopenings) return std::nullopt;
  std::optional<Canvas> kept = reopen(*first_, attempt);
  if (kept) ++reopened_;
  return kept;
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
  hole.names = TRY(tree.value()->names_around({static_cast<std::uint32_t>(request_.prefix.size())}, stop,
                                              request_.neighbours));
  constraint_.emplace(*model.tokenizer, lexemes, std::move(hole), model.config.diffusion.end);
  edges_.constrain(&*constraint_);
  check_.emplace(*tree.value(), request_.prefix.size());
  constraint_ms_ += ms_since(start);
  return Done{};
}

void Filling::begin_attempt(Canvas kept) {
  tokens_.assign(context_.begin(), context_.end());
  tokens_.insert(tokens_.end(), kept.tokens.begin(), kept.tokens.end());
  const int reused = sequence_.reuse(tokens_, most_reused(session_, request_, tokens_.size()));
  decoder_ = make_decoder({sequence_, *session_.model->tokenizer, session_.model->config, edges_,
                           std::span(tokens_).subspan(reused), std::move(kept)});
}

std::unique_ptr<Decoder> Filling::make_decoder(DecodeInput input) {
  StepObserver observer;
  if (observer_) {
    observer = [this, before = steps_](const StepView& view) {
      observer_({view.canvas, view.block, view.step + before});
    };
  }
  if (request_.draft.has_value()) {
    return std::make_unique<WholeDecoder>(
        [this, input = std::move(input), observer = std::move(observer)](std::stop_token stop) {
          return revise(input, input.tokenizer.encode(*request_.draft), options_, stop, observer);
        });
  }
  switch (request_.mode) {
    case Mode::causal:
      return make_causal_decoder(std::move(input), options_, std::move(observer));
    case Mode::hybrid:
      return std::make_unique<WholeDecoder>(
          [this, input = std::move(input), observer = std::move(observer)](std::stop_token stop) {
            return decode_hybrid(input, options_, session_.lookup, stop, observer);
          });
    case Mode::diffusion:
      break;
  }
  return make_denoiser(std::move(input), options_, std::move(observer));
}

Result<Filling::Attempt> Filling::finish_attempt(std::stop_token stop) {
  Attempt attempt;
  attempt.decoded = decoder_->result();
  if (steps_ == 0) prefilled_ = attempt.decoded.prefilled;
  steps_ += attempt.decoded.steps;
  // What was drawn once is kept or gone: it does not vary again.
  if (attempt.decoded.has_varied) options_.temperature = 0;
  finish_text(attempt);
  const Clock::time_point start = Clock::now();
  if (check_) attempt.verdict = TRY(judge(attempt, stop));
  constraint_ms_ += ms_since(start);
  return attempt;
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
  const bool is_line = request_.is_one_line || attempt.decoded.outcome == Outcome::max_lines;
  if (is_line && begins_line && !is_followed_by_line && !text.ends_with('\n')) text += '\n';
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
