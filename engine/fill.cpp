#include "engine/fill.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "engine/cache/reuse.h"
#include "engine/filling.h"
#include "engine/sampler/revise.h"

namespace seedling {
namespace {

using Clock = std::chrono::steady_clock;

// Language, path, diagnostic, suffix, prefix and middle markers.
constexpr int kMarkers = 6;

double ms_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

float mean_confidence(const Canvas& canvas) {
  if (canvas.size() == 0) return 0;
  return std::accumulate(canvas.confidence.begin(), canvas.confidence.end(), 0.0f) /
         static_cast<float>(canvas.size());
}

float log_confidence(const Canvas& canvas) {
  // No float is smaller: its logarithm is finite.
  static constexpr float kLeast = 1e-38f;
  return std::accumulate(
      canvas.confidence.begin(), canvas.confidence.end(), 0.0f,
      [](float sum, float confidence) { return sum + std::log(std::max(kLeast, confidence)); });
}

Status check_draft(const ModelSession& session, const FillRequest& request) {
  if (!can_revise(session.model->config)) return unsupported("this model was not trained to revise drafts");
  const PartialWords words = partial_words(*session.model->tokenizer, request.prefix, request.suffix);
  if (words.left.empty() && words.right.empty()) return Done{};
  return invalid_input("a draft begins and ends with whole words");
}

DecodeOptions options_of(const FillRequest& request, const Plan& plan) {
  DecodeOptions options;
  options.block = plan.block;
  options.threshold = plan.threshold;
  options.max_lines = request.limits.max_lines;
  options.seed = request.seed;
  options.edit_threshold = request.edit_threshold;
  options.reopen_threshold = request.reopen_threshold;
  return options;
}

// Round by round, a pass of every filling that still has one.
Status run_together(std::span<const std::unique_ptr<Filling>> fillings, std::stop_token stop) {
  std::vector<Filling*> live;
  for (const std::unique_ptr<Filling>& filling : fillings) live.push_back(filling.get());
  while (true) {
    std::vector<Filling*> computed;
    std::vector<const SequencePass*> passes;
    for (Filling* filling : live) {
      const SequencePass* pass = TRY(filling->next(stop));
      if (pass == nullptr) continue;
      computed.push_back(filling);
      passes.push_back(pass);
    }
    if (passes.empty()) return Done{};
    TRY(CachedSequence::forward_together(passes));
    for (Filling* filling : computed) TRY(filling->take());
    live = std::move(computed);
  }
}

FilledText text_of(Filling& filling) {
  Filling::Attempt& attempt = filling.best();
  const Decoded& decoded = attempt.decoded;
  FilledText filled;
  filled.text = std::move(attempt.text);
  filled.joins_suffix = attempt.joins_suffix;
  filled.fit = attempt.verdict.fit;
  filled.confidence = mean_confidence(decoded.canvas);
  filled.outcome = decoded.outcome;
  filled.stats.tokens = decoded.canvas.size();
  filled.stats.steps = filling.steps();
  filled.stats.reopened = filling.reopened();
  filled.stats.constraint_ms = filling.constraint_ms();
  filled.stats.blocks = decoded.blocks;
  filled.stats.mean_confidence = filled.confidence;
  filled.stats.log_confidence = log_confidence(decoded.canvas);
  return filled;
}

// What the first attempt alone shows of how many tokens a step commits here.
void note_plan(ModelSession& session, const FillRequest& request, const Plan& plan, Filling& filling) {
  const bool is_denoised =
      request.mode == Mode::diffusion && !request.draft.has_value() && filling.reopened() == 0;
  const Decoded& decoded = filling.best().decoded;
  if (is_denoised && decoded.outcome == Outcome::ended) {
    session.planner.observe(plan, request.language, decoded.canvas.size(), decoded.steps);
  }
}

}  // namespace

Result<std::vector<TokenId>> context_of(const ModelSession& session, const FillRequest& request,
                                        int reserved) {
  const int positions = session.model->config.max_position_embeddings - reserved;
  if (positions <= kMarkers) {
    return invalid_input("the model holds " + std::to_string(session.model->config.max_position_embeddings) +
                         " tokens, which leaves none for the text around the hole: ask for fewer tokens");
  }
  const ContextText text{request.language, request.path,       request.prefix,
                         request.suffix,   request.diagnostic, request.neighbour_lines};
  std::vector<TokenId> tokens =
      context_tokens(*session.model->tokenizer, text, fit_budget(session.budget, positions));
  // A vocabulary without any of our markers has nothing to start from when the text is empty too.
  if (tokens.empty()) tokens.push_back(session.model->config.diffusion.end);
  return tokens;
}

ContextBudget fit_budget(const ContextBudget& budget, int positions) {
  const int wanted = kMarkers + budget.prefix_tokens + budget.suffix_tokens + budget.path_tokens +
                     budget.diagnostic_tokens + budget.neighbour_tokens;
  if (wanted <= positions) return budget;
  // Rounded down, so that the sum stays within; the prefix takes what rounding leaves.
  const double share = static_cast<double>(positions - kMarkers) / (wanted - kMarkers);
  ContextBudget fitted;
  fitted.suffix_tokens = static_cast<int>(budget.suffix_tokens * share);
  fitted.path_tokens = static_cast<int>(budget.path_tokens * share);
  fitted.diagnostic_tokens = static_cast<int>(budget.diagnostic_tokens * share);
  fitted.neighbour_tokens = static_cast<int>(budget.neighbour_tokens * share);
  fitted.prefix_tokens = positions - kMarkers - fitted.suffix_tokens - fitted.path_tokens -
                         fitted.diagnostic_tokens - fitted.neighbour_tokens;
  return fitted;
}

Result<std::vector<FilledText>> fill_several(ModelSession& session, const FillRequest& request,
                                             std::span<const Variation> variations, std::stop_token stop,
                                             const StepObserver& observer) {
  const Clock::time_point start = Clock::now();
  if (stop.stop_requested()) return stopped();
  if (request.draft.has_value()) TRY(check_draft(session, request));

  // What the model sees of the text around the hole, and what is cached of it.
  const int max_tokens = std::max(1, request.limits.max_tokens);
  const std::vector<TokenId> context = TRY(context_of(session, request, max_tokens));
  const int count = static_cast<int>(context.size());
  const std::shared_ptr<CachedSequence> sequence =
      TRY(session.sequences.borrow(request.cached_by(), request.cached_for, context));
  const int reused = reusable_length(sequence->tokens(), context);

  // Masks become tokens, as many at a time as is soonest through.
  PlanLimits limits;
  limits.context_tokens = count;
  limits.uncached_tokens = count - reused;
  limits.budget_ms = request.limits.latency_budget_ms;
  const Plan plan = session.planner.plan(limits, request.language);
  DecodeOptions options = options_of(request, plan);
  options.max_tokens = max_tokens;
  if (request.limits.latency_budget_ms > 0) {
    options.deadline = start + std::chrono::milliseconds(request.limits.latency_budget_ms);
  }
  std::vector<std::unique_ptr<CachedSequence>> forks;
  if (variations.size() > 1) {
    const int shared = most_reused(session, request, context.size());
    const int begin = sequence->reuse(context, shared);
    TRY(sequence->extend(std::span(context).subspan(begin, shared - begin)));
  }
  std::vector<std::unique_ptr<Filling>> fillings;
  for (const Variation& variation : variations) {
    const bool is_first = fillings.empty();
    options.temperature = variation.temperature;
    options.rank = variation.rank;
    options.ranks = variation.ranks;
    if (!is_first) forks.push_back(TRY(sequence->fork()));
    fillings.push_back(std::make_unique<Filling>(session, request, options, context,
                                                 is_first ? *sequence : *forks.back(),
                                                 is_first ? observer : StepObserver()));
  }
  TRY(run_together(fillings, stop));

  std::vector<FilledText> texts;
  for (const std::unique_ptr<Filling>& filling : fillings) {
    FilledText& filled = texts.emplace_back(text_of(*filling));
    note_plan(session, request, plan, *filling);
    filled.stats.block = plan.block;
    filled.stats.threshold = plan.threshold;
    filled.stats.expected_tokens_per_step = plan.tokens_per_step;
    filled.stats.context_tokens = count;
    filled.stats.reused_tokens = reused;
    filled.stats.cache_bytes = session.sequences.bytes();
    filled.stats.prefill_ms = ms_between(start, filling->prefilled());
    filled.stats.denoise_ms = ms_between(filling->prefilled(), Clock::now());
  }
  return texts;
}

Result<FilledText> fill(ModelSession& session, const FillRequest& request, std::stop_token stop,
                        const StepObserver& observer) {
  const Variation alone{request.temperature, 0};
  std::vector<FilledText> texts = TRY(fill_several(session, request, std::span(&alone, 1), stop, observer));
  return std::move(texts.front());
}

std::vector<TokenId> tokens_of(const ModelSession& session, const FillRequest& hole, std::string_view text) {
  const Tokenizer& tokenizer = *session.model->tokenizer;
  const TokenId end = session.model->config.diffusion.end;
  std::vector<TokenId> tokens =
      middle_tokens(tokenizer, partial_words(tokenizer, hole.prefix, hole.suffix), text);
  if (tokens.empty() || tokens.back() != end) tokens.push_back(end);
  return tokens;
}

Result<std::vector<float>> causal_log_probabilities(ModelSession& session, const FillRequest& hole,
                                                    std::span<const TokenId> tokens,
                                                    std::span<const TokenId> wanted, std::stop_token stop) {
  if (stop.stop_requested()) return stopped();
  const std::vector<TokenId> context = TRY(context_of(session, hole, static_cast<int>(tokens.size()) + 1));

  // Row r predicts the token after it; the first one comes with the last token of the context.
  const std::shared_ptr<CachedSequence> sequence =
      TRY(session.sequences.borrow(hole.cached_by(), hole.cached_for, context));
  const int reused = sequence->reuse(context, static_cast<int>(context.size()) - 1);
  std::vector<TokenId> rest(context.begin() + reused, context.end());
  const int first_row = static_cast<int>(rest.size()) - 1;
  rest.insert(rest.end(), tokens.begin(), tokens.end());
  std::vector<RowQuery> queries(wanted.size());
  std::vector<RowAnswer> answers(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    queries[i].row = first_row + static_cast<int>(i);
    queries[i].target = wanted[i];
  }
  TRY(sequence->extend(rest, queries, answers));
  std::vector<float> found;
  for (const RowAnswer& answer : answers) found.push_back(answer.target_log_probability);
  return found;
}

Result<double> causal_score(ModelSession& session, const FillRequest& hole, std::string_view text,
                            std::stop_token stop) {
  const std::vector<TokenId> tokens = tokens_of(session, hole, text);
  const auto before_end = std::span(tokens).first(tokens.size() - 1);
  const std::vector<float> found = TRY(causal_log_probabilities(session, hole, before_end, tokens, stop));
  return std::accumulate(found.begin(), found.end(), 0.0) / static_cast<double>(found.size());
}

}  // namespace seedling
