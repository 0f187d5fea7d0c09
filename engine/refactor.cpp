#include "engine/refactor.h"

#include <chrono>
#include <vector>

#include "engine/name_hole.h"
#include "engine/structure/extract_variable.h"
#include "engine/structure/verdict.h"

namespace seedling {
namespace {

// A name that is taken leads to another attempt with another first token; after this many the plan's own is
// used.
constexpr int kMaxAttempts = 4;

// A text with the hole for a name in it.
struct NamePlace {
  std::string prefix;
  std::string suffix;
};

// The declaration is seen with the statement that it serves, which still says the expression.
NamePlace at_declaration(const ExtractVariable& plan, std::string_view text) {
  NamePlace place;
  place.prefix = text.substr(0, plan.insert_at.value);
  place.prefix += plan.before_name;
  place.suffix = plan.after_name;
  place.suffix += text.substr(plan.insert_at.value);
  return place;
}

// A use is seen without the declaration, whose name is not known yet, and with the expression where the name
// is going to be used too.
NamePlace at_use(ByteRange use, std::string_view text) {
  return {std::string(text.substr(0, use.begin.value)), std::string(text.substr(use.end.value))};
}

// The places of the name: its declaration, the use that was asked about, then the others.
std::vector<NamePlace> places_of(const ExtractVariable& plan, std::string_view text) {
  std::vector<NamePlace> places{at_declaration(plan, text), at_use(plan.chosen, text)};
  for (const ByteRange& use : plan.uses) {
    if (use != plan.chosen) places.push_back(at_use(use, text));
  }
  return places;
}

FillRequest hole_at(const NamePlace& place, const Snapshot& snapshot) {
  FillRequest hole;
  hole.prefix = place.prefix;
  hole.suffix = place.suffix;
  hole.language = snapshot.language;
  hole.path = snapshot.path;
  hole.document = snapshot.document;
  hole.cached_for = CachedFor::action;
  return hole;
}

// Whether the hole's edges lie between words, so that the name alone stands in it.
bool stands_alone(const ModelSession& session, const FillRequest& hole) {
  const PartialWords words = partial_words(*session.model->tokenizer, hole.prefix, hole.suffix);
  return words.left.empty() && words.right.empty();
}

}  // namespace

std::optional<Action> offer_extract_variable(const Snapshot& snapshot, ByteRange selection) {
  const Result<std::optional<ExtractVariable>> plan = plan_extract_variable(snapshot, selection);
  if (!plan.ok() || !plan.value().has_value()) return std::nullopt;
  Action action;
  action.kind = Action::Kind::refactor;
  action.name = kExtractVariableName;
  action.title = "Extract variable";
  action.range = (*plan)->chosen;
  return action;
}

Result<ResolvedAction> extract_variable(ModelSession& session, const ResolveActionRequest& request,
                                        std::stop_token stop) {
  const auto start = std::chrono::steady_clock::now();
  const Snapshot& snapshot = *request.snapshot;
  const std::optional<ExtractVariable> plan = TRY(plan_extract_variable(snapshot, request.action.range));
  ResolvedAction resolved;
  if (!plan.has_value()) {
    resolved.reason = "there is no expression here that can be given a name";
    return resolved;
  }

  // The places of the name, as far as it stands there as a word of its own.
  const std::vector<NamePlace> places = places_of(*plan, snapshot.text);
  std::vector<FillRequest> holes;
  for (const NamePlace& place : places) {
    const FillRequest hole = hole_at(place, snapshot);
    if (stands_alone(session, hole) && holes.size() < kMostNamePlaces) holes.push_back(hole);
  }

  // A name that is taken or no identifier here is tried again with another beginning.
  const ModelConfig& config = session.model->config;
  NameRules rules(*session.model->tokenizer, config.diffusion.end, config.vocab_size);
  std::string name = plan->suggested_fallback_name;
  for (int attempt = 0; attempt < kMaxAttempts && !holes.empty(); ++attempt) {
    const FilledName filled = TRY(fill_name(session, holes, rules, stop));
    resolved.stats.steps += filled.steps;
    resolved.stats.tokens += filled.tokens;
    resolved.stats.blocks += 1;
    if (!filled.name.empty() && is_name_free(*plan, snapshot, filled.name)) {
      name = filled.name;
      break;
    }
    rules.ban_first(filled.first_token);
  }
  resolved.edits = apply_name(*plan, snapshot, name);
  resolved.stats.denoise_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return resolved;
}

}  // namespace seedling
