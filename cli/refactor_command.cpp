// `seedling refactor`: lists what can be done at a place, or does it and prints the diff.
#include <iostream>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/unified_diff.h"
#include "engine/engine.h"
#include "engine/refactor.h"

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

Result<int> perform(const Action& action, const SnapshotPtr& snapshot, const RefactorOptions& options,
                    const GlobalOptions& global) {
  const std::unique_ptr<Engine> engine =
      TRY(Engine::open(engine_options(global, options.decode, Usual::adaptive)));
  ResolveActionRequest request;
  request.snapshot = snapshot;
  request.action = action;
  request.mode = options.decode.decode_mode();
  request.seed = options.decode.seed;
  const ResolvedAction resolved = TRY(engine->resolve_action(request, {}));
  if (resolved.edits.empty()) {
    tell(resolved.reason.empty() ? "nothing to change here" : resolved.reason);
    return 0;
  }
  const std::string after = with_edits(snapshot->text, resolved.edits);
  if (options.applies) TRY(write_document(snapshot->path, after));
  std::cout << unified_diff(snapshot->text, after, snapshot->path);
  return 0;
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
  for (const Action& action : actions) {
    if (action.name == options.action) return perform(action, snapshot, options, global);
  }
  if (options.action == kExtractVariableName) {
    return invalid_input("there is no expression to extract at " + options.place);
  }
  return invalid_input("there is no action \"" + options.action + "\"; there is " +
                       std::string(kExtractVariableName));
}

}  // namespace seedling::cli
