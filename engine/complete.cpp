#include "engine/complete.h"

#include <algorithm>
#include <optional>

#include "engine/join.h"
#include "engine/offer_rules.h"
#include "engine/sampler/finish.h"
#include "engine/structure/extent.h"
#include "engine/structure/layout.h"
#include "engine/structure/lines.h"

namespace seedling {
namespace {

// Hot enough that the second choices of an uncertain token turn up, cool enough that its tenth does not.
constexpr float kCandidateTemperature = 0.8f;

// The structural check of candidates at a cursor, by the document's tree, which is kept between requests.
class CursorCheck {
 public:
  CursorCheck(ModelSession& session, const CompleteRequest& request, std::stop_token stop)
      : session_(session), request_(request), stop_(stop) {}

  // What of `text` may be shown: the most of its lines, from the first one on, with which the text parses no
  // worse and uses no name that nothing declares; nothing if there is no such beginning.
  Result<std::string> acceptable_part(std::string text) {
    while (!is_blank(text)) {
      if (TRY(is_acceptable({{request_.cursor, request_.cursor}, text}))) return text;
      const std::size_t newline = text.rfind('\n');
      text.resize(newline == std::string::npos ? 0 : newline);
    }
    return std::string();
  }

  Result<bool> is_acceptable(const Edit& edit) {
    const Snapshot& snapshot = *request_.snapshot;
    const Result<DocumentTree*> tree =
        session_.trees.at(document_of(snapshot), snapshot.path, snapshot.language, snapshot.text, stop_);
    // A language without a grammar has no verdict, which is no reason to be silent.
    if (!tree.ok() && tree.error().code == ErrorCode::unsupported) return true;
    if (!tree.ok()) return tree.error();
    if (!before_) before_ = TRY((*tree)->judge(stop_));
    if (!TRY((*tree)->judge_with(edit, stop_)).parses_no_worse_than(*before_)) return false;
    return !TRY((*tree)->undeclared_with(edit, stop_)).has_value();
  }

