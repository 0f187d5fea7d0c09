#include "cli/eval/reexamine.h"

#include <algorithm>

#include "cli/document.h"
#include "cli/eval/answer_case.h"
#include "engine/fix.h"
#include "engine/sampler/layout.h"

namespace seedling::cli {
namespace {

// Lines of code, without their indentation.
std::vector<ByteRange> places_in(std::string_view text) {
  std::vector<ByteRange> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view code = stripped(text.substr(begin, end - begin));
    if (!code.empty()) {
      const auto at = static_cast<std::uint32_t>(code.data() - text.data());
      lines.push_back({ByteOffset{at}, ByteOffset{at + static_cast<std::uint32_t>(code.size())}});
    }
    begin = end + 1;
  }
  if (lines.size() <= kMostPlaces) return lines;
  std::vector<ByteRange> chosen;
  for (std::size_t i = 0; i < kMostPlaces; ++i) chosen.push_back(lines[i * lines.size() / kMostPlaces]);
  return chosen;
}

// ln probability of the whole text under the message.
Result<double> likelihood(Engine& engine, const Snapshot& snapshot, const std::string& message,
                          const std::string& text, std::stop_token stop) {
  FillRequest hole;
  hole.language = snapshot.language;
  hole.path = snapshot.path;
  hole.diagnostic = message;
  hole.cached_for = CachedFor::action;
  const double mean = TRY(causal_score(engine.session(), hole, text, stop));
  const Tokenizer& tokenizer = *engine.model().tokenizer;
  const auto tokens = middle_tokens(tokenizer, partial_words(tokenizer, "", ""), text).size();
  return mean * static_cast<double>(tokens);
}

}  // namespace

SnapshotPtr with_text(const Snapshot& snapshot, std::string text) {
  Snapshot next = snapshot;
  next.text = std::move(text);
  ++next.version;
  return std::make_shared<const Snapshot>(std::move(next));
}

Result<ResolvedAction> fix_at(Engine& engine, const SnapshotPtr& snapshot, const Diagnostic& diagnostic,
                              const AskRules& rules, std::stop_token stop) {
  const std::vector<Action> actions =
      TRY(engine.list_actions({snapshot, diagnostic.range, {diagnostic}}, stop));
  for (const Action& action : actions) {
    if (action.kind != Action::Kind::fix) continue;
    ResolveActionRequest request;
    request.snapshot = snapshot;
    request.action = action;
    request.mode = rules.mode;
    request.seed = rules.seed;
    if (rules.max_tokens > 0) request.limits.max_tokens = rules.max_tokens;
    return engine.resolve_action(request, stop);
  }
  return ResolvedAction();
}

Result<ResolvedAction> reexamine(Engine& engine, const SnapshotPtr& snapshot, const std::string& message,
                                 const AskRules& rules, std::stop_token stop) {
  ResolvedAction best;
  double best_score = TRY(likelihood(engine, *snapshot, message, snapshot->text, stop));
  for (const ByteRange place : places_in(snapshot->text)) {
    ResolvedAction tried = TRY(fix_at(engine, snapshot, {place, message, "", ""}, rules, stop));
    best.stats.add_cost(tried.stats);
    if (tried.edits.empty() || tried.edits == best.edits) continue;
    const std::string text = with_edits(snapshot->text, tried.edits);
    const double score = TRY(likelihood(engine, *snapshot, message, text, stop));
    if (score <= best_score) continue;
    best_score = score;
    best.edits = std::move(tried.edits);
  }
  return best;
}

}  // namespace seedling::cli
