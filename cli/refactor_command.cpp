// `seedling refactor`: lists what can be done at a place, or does it and prints the diff.
#include <iostream>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/unified_diff.h"
#include "engine/engine.h"
#include "engine/re_examine.h"
#include "engine/refactor.h"
#include "engine/sampler/revise.h"

namespace seedling::cli {
namespace {

// Offered without a model: listing never needs one.
std::vector<Action> actions_at(const Snapshot& snapshot, ByteRange selection) {
  std::vector<Action> actions;
  if (std::optional<Action> action = offer_extract_variable(snapshot, selection)) actions.push_back(*action);
  return actions;
}

std::string text_of(const Snapshot& snapshot, ByteRange range) {
  const LineColumn begin = position_of(snapshot.text, range.begin),
                   end = position_of(snapshot.text, range.end);
  return std::to_string(begin.line) + ":" + std::to_string(begin.column) + "-" + std::to_string(end.line) +
         ":" + std::to_string(end.column);
}

Result<int> perform(Engine& engine, const Action& action, const SnapshotPtr& snapshot,
                    const RefactorOptions& options) {
  ResolveActionRequest request;
  request.snapshot = snapshot;
  request.action = action;
  request.mode = options.decode.decode_mode();
  request.seed = options.decode.seed;
  const ResolvedAction resolved = TRY(engine.resolve_action(request, {}));
  if (resolved.edits.empty()) {
    tell(resolved.reason.empty() ? "nothing to change here" : resolved.reason);
    return 0;
  }
  const std::string after = with_edits(snapshot->text, resolved.edits);
  if (options.applies) TRY(write_document(snapshot->path, after));
  std::cout << unified_diff(snapshot->text, after, snapshot->path);
  return 0;
}

// Whether it can be done depends on the model.
Result<int> re_examine_at(const SnapshotPtr& snapshot, ByteRange selection, const RefactorOptions& options,
                          const GlobalOptions& global) {
  const auto engine = TRY(Engine::open(engine_options(global, options.decode, Usual::adaptive)));
  if (!can_revise(engine->model().config))
    return unsupported("this model was not trained to revise drafts (config.json: diffusion.edits)");
  const std::optional<Action> action = offer_re_examine(*snapshot, selection, engine->model().config);
  if (!action.has_value())
    return invalid_input("re-examine wants some lines, as in FILE:LINE:COL-LINE:COL, and not too many: not " +
                         options.place);
  return perform(*engine, *action, snapshot, options);
}

}  // namespace

Result<int> run_refactor(const RefactorOptions& options, const GlobalOptions& global) {
  if (!options.lists && options.action.empty())
    return invalid_input("refactor needs --list or --action NAME");
  const Place place = TRY(parse_place(options.place));
  const SnapshotPtr snapshot = TRY(open_document(place.file));
  const ByteRange selection = TRY(range_of(*snapshot, place));
  const std::vector<Action> actions = actions_at(*snapshot, selection);
  if (options.lists) {
    if (actions.empty()) tell("nothing to refactor at " + options.place);
    for (const Action& action : actions) {
      std::cout << action.name << "\t" << action.title << "\t" << text_of(*snapshot, action.range) << "\n";
    }
    return 0;
  }
  if (options.action == kReExamineName) return re_examine_at(snapshot, selection, options, global);
  for (const Action& action : actions) {
    if (action.name != options.action) continue;
    const auto engine = TRY(Engine::open(engine_options(global, options.decode, Usual::adaptive)));
    return perform(*engine, action, snapshot, options);
  }
  if (options.action == kExtractVariableName) {
    return invalid_input("there is no expression to extract at " + options.place);
  }
  return invalid_input("there is no action \"" + options.action + "\"; there are " +
                       std::string(kExtractVariableName) + " and " + std::string(kReExamineName));
}

}  // namespace seedling::cli