 private:
  ModelSession& session_;
  const CompleteRequest& request_;
  std::stop_token stop_;
  std::optional<LocatedVerdict> before_;  // of the text as it is
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
    if (ranked.completion.replaces.size() == 0) text += closers;
    ranked.score = TRY(causal_score(session, hole, text, stop));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
  return Done{};
}

// The cursor's document without the brackets that an editor has closed by itself: they belong to the hole.
Snapshot without_closers(const CompleteRequest& request, std::size_t closers) {
  Snapshot snapshot = *request.snapshot;
  snapshot.text.erase(request.cursor.value, closers);
  return snapshot;
}

// A text that closes the brackets itself and goes on behind them (`x) {` before the editor's own `)`) takes
// their place; nothing if it does not, or what comes of it is not acceptable.
Result<std::optional<Edit>> over_closers(const CompleteRequest& request, std::string_view closers,
                                         const OfferPlace& place, std::string_view text, CursorCheck& check) {
  const Snapshot open = without_closers(request, closers.size());
  const std::string_view part =
      offerable_part({open, place.cursor, place.max_lines, place.is_one_statement}, text);
  if (!closes_and_goes_on(open, request.cursor, part, closers)) return std::optional<Edit>();
  const auto end = request.cursor.value + static_cast<std::uint32_t>(closers.size());
  Edit edit{{request.cursor, {end}}, std::string(part)};
  if (!TRY(check.is_acceptable(edit))) return std::optional<Edit>();
  return std::optional<Edit>(std::move(edit));
}

// What of the model's text is offered, as an edit; nothing if silence is better.
Result<std::optional<Edit>> offer(const CompleteRequest& request, std::string_view closers,
                                  const OfferPlace& place, std::string_view text, CursorCheck& check) {
  if (!closers.empty()) {
    std::optional<Edit> edit = TRY(over_closers(request, closers, place, text, check));
    if (edit) return edit;
  }
  std::string part(offerable_part(place, text));
  part = TRY(check.acceptable_part(std::move(part)));
  if (part.empty()) return std::optional<Edit>();
  return std::optional<Edit>(Edit{{request.cursor, request.cursor}, std::move(part)});
}

// The first one is the model's best; the others differ from it by the first uncertain token.
std::vector<Variation> variations_of(int candidates) {
  std::vector<Variation> variations(1);
  for (int rank = 1; rank < candidates; ++rank)
    variations.push_back({kCandidateTemperature, rank, candidates - 1});
  return variations;
}

// Most statements end with their line, and every line less is an answer sooner; the others are asked for
// again.
Result<std::vector<FilledText>> fill_for(ModelSession& session, const FillRequest& hole,
                                         const OfferPlace& place, std::stop_token stop,
                                         const StepObserver& observer) {
  const std::vector<Variation> variations = variations_of(hole.limits.candidates);
  if (!place.is_one_statement) return fill_several(session, hole, variations, stop, observer);
  FillRequest line = hole;
  line.limits.max_lines = 1;
  std::vector<FilledText> filled = TRY(fill_several(session, line, variations, stop, observer));
  const bool are_whole =
      hole.limits.max_lines <= 1 || std::ranges::none_of(filled, [&](const FilledText& one) {
        return is_unfinished(place.snapshot, place.cursor, one.text);
      });
  return are_whole ? filled : fill_several(session, hole, variations, stop, observer);
}

}  // namespace

Result<std::vector<Completion>> complete(ModelSession& session, const CompleteRequest& request,
                                         float least_confidence, std::stop_token stop,
                                         const StepObserver& observer) {
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
  hole.document = snapshot.document;
  hole.limits = request.limits;
  hole.mode = request.mode;

  OfferPlace place{snapshot, request.cursor, request.limits.max_lines};
  if (request.is_automatic)
    place.is_one_statement = TRY(extent_at(snapshot, request.cursor, stop)) == Extent::statement;
  hole.is_constrained = request.is_constrained;
  std::vector<Neighbour> neighbours;
  if (hole.is_constrained) neighbours = TRY(session.open_exports.of(request.neighbours, snapshot.path, stop));
  hole.neighbours = neighbours;
  std::string neighbour_lines;
  if (session.budget.neighbour_tokens > 0)
    for (const Neighbour& one : neighbours)
      if (mentions(snapshot.text, *one.exports)) neighbour_lines += one.exports->outline;
  hole.neighbour_lines = neighbour_lines;
  hole.judged_suffix = behind;
  hole.kept_bytes = [&](std::string_view text) -> std::optional<std::size_t> {
    if (is_unfinished(snapshot, request.cursor, text)) return std::nullopt;
    const std::string_view part = offerable_part(place, text);
    return part.data() == text.data() ? part.size() : 0;
  };
  CursorCheck check(session, request, stop);
  std::vector<Ranked> found;
  hole.seed = request.seed;
  std::vector<FilledText> texts =
      TRY(join(session, hole, variations_of(hole.limits.candidates), stop, observer));
  const bool are_ranked = !texts.empty();
  if (!are_ranked) texts = TRY(fill_for(session, hole, place, stop, observer));
  for (FilledText& filled : texts) {
    const float confidence = confidence_of(session, filled);
    if (!filled.joins_suffix || !is_valid_utf8(filled.text) || confidence < least_confidence) continue;
    std::optional<Edit> edit = TRY(offer(request, closers, place, filled.text, check));
    const auto is_same = [&](const Ranked& other) { return other.completion.text == edit->text; };
    if (!edit || std::any_of(found.begin(), found.end(), is_same)) continue;
    found.push_back({{edit->range, std::move(edit->text), confidence, filled.stats}, 0});
  }
  if (!are_ranked) TRY(rank(session, hole, closers, found, stop));
  std::vector<Completion> completions;
  for (Ranked& ranked : found) completions.push_back(std::move(ranked.completion));
  return completions;
}

}  // namespace seedling
