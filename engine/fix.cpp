#include "engine/fix.h"

#include <algorithm>
#include <vector>

#include "engine/candidate_check.h"
#include "engine/fix_edits.h"
#include "engine/fix_holes.h"
#include "engine/sampler/finish.h"
#include "engine/sampler/revise.h"
#include "engine/structure/verdict.h"

namespace seedling {
namespace {

// A fix is small: every byte that it changes has to make the text this much likelier (nats).
constexpr double kCostOfByte = 1.2;

// What a tool asks whether it was meant is so much likelier than a model of any size can know (nats).
constexpr double kTrustInTool = 10;

// Room for what the statement lacks, beside what it has.
constexpr int kSpareTokens = 24;
constexpr int kBytesPerToken = 2;

// Later diagnostics are mostly consequences of the first.
constexpr std::size_t kMaxDiagnostics = 3;

constexpr float kRetryTemperature = 0.8f;

// What is most often forgotten, and too small to leave to chance: each is tried where something may be
// missing.
constexpr std::string_view kForgottenMarks[] = {":", ")", "]", "}", ";", ",", "(", "\"", "'"};

// Scoring one costs a pass over the statement.
constexpr std::size_t kMostSmallEdits = 64;

struct Candidate {
  Edit edit;  // the smallest
  double score = 0;
  bool is_due = false;  // it changes what the tool says is wrong
  bool is_suggested = false;
};

// How readily the present statement is edited: the surest edits first, then every likely one, with what is
// hardly believed thought over.
struct Readiness {
  float edit, reopen;
};
constexpr Readiness kReadiness[] = {{0.8f, 0}, {0.4f, 0.02f}, {0.2f, 0.1f}};

// Everything that stays the same while candidates for one diagnostic are made.
struct Attempt {
  ModelSession& session;
  const ResolveActionRequest& request;
  const Snapshot& snapshot;
  const Verdict& before;
  std::string message;
  FixHoles holes;
  const SmallEdits& small;
  int undeclared;  // undeclared names in the text, if the diagnostic is about one; 0 otherwise
  std::stop_token stop;
  ResolvedAction& resolved;

