#include "engine/complete.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "engine/candidate_check.h"
#include "engine/sampler/finish.h"
#include "engine/structure/layout.h"
#include "engine/structure/verdict.h"

namespace seedling {
namespace {

using Clock = std::chrono::steady_clock;

// Hot enough that the second choices of an uncertain token turn up, cool enough that its tenth does not.
constexpr float kCandidateTemperature = 0.8f;

constexpr std::string_view kBlanks = " \t\r\n";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kBlanks) == std::string_view::npos;
}

std::string_view without_blanks_around(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Up to the first blank line: what stands behind it is another thought, and seldom a good one.
std::string_view first_paragraph(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  const std::size_t end = begin == std::string_view::npos ? begin : text.find("\n\n", begin);
  return text.substr(0, end);
}

// Whether the completion says only what stands behind the cursor anyway.
bool repeats_what_follows(std::string_view text, std::string_view suffix) {
  const std::size_t first = suffix.find_first_not_of(kBlanks);
  return first != std::string_view::npos && suffix.substr(first).starts_with(without_blanks_around(text));
}

// The structural check of one document with candidates at its cursor; the text as it is gets parsed once.
class CursorCheck {
 public:
  CursorCheck(const CompleteRequest& request, std::stop_token stop) : request_(request), stop_(stop) {}

  // What of `text` may be shown: the most of its lines, from the first one on, with which the text parses no
  // worse and uses no name that nothing declares; nothing if there is no such beginning.
  Result<std::string> acceptable_part(std::string text) {
    while (!is_blank(text)) {
      if (TRY(is_acceptable(text))) return text;
      const std::size_t newline = text.rfind('\n');
      text.resize(newline == std::string::npos ? 0 : newline);
    }
    return std::string();
  }

 private:
  Result<bool> is_acceptable(std::string_view text) {
    const Snapshot& snapshot = *request_.snapshot;
    if (!before_.has_value()) {
      const Result<Verdict> verdict = judge(snapshot.text, snapshot.language, stop_);
      if (!verdict.ok()) return unless_unsupported(verdict.error());
      before_ = verdict.value();
    }
    std::string after = snapshot.text;
    after.insert(request_.cursor.value, text);
    const Result<Verdict> verdict = judge(after, snapshot.language, stop_);
    if (!verdict.ok()) return unless_unsupported(verdict.error());
    if (!verdict.value().parses_no_worse_than(*before_)) return false;
    return uses_declared_names(snapshot, {{request_.cursor, request_.cursor}, std::string(text)}, stop_);
  }

  // A language without a grammar has no verdict, which is no reason to be silent.
  static Result<bool> unless_unsupported(const Error& error) {
    if (error.code == ErrorCode::unsupported) return true;
    return error;
  }

  const CompleteRequest& request_;
  std::stop_token stop_;
  std::optional<Verdict> before_;
};

// How often a completion is right that the sampler is so sure of.
float confidence_of(const ModelSession& session, const FilledText& filled) {
  if (!session.calibration) return filled.confidence;
  return static_cast<float>(session.calibration->probability(
      {filled.confidence, filled.stats.log_confidence, filled.stats.tokens}));
}

struct Ranked {
  Completion completion;
  double score = 0;
};

// The likeliest first, by the causal reading of the same weights; `closers` belong to the hole too.
Status rank(ModelSession& session, const FillRequest& hole, std::string_view closers,
            std::vector<Ranked>& found, std::stop_token stop) {
  if (found.size() < 2) return Done{};
  for (Ranked& ranked : found) {
    std::string text = ranked.completion.text;
    text += closers;
    ranked.score = TRY(causal_score(session, hole, text, stop));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
  return Done{};
}

}  // namespace

Result<std::vector<Completion>> complete(ModelSession& session, const CompleteRequest& request,
                                         float least_confidence, std::stop_token stop,
                                         const StepObserver& observer) {
  const Clock::time_point start = Clock::now();
  const Snapshot& snapshot = *request.snapshot;
  const std::size_t cursor = request.cursor.value;
  FillRequest hole;
  hole.prefix = std::string_view(snapshot.text).substr(0, cursor);
  // The hole takes in the brackets that an editor closes by itself: with them outside, every bracket typed
  // would change the suffix, which stands first, and nothing cached could be used.
  const std::string_view behind = std::string_view(snapshot.text).substr(cursor);
  const std::string_view closers = behind.substr(0, closers_behind(snapshot, request.cursor));
  hole.suffix = behind.substr(closers.size());
  hole.language = snapshot.language;
  hole.path = snapshot.path;
  hole.limits = request.limits;
  hole.mode = request.mode;

  if (request.is_automatic && session.calibration) {
    least_confidence = std::max(least_confidence, static_cast<float>(session.calibration->shown_from));
  }

  CursorCheck check(request, stop);
  std::vector<Ranked> found;
  for (int candidate = 0; candidate < std::max(1, request.limits.candidates); ++candidate) {
    // The first one is the model's best; the others differ from it by the first uncertain token.
    hole.seed = request.seed + candidate;
    hole.temperature = candidate == 0 ? 0 : kCandidateTemperature;
    if (request.limits.latency_budget_ms > 0 && candidate > 0) {
      const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
      hole.limits.latency_budget_ms = request.limits.latency_budget_ms - static_cast<int>(spent);
      if (hole.limits.latency_budget_ms <= 0) break;
    }
    FilledText filled = TRY(fill(session, hole, stop, observer));

    // What does not fit at the cursor is cut off or dropped: silence beats noise.
    const float confidence = confidence_of(session, filled);
    if (!filled.joins_suffix || !is_valid_utf8(filled.text) || confidence < least_confidence) continue;
    filled.text.resize(first_paragraph(filled.text).size());
    filled.text.resize(trim_completion(snapshot, request.cursor, filled.text, request.limits.max_lines));
    if (is_blank(filled.text) || repeats_what_follows(filled.text, behind)) continue;
    std::string text = TRY(check.acceptable_part(std::move(filled.text)));
    const auto is_same = [&](const Ranked& other) { return other.completion.text == text; };
    if (text.empty() || std::any_of(found.begin(), found.end(), is_same)) continue;
    found.push_back(
        {{{request.cursor, request.cursor}, std::move(text), confidence, filled.stats}, 0});
  }
  TRY(rank(session, hole, closers, found, stop));
  std::vector<Completion> completions;
  for (Ranked& ranked : found) completions.push_back(std::move(ranked.completion));
  return completions;
}

}  // namespace seedling
