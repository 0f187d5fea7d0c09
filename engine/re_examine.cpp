#include "engine/re_examine.h"

#include <algorithm>

#include "engine/candidate_check.h"
#include "engine/fix_holes.h"
#include "engine/sampler/finish.h"
#include "engine/sampler/revise.h"
#include "engine/structure/statements.h"
#include "engine/structure/verdict.h"

namespace seedling {
namespace {

constexpr std::uint32_t kMostBytes = 1500;  // some 400 tokens: with its surroundings what a context holds
constexpr int kBytesPerToken = 2;
constexpr int kSpareTokens = 24;

// Text that nobody complains about is changed for good reasons only (nats for every byte, and at all).
constexpr double kCostOfByte = 0.7, kCostOfChange = 3;

FillRequest request_for(const ResolveActionRequest& request) {
  const std::string_view text = request.snapshot->text;
  const ByteRange hole = request.action.range;
  FillRequest fill;
  fill.prefix = text.substr(0, hole.begin.value);
  fill.suffix = text.substr(hole.end.value);
  fill.language = request.snapshot->language;
  fill.path = request.snapshot->path;
  fill.document = request.snapshot->document;
  fill.draft = text.substr(hole.begin.value, hole.size());
  fill.seed = request.seed;
  fill.cached_for = CachedFor::action;
  fill.limits.max_tokens = static_cast<int>(hole.size()) / kBytesPerToken + kSpareTokens;
  fill.limits.max_lines = 0;
  return fill;
}

Result<double> likelihood(ModelSession& session, const FillRequest& hole, std::string_view text,
                          std::stop_token stop) {
  const double mean = TRY(causal_score(session, hole, text, stop));
  return mean * static_cast<double>(session.model->tokenizer->encode(text).size() + 1);
}

// Whether the revised text may be offered in place of the present one.
Result<bool> is_better(ModelSession& session, const ResolveActionRequest& request, const FillRequest& hole,
                       const std::string& revised, const Edit& edit, std::stop_token stop) {
  const Snapshot& snapshot = *request.snapshot;
  const Result<Verdict> before = judge(snapshot.text, snapshot.language, stop);
  if (before.ok()) {
    const Verdict after = TRY(judge(with_edit(snapshot.text, edit), snapshot.language, stop));
    if (!after.parses_no_worse_than(before.value())) return false;
  } else if (before.error().code == ErrorCode::stopped) {
    return before.error();
  }
  if (!TRY(uses_declared_names(snapshot, edit, stop))) return false;
  const double gain =
      TRY(likelihood(session, hole, revised, stop)) - TRY(likelihood(session, hole, *hole.draft, stop));
  const std::size_t changed = std::max<std::size_t>(edit.range.size(), edit.text.size());
  return gain > kCostOfChange + kCostOfByte * static_cast<double>(changed);
}

}  // namespace

std::optional<Action> offer_re_examine(const Snapshot& snapshot, ByteRange selection,
                                       const ModelConfig& config) {
  if (!can_revise(config) || selection.size() == 0) return std::nullopt;
  Action action;
  action.name = kReExamineName;
  action.title = "Re-examine: change what the model would write otherwise";
  action.range = whole_lines(snapshot.text, selection);
  if (action.range.size() == 0 || action.range.size() > kMostBytes) return std::nullopt;
  return action;
}

Result<ResolvedAction> re_examine(ModelSession& session, const ResolveActionRequest& request,
                                  std::stop_token stop) {
  ResolvedAction resolved;
  resolved.reason = "found nothing to change";
  const FillRequest hole = request_for(request);
  FilledText revised = TRY(fill(session, hole, stop));
  resolved.stats = revised.stats;
  if (revised.outcome != Outcome::ended || !is_valid_utf8(revised.text)) return resolved;
  const Edit edit = smallest_edit(request.snapshot->text, {request.action.range, revised.text});
  if (edit.range.size() == 0 && edit.text.empty()) return resolved;
  if (!TRY(is_better(session, request, hole, revised.text, edit, stop))) return resolved;
  resolved.edits = {edit};
  resolved.reason.clear();
  return resolved;
}

}  // namespace seedling