  std::string_view text() const { return snapshot.text; }
};

std::string message_of(const Diagnostic& diagnostic) {
  std::string message = diagnostic.message.substr(0, diagnostic.message.find('\n'));
  return std::string(complete_utf8(message));
}

FillRequest request_for(const Attempt& attempt, ByteRange hole) {
  FillRequest request;
  request.prefix = attempt.text().substr(0, hole.begin.value);
  request.suffix = attempt.text().substr(hole.end.value);
  request.language = attempt.snapshot.language;
  request.path = attempt.snapshot.path;
  request.document = attempt.snapshot.document;
  request.diagnostic = attempt.message;
  request.mode = attempt.request.mode;
  request.seed = attempt.request.seed;
  request.cached_for = CachedFor::action;
  const std::string_view old = attempt.text().substr(hole.begin.value, hole.size());
  request.limits.max_tokens = std::min<int>(attempt.request.limits.max_tokens,
                                            static_cast<int>(old.size()) / kBytesPerToken + kSpareTokens);
  // One line more than there was: what is missing may be a line. A hole inside a line stays there.
  const int lines = static_cast<int>(std::count(old.begin(), old.end(), '\n')) + 1;
  request.limits.max_lines = lines + (hole == attempt.holes.region ? 2 : 1);
  return request;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// What the region says after an edit inside it.
std::string region_after(const Attempt& attempt, const Edit& edit) {
  const ByteRange region = attempt.holes.region;
  const std::string_view old = attempt.text().substr(region.begin.value, region.size());
  const Edit inside{{ByteOffset{edit.range.begin.value - region.begin.value},
                     ByteOffset{edit.range.end.value - region.begin.value}},
                    edit.text};
  return with_edit(old, inside);
}

// ln probability of the region saying `text`, <end> included.
Result<double> likelihood(const Attempt& attempt, std::string_view text) {
  const FillRequest region = request_for(attempt, attempt.holes.region);
  const double mean = TRY(causal_score(attempt.session, region, text, attempt.stop));
  const PartialWords words = partial_words(*attempt.session.model->tokenizer, region.prefix, region.suffix);
  return mean * static_cast<double>(middle_tokens(*attempt.session.model->tokenizer, words, text).size());
}

// Fewer broken bytes alone are no improvement: to drop what is broken would be one.
bool is_improvement(const Verdict& after, const Verdict& before) {
  if (after.is_clean()) return true;
  const int problems_before = before.error_nodes + before.missing_nodes;
  return after.parses_better_than(before) && after.error_nodes + after.missing_nodes < problems_before;
}

// The edit that changes nothing at a place.
Edit as_it_is(const Snapshot& snapshot, ByteRange range) {
  return {range, snapshot.text.substr(range.begin.value, range.size())};
}

// Adds the text for a hole to the candidates if it changes something and parses as it has to.
Status consider(const Attempt& attempt, ByteRange hole, std::string text,
                std::vector<Candidate>& candidates) {
  const Edit edit = smallest_edit(attempt.text(), {hole, std::move(text)});
  if (edit.range.size() == 0 && edit.text.empty()) return Done{};
  const auto is_same = [&](const Candidate& other) { return other.edit == edit; };
  if (std::any_of(candidates.begin(), candidates.end(), is_same)) return Done{};
  // Removing what is complained about always parses; it is no answer.
  if (is_blank(region_after(attempt, edit))) return Done{};
  // Nor is dropping most of a statement that a linter has an opinion on.
  constexpr std::uint32_t kWord = 16;
  if (attempt.before.is_clean() && edit.range.size() > kWord && edit.text.size() * 2 < edit.range.size())
    return Done{};
  Snapshot changed = attempt.snapshot;
  changed.text = with_edit(attempt.text(), edit);
  const Verdict after = TRY(judge(changed.text, changed.language, attempt.stop));
  if (!is_improvement(after, attempt.before)) return Done{};
  if (!TRY(uses_declared_names(attempt.snapshot, edit, attempt.stop))) return Done{};
  // Where the complaint is about an undeclared name, one of them has to go.
  if (attempt.undeclared > 0 && TRY(undeclared_count(changed, attempt.stop)) >= attempt.undeclared) {
    return Done{};
  }
  candidates.push_back({edit, 0});
  return Done{};
}

// One that was not written by the model: the tool's word counts for more than what the model finds likely.
Status consider_small(const Attempt& attempt, const Edit& edit, std::vector<Candidate>& candidates) {
  const std::size_t others = candidates.size();
  TRY(consider(attempt, edit.range, edit.text, candidates));
  if (candidates.size() > others) {
    candidates.back().is_due = attempt.small.is_due(edit);
    candidates.back().is_suggested = attempt.small.is_suggested(edit);
  }
  return Done{};
}

Status fill_holes(const Attempt& attempt, std::vector<Candidate>& candidates) {
  for (const std::string& name : likely_names(attempt.snapshot, attempt.holes.word)) {
    TRY(consider_small(attempt, {attempt.holes.word, name}, candidates));
  }
  for (const ByteRange& hole : attempt.holes.holes) {
    if (hole.size() > 0 || attempt.before.is_clean()) continue;
    for (const std::string_view mark : kForgottenMarks)
      TRY(consider(attempt, hole, std::string(mark), candidates));
  }
  for (const ByteRange& hole : attempt.holes.holes) {
    for (int round = 0; round < std::max(1, attempt.request.limits.candidates); ++round) {
      FillRequest request = request_for(attempt, hole);
      request.seed += round;
      request.temperature = round == 0 ? 0 : kRetryTemperature;
      FilledText filled = TRY(fill(attempt.session, request, attempt.stop));
      attempt.resolved.stats.add_cost(filled.stats);
      // A text that was cut off is no answer.
      if (filled.outcome != Outcome::ended || !filled.joins_suffix || !is_valid_utf8(filled.text)) continue;
      TRY(consider(attempt, hole, std::move(filled.text), candidates));
    }
  }
  return Done{};
}

// Of the small edits those that mend the text. Where it parses already, those of what the tool names: another
// token would do as well as any, and say nothing.
Status try_small_edits(const Attempt& attempt, std::vector<Candidate>& candidates) {
  const Snapshot& snapshot = attempt.snapshot;
  DocumentTree* const tree = TRY(attempt.session.trees.at(document_of(snapshot), snapshot.path,
                                                          snapshot.language, snapshot.text, attempt.stop));
  std::vector<Edit> sound;
  for (const Edit& edit : attempt.small.edits) {
    if (sound.size() == kMostSmallEdits) break;
    if (attempt.before.is_clean() && !attempt.small.is_due(edit)) continue;
    if (is_improvement(TRY(tree->judge_with(edit, attempt.stop)).verdict, attempt.before))
      sound.push_back(edit);
  }
  for (const Edit& edit : sound) TRY(consider_small(attempt, edit, candidates));
  return Done{};
}

// What the edit decoder makes of the statement as it stands.
Status revise_region(const Attempt& attempt, std::vector<Candidate>& candidates) {
  if (!can_revise(attempt.session.model->config)) return Done{};
  FillRequest request = request_for(attempt, attempt.holes.region);
  const PartialWords words = partial_words(*attempt.session.model->tokenizer, request.prefix, request.suffix);
  if (!words.left.empty() || !words.right.empty()) return Done{};
  request.draft = attempt.text().substr(attempt.holes.region.begin.value, attempt.holes.region.size());
  for (const Readiness& readiness : kReadiness) {
    request.edit_threshold = readiness.edit;
    request.reopen_threshold = readiness.reopen;
    FilledText revised = TRY(fill(attempt.session, request, attempt.stop));
    attempt.resolved.stats.add_cost(revised.stats);
    if (revised.outcome != Outcome::ended || !is_valid_utf8(revised.text)) continue;
    TRY(consider(attempt, attempt.holes.region, std::move(revised.text), candidates));
  }
  return Done{};
}

// The likeliest candidate that changes little; where the text parses already, it has to be likelier than
// that, or to change what the tool says is wrong.
Result<std::optional<Candidate>> best_of(const Attempt& attempt, std::vector<Candidate>& candidates) {
  std::optional<Candidate> best;
  const std::string present(
      attempt.text().substr(attempt.holes.region.begin.value, attempt.holes.region.size()));
  const double present_score = candidates.empty() ? 0 : TRY(likelihood(attempt, present));
  const bool has_due = attempt.before.is_clean() && std::ranges::any_of(candidates, &Candidate::is_due);
  for (Candidate& candidate : candidates) {
    if (has_due && !candidate.is_due) continue;
    const double score = TRY(likelihood(attempt, region_after(attempt, candidate.edit)));
    if (attempt.before.is_clean() && !candidate.is_due && !(score > present_score)) continue;
    const std::size_t changed =
        std::max<std::size_t>(candidate.edit.range.size(), candidate.edit.text.size());
    candidate.score = score - kCostOfByte * static_cast<double>(changed);
    if (candidate.is_suggested) candidate.score += kTrustInTool;
    if (!best.has_value() || candidate.score > best->score) best = candidate;
  }
  return best;
}

}  // namespace

std::optional<Action> offer_fix(const Snapshot& snapshot, const Diagnostic& diagnostic) {
  if (is_blank(snapshot.text)) return std::nullopt;
  Action action;
  action.kind = Action::Kind::fix;
  action.name = kFixName;
  action.title = "Fix: " + message_of(diagnostic);
  action.range = fix_holes(snapshot, diagnostic).region;
  action.diagnostics = {diagnostic};
  return action;
}

Result<ResolvedAction> fix(ModelSession& session, const ResolveActionRequest& request, std::stop_token stop) {
  const Snapshot& snapshot = *request.snapshot;
  if (request.action.diagnostics.empty()) {
    return invalid_input("a fix needs a diagnostic with a message and a range");
  }
  const Result<Verdict> before = judge(snapshot.text, snapshot.language, stop);
  if (!before.ok()) return before.error();

  ResolvedAction resolved;
  resolved.reason = before.value().is_clean() ? "found nothing likelier than the present text"
                                              : "found nothing that parses better than the present text";
  const std::vector<Diagnostic>& diagnostics = request.action.diagnostics;
  for (std::size_t i = 0; i < std::min(diagnostics.size(), kMaxDiagnostics); ++i) {
    FixHoles holes = fix_holes(snapshot, diagnostics[i]);
    const SmallEdits small = small_edits(snapshot, diagnostics[i]);
    if (!small.edits.empty()) {
      holes.region.begin = std::min(holes.region.begin, small.lines.begin);
      holes.region.end = std::max(holes.region.end, small.lines.end);
    }
    const bool is_about_name = !TRY(uses_declared_names(snapshot, as_it_is(snapshot, holes.word), stop));
    const int undeclared = is_about_name ? TRY(undeclared_count(snapshot, stop)) : 0;
    const Attempt attempt{session, request, snapshot,   before.value(), message_of(diagnostics[i]),
                          holes,   small,   undeclared, stop,           resolved};
    std::vector<Candidate> candidates;
    TRY(fill_holes(attempt, candidates));
    TRY(try_small_edits(attempt, candidates));
    TRY(revise_region(attempt, candidates));
    const std::optional<Candidate> best = TRY(best_of(attempt, candidates));
    if (!best.has_value()) continue;
    resolved.edits = {best->edit};
    resolved.reason.clear();
    break;
  }
  return resolved;
}

}  // namespace seedling
