// `seedling fix`: takes what is wrong with a file, one problem after the other, and prints the diff.
#include <iostream>

#include "cli/child_process.h"
#include "cli/command.h"
#include "cli/diagnostics_input.h"
#include "cli/diagnostics_left.h"
#include "cli/document.h"
#include "cli/json_object.h"
#include "cli/unified_diff.h"
#include "engine/engine.h"
#include "engine/problems.h"

namespace seedling::cli {
namespace {

// Our own parser is asked again after every fix, at most that often.
constexpr int kMostRounds = 8;

// One problem and what became of it.
struct Attempt {
  Diagnostic diagnostic;
  LineColumn at;  // in the file as it was when it was tried
  bool is_fixed = false;
  std::string reason;  // why not
};

struct Fixed {
  std::string text;
  std::vector<Attempt> attempts;
};

Result<std::vector<Diagnostic>> output_of(const std::string& command, const Snapshot& snapshot) {
  ChildCommand shell;
  shell.arguments = {"/bin/sh", "-c", command};
  shell.keeps_output = true;
  const ChildResult result = TRY(run_child(shell));
  if (result.exit_code == 127) {
    return invalid_input("--run: " + result.output.substr(0, result.output.find('\n')));
  }
  return diagnostics_in(result.output, snapshot);
}

Result<std::vector<Diagnostic>> own_problems(const Snapshot& snapshot) {
  std::vector<Diagnostic> diagnostics;
  WorkspaceReader reader;
  for (const SyntaxProblem& problem : TRY(problems_of(snapshot, reader))) {
    diagnostics.push_back({problem.range, problem.message, "seedling", ""});
  }
  return diagnostics;
}

Result<ResolvedAction> resolve(Engine& engine, const SnapshotPtr& snapshot, const Diagnostic& diagnostic,
                               const FixOptions& options) {
  const std::vector<Action> actions =
      TRY(engine.list_actions({snapshot, diagnostic.range, {diagnostic}}, {}));
  for (const Action& action : actions) {
    if (action.kind != Action::Kind::fix) continue;
    ResolveActionRequest request;
    request.snapshot = snapshot;
    request.action = action;
    request.mode = options.decode.decode_mode();
    request.seed = options.decode.seed;
    return engine.resolve_action(request, {});
  }
  ResolvedAction nothing;
  nothing.reason = "there is nothing to rewrite";
  return nothing;
}

SnapshotPtr changed(const Snapshot& snapshot, std::string text) {
  Snapshot next = snapshot;
  next.text = std::move(text);
  ++next.version;
  return std::make_shared<const Snapshot>(std::move(next));
}

// Tries a problem on the text as it stands; the text moves on where it is fixed.
Result<std::vector<Edit>> attempt(Engine& engine, SnapshotPtr& snapshot, const Diagnostic& diagnostic,
                                  const FixOptions& options, Fixed& fixed) {
  Attempt tried{diagnostic, position_of(snapshot->text, diagnostic.range.begin), false, {}};
  const ResolvedAction resolved = TRY(resolve(engine, snapshot, diagnostic, options));
  tried.is_fixed = !resolved.edits.empty();
  tried.reason = resolved.reason;
  fixed.attempts.push_back(std::move(tried));
  if (!resolved.edits.empty()) {
    fixed.text = with_edits(snapshot->text, resolved.edits);
    snapshot = changed(*snapshot, fixed.text);
  }
  return resolved.edits;
}

Result<Fixed> fix_given(Engine& engine, SnapshotPtr snapshot, std::vector<Diagnostic> diagnostics,
                        const FixOptions& options) {
  Fixed fixed{snapshot->text, {}};
  while (!diagnostics.empty()) {
    const Diagnostic next = diagnostics.front();
    diagnostics.erase(diagnostics.begin());
    const SnapshotPtr before = snapshot;
    for (const Edit& edit : TRY(attempt(engine, snapshot, next, options, fixed)))
      diagnostics = diagnostics_left(std::move(diagnostics), next, edit, *before, *snapshot);
  }
  return fixed;
}

// The first problem of our own parser again and again, until one cannot be fixed or none is left.
Result<Fixed> fix_own(Engine& engine, SnapshotPtr snapshot, const FixOptions& options) {
  Fixed fixed{snapshot->text, {}};
  for (int round = 0; round < kMostRounds; ++round) {
    const std::vector<Diagnostic> problems = TRY(own_problems(*snapshot));
    if (problems.empty()) break;
    if (TRY(attempt(engine, snapshot, problems.front(), options, fixed)).empty()) break;
  }
  return fixed;
}

std::string json_of(const Fixed& fixed, const Snapshot& before, bool is_applied) {
  std::vector<std::string> attempts;
  for (const Attempt& attempt : fixed.attempts) {
    JsonObject object;
    object.add("line", attempt.at.line)
        .add("col", attempt.at.column)
        .add("message", attempt.diagnostic.message);
    object.add("fixed", attempt.is_fixed);
    if (!attempt.is_fixed) object.add("reason", attempt.reason);
    attempts.push_back(object.text());
  }
  JsonObject object;
  object.add("file", before.path).add("changed", fixed.text != before.text).add("applied", is_applied);
  object.add_json("problems", json_array(attempts));
  object.add("diff", unified_diff(before.text, fixed.text, before.path)).add("text", fixed.text);
  return object.text();
}

}  // namespace

Result<int> run_fix(const FixOptions& options, const GlobalOptions& global) {
  const SnapshotPtr snapshot = TRY(open_document(options.file));
  const bool is_given = !options.diagnostics.empty() || !options.command.empty();
  const std::vector<Diagnostic> diagnostics =
      !options.diagnostics.empty() ? TRY(read_diagnostics(options.diagnostics, *snapshot))
      : !options.command.empty()   ? TRY(output_of(options.command, *snapshot))
                                   : TRY(own_problems(*snapshot));
  Fixed fixed{snapshot->text, {}};
  if (diagnostics.empty()) {
    tell("no problems in " + options.file + (options.command.empty() ? "" : " in the output of --run"));
  } else {
    const std::unique_ptr<Engine> engine =
        TRY(Engine::open(engine_options(global, options.decode, Usual::adaptive)));
    fixed = is_given ? TRY(fix_given(*engine, snapshot, diagnostics, options))
                     : TRY(fix_own(*engine, snapshot, options));
  }
  for (const Attempt& attempt : fixed.attempts) {
    if (attempt.is_fixed) continue;
    tell(options.file + ":" + std::to_string(attempt.at.line) + ":" + std::to_string(attempt.at.column) +
         ": " + attempt.diagnostic.message + ": " + attempt.reason);
  }

  const bool is_applied = options.applies && fixed.text != snapshot->text;
  if (is_applied) TRY(write_document(options.file, fixed.text));
  if (options.is_json)
    std::cout << json_of(fixed, *snapshot, is_applied) << "\n";
  else
    std::cout << unified_diff(snapshot->text, fixed.text, options.file);
  return 0;
}

}  // namespace seedling::cli
