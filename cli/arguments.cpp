// What the command line accepts. The only file that sees CLI11.
#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace seedling::cli {
namespace {

// Everything the parser writes to; lives as long as the chosen command.
struct Arguments {
  GlobalOptions global;
  LspOptions lsp;
  CompleteOptions complete;
  FixOptions fix;
  RefactorOptions refactor;
  CheckOptions check;
  EvalOptions infill, fix_cases, edit_cases;
  BenchOptions bench;
  ModelOptions model;
  ProfileOptions profile;
};
using ArgumentsPtr = std::shared_ptr<Arguments>;
using Run = std::function<Result<int>()>;

void add_global_options(CLI::App& app, GlobalOptions& global) {
  app.add_option("--model", global.model_directory,
                 "Model folder (default: the one that ships with seedling)");
  app.add_option("--backend", global.backend, "auto (default), cpu, plain or torch")
      ->check(CLI::IsMember({"auto", "cpu", "plain", "torch"}));
  app.add_option("--device", global.device, "cpu (default), or cuda with the torch backend")
      ->check(CLI::IsMember({"cpu", "cuda"}));
  app.add_option("--threads", global.threads, "Threads (default: as many as this process may use)")
      ->check(CLI::Range(1, 1024));
  app.add_option("--cache-mib", global.cache_mib,
                 "Memory for what stays computed between requests, in MiB (default 128)")
      ->check(CLI::Range(0, 1 << 20));
  app.add_option("--neighbour-tokens", global.neighbour_tokens,
                 "Tokens of other open documents' declarations that the model sees (default 0)")
      ->check(CLI::Range(0, 2048));
}

constexpr const char* kUsuallyAdaptive = "what is fastest here at no loss of text (default)";
constexpr const char* kUsuallyFixed = "what is fastest here (default: what the model says)";

void add_decode_options(CLI::App& command, DecodeOptions& decode, const char* usual = kUsuallyAdaptive) {
  command
      .add_option("--mode", decode.mode,
                  "diffusion (default), causal: one token after the other, or hybrid: the same text sooner")
      ->check(CLI::IsMember({"diffusion", "causal", "hybrid"}));
  command.add_option("--seed", decode.seed, "Seed of everything that is drawn (default 0)");
  command.add_option("--block", decode.block, std::string("Tokens denoised together, or auto: ") + usual)
      ->check(CLI::Range(1, 256) | CLI::IsMember({"auto"}));
  command.add_option("--threshold", decode.threshold, "Confidence that commits a token (default 0.9)")
      ->check(CLI::Range(0.0, 1.0));
  command.add_flag("--no-profile", decode.ignores_profile, "Choose as on a machine that was never measured");
  command.parse_complete_callback([&decode] {
    if (decode.block != "auto" || !decode.threshold) return;
    throw CLI::ValidationError("--block auto chooses the threshold too: leave --threshold out");
  });
}

void add_constraints_option(CLI::App& command, DecodeOptions& decode) {
  command
      .add_option("--constraints", decode.constraints,
                  "on (default): what is written keeps to the structure of the code around it; or off")
      ->check(CLI::IsMember({"on", "off"}));
}

void add_lsp(CLI::App& app, const ArgumentsPtr& all, Run& run) {
  CLI::App* lsp = app.add_subcommand("lsp", "Serves editors over the Language Server Protocol");
  CLI::Option* stdio = lsp->add_flag("--stdio", all->lsp.is_stdio,
                                     "Speak over standard input and output (default); editor windows share "
                                     "one engine, which starts and ends by itself");
  CLI::Option* alone =
      lsp->add_flag("--no-share", all->lsp.is_alone, "An engine for this window alone, in this process");
  CLI::Option* socket = lsp->add_option("--socket", all->lsp.socket,
                                        "Serve this user's clients at a Unix socket, until stopped")
                            ->excludes(stdio)
                            ->excludes(alone);
  CLI::Option* listen =
      lsp->add_option("--listen", all->lsp.listen,
                      "Serve clients at HOST:PORT, until stopped; beyond this machine with a token only, and "
                      "unencrypted: use a network that you trust, or a tunnel")
          ->excludes(stdio)
          ->excludes(alone)
          ->excludes(socket);
  lsp->add_option(
         "--token-file", all->lsp.token_file,
         "A file with the secret that clients give as initializationOptions.token (or SEEDLING_TOKEN)")
      ->needs(listen);
  lsp->add_option("--log-level", all->lsp.log_level, "off, error, warn (default), info, debug or trace")
      ->check(CLI::IsMember({"off", "error", "warn", "info", "debug", "trace"}));
  lsp->add_option("--trace", all->lsp.trace_file,
                  "Write every message to FILE for a bug report: methods, sizes, times, positions, and no "
                  "text of yours")
      ->type_name("FILE");
  lsp->add_flag("--log-text", all->lsp.logs_text, "Let messages, with your text in them, be logged");
  // Some clients add it; the end of standard input says the same.
  lsp->add_option("--clientProcessId")->group("");
  // What only this program and its tests say.
  lsp->add_option("--engine", all->lsp.engine)->group("");
  lsp->add_option("--linger", all->lsp.linger_seconds)->group("")->check(CLI::Range(0, 86400));
  lsp->add_flag("--document-hash", all->lsp.answers_document_hash)->group("");
  lsp->callback([all, &run] { run = [all] { return run_lsp(all->lsp, all->global); }; });
}

void add_complete(CLI::App& app, const ArgumentsPtr& all, Run& run) {
  CLI::App* complete = app.add_subcommand("complete", "Prints what the model would write at a place");
  CompleteOptions& options = all->complete;
  complete->add_option("PLACE", options.place, "FILE:LINE:COL; both count from 1, COL in characters")
      ->required();
  CLI::Option* json = complete->add_flag("--json", options.is_json, "One object; an array with --candidates");
  complete->add_flag("--show-steps", options.shows_steps, "Show the canvas after every denoising step")
      ->excludes(json);
  complete->add_option("--color", options.color, "auto (default), always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  complete->add_option("--candidates", options.limits.candidates, "Different completions at most (default 1)")
      ->check(CLI::Range(1, 16));
  complete->add_option("--max-lines", options.limits.max_lines, "Longest completion in lines (default 8)")
      ->check(CLI::Range(1, 1000));
  complete->add_option("--max-tokens", options.limits.max_tokens, "Longest completion in tokens (default 96)")
      ->check(CLI::Range(1, 4096));
  add_decode_options(*complete, options.decode);
  add_constraints_option(*complete, options.decode);
  complete->callback([all, &run] { run = [all] { return run_complete(all->complete, all->global); }; });
}

void add_fix(CLI::App& app, const ArgumentsPtr& all, Run& run) {
  CLI::App* fix = app.add_subcommand("fix", "Prints a diff that fixes what is wrong in a file");
  FixOptions& options = all->fix;
  fix->add_option("FILE", options.file)->required();
  CLI::Option* diagnostics = fix->add_option("--diagnostics", options.diagnostics,
                                             "JSON: [{\"line\",\"col\",\"message\"}], counted from 1");
  fix->add_option("--run", options.command,
                  "Shell command that prints the problems (a compiler, linter, test)")
      ->excludes(diagnostics);
  fix->add_flag("--apply", options.applies, "Write the file");
  fix->add_flag("--json", options.is_json, "The result as one JSON object");
  add_decode_options(*fix, options.decode);
  fix->callback([all, &run] { run = [all] { return run_fix(all->fix, all->global); }; });
}

void add_refactor(CLI::App& app, const ArgumentsPtr& all, Run& run) {
  CLI::App* refactor = app.add_subcommand("refactor", "Lists or performs refactorings at a place");
  RefactorOptions& options = all->refactor;
  refactor->add_option("PLACE", options.place, "FILE:LINE:COL, or a selection FILE:LINE:COL-LINE:COL")
      ->required();
  CLI::Option* list = refactor->add_flag("--list", options.lists, "What can be done here");
  refactor->add_option("--action", options.action, "Do this, and print the diff")->excludes(list);
  refactor->add_flag("--apply", options.applies, "Write the file")->excludes(list);
  add_decode_options(*refactor, options.decode);
  refactor->callback([all, &run] { run = [all] { return run_refactor(all->refactor, all->global); }; });
}

void add_check(CLI::App& app, const ArgumentsPtr& all, Run& run) {
  CLI::App* check = app.add_subcommand("check", "Reports syntax errors and undeclared names; exit 1 if any");
  check->add_option("FILE", all->check.files)->required();
  check
      ->add_option("--misspell", all->check.misspellings,
                   "Measure: misspell N names of these files, in memory, and count those that are reported")
      ->check(CLI::PositiveNumber);
  check->add_option("--seed", all->check.seed, "Which names --misspell takes");
  check->callback([all, &run] { run = [all] { return run_check(all->check); }; });
}

// What `eval infill`, `eval fix` and `eval edit` share.
CLI::App* add_eval_kind(CLI::App& eval, const char* kind, const char* description, EvalOptions& options) {
  CLI::App* command = eval.add_subcommand(kind, description);
  options.kind = kind;
  command->add_option("--cases", options.cases, "F.jsonl or F.jsonl.gz: our cases, or a benchmark's own file")
      ->required();
  command->add_option("--out", options.out,
                      "Write one line per case here; a run that was broken off goes on from there");
  command->add_flag("--fresh", options.is_fresh, "Drop what --out holds already");
  CLI::Option* limit =
      command->add_option("--limit", options.limit, "Only the first N cases")->check(CLI::PositiveNumber);
  command->add_option("--spread", options.spread, "Only N cases, evenly spaced over the file")
      ->check(CLI::PositiveNumber)
      ->excludes(limit);
  command->add_option("--language", options.language, "Only the cases in this language (LSP id)");
  command->add_flag("--complete", options.is_complete,
                    "With the cases whose ground truth does not pass here (cli/eval/left_out.txt)");
  CLI::Option* truth =
      command->add_flag("--truth", options.is_truth, "Score the ground truth instead of the model");
  command
      ->add_flag("--nothing", options.is_nothing,
                 "Score the empty answer or the unchanged text instead of the model")
      ->excludes(truth);
  command->add_flag("--execute,!--no-execute", options.executes,
                    "Run the tests of the cases, in a sandbox (default)");
  command->add_option("--judges", options.judges, "Programs that run at a time (default 2)")
      ->check(CLI::Range(1, 256));
  command->add_option("--max-tokens", options.max_tokens, "Longest answer in tokens")
      ->check(CLI::Range(1, 4096));
  command->add_flag("--quiet", options.is_quiet, "No progress");
  command->add_flag("--json", options.is_json, "The summary as JSON; the table goes to standard error");
  add_decode_options(*command, options.decode, kUsuallyFixed);
  return command;
}

void add_eval(CLI::App& app, const ArgumentsPtr& all, Run& run) {
  CLI::App* eval = app.add_subcommand("eval", "Measures the model on a file of cases");
  eval->require_subcommand(1);
  CLI::App* infill =
      add_eval_kind(*eval, "infill", "Fills holes: exact match, tests that pass, cost", all->infill);
  infill->add_flag("--sweep", all->infill.sweeps,
                   "Try block sizes and thresholds; with --json what belongs into the model's decoding.json");
  infill->add_flag("--score", all->infill.is_scored, "The causal score of every completion too");
  infill->add_flag("--as-completion", all->infill.as_completion,
                   "Ask as an editor does: what would be shown, or nothing");
  infill->add_flag("--calibrate", all->infill.calibrates,
                   "Fit how often such a completion is right to how sure the model is: prints what belongs "
                   "into the model's calibration.json");
  add_constraints_option(*infill, all->infill.decode);
  infill->callback([all, &run] { run = [all] { return run_eval(all->infill, all->global); }; });
  CLI::App* fix = add_eval_kind(*eval, "fix", "Fixes problems and bugs: what compiles, what passes its tests",
                                all->fix_cases);
  fix->callback([all, &run] { run = [all] { return run_eval(all->fix_cases, all->global); }; });
  CLI::App* edit = add_eval_kind(
      *eval, "edit", "Edits as an instruction says: what passes its tests, excess code", all->edit_cases);
  edit->callback([all, &run] { run = [all] { return run_eval(all->edit_cases, all->global); }; });
}

void add_bench(CLI::App& app, const ArgumentsPtr& all, Run& run) {
  CLI::App* bench = app.add_subcommand("bench", "Measures how fast everything is on this machine");
  BenchOptions& options = all->bench;
  bench->add_option("--case", options.name, "Only the cases whose name begins with this (default: all)");
  bench->add_flag("--json", options.is_json, "One object per line");
  bench->add_option("--seconds", options.seconds, "Time for each line (default 0.3)")
      ->check(CLI::Range(0.0, 3600.0));
  bench->add_option("--m", options.tokens, "Tokens of a step, as in 16,32 (default: 1 to 64)")
      ->delimiter(',')
      ->check(CLI::Range(1, 64));
  bench->add_option("--context", options.contexts, "Cached tokens before a step (default: 0,256,1024,4096)")
      ->delimiter(',')
      ->check(CLI::Range(0, 8000));
  bench->add_option("--block", options.block, "Tokens of a completion denoised together")
      ->check(CLI::Range(1, 256));
  bench->add_option("--passes", options.passes, "Run each thing exactly so often and measure no floor")
      ->check(CLI::PositiveNumber);
  bench->callback([all, &run] { run = [all] { return run_bench(all->bench, all->global); }; });
}

void add_model(CLI::App& app, const ArgumentsPtr& all, Run& run) {
  CLI::App* model = app.add_subcommand("model", "Looks at a model folder, chooses one, makes one smaller");
  model->require_subcommand(1);
  ModelOptions& options = all->model;
  CLI::App* info = model->add_subcommand("info", "Shape, parameters, vocabulary and files");
  info->add_option("DIR", options.folder, "Default: the one in use");
  info->add_flag("--json", options.is_json);
  info->callback([all, &run] { run = [all] { return run_model_info(all->model, all->global); }; });
  CLI::App* verify =
      model->add_subcommand("verify", "Loads everything, runs it and compares with the plain backend");
  verify->add_option("DIR", options.folder, "Default: the one in use");
  verify->callback([all, &run] { run = [all] { return run_model_verify(all->model, all->global); }; });
  CLI::App* use = model->add_subcommand("use", "Makes a model the one that is used where none is named");
  CLI::Option* folder = use->add_option("DIR", options.folder, "Verified first");
  use->add_flag("--default", options.is_default, "Go back to the one that ships")->excludes(folder);
  use->callback([all, &run] { run = [all] { return run_model_use(all->model, all->global); }; });
  CLI::App* quantise = model->add_subcommand("quantise", "Writes a model with int8 weights");
  quantise->add_option("DIR", options.folder, "A model with F32, BF16 or F16 weights")->required();
  quantise->add_option("--out", options.out, "New folder for the result")->required();
  quantise->callback([all, &run] { run = [all] { return run_model_quantise(all->model); }; });
}

void add_profile(CLI::App& app, const ArgumentsPtr& all, Run& run) {
  CLI::App* profile = app.add_subcommand("profile", "Measures how long the model's passes take here");
  profile->add_flag("--json", all->profile.is_json);
  profile->add_flag("--refresh", all->profile.is_refreshed, "Measure anew, whatever is cached");
  profile->callback([all, &run] { run = [all] { return run_profile(all->profile, all->global); }; });
}

}  // namespace

Chosen read_arguments(int count, const char* const* arguments) {
  CLI::App app("Writes code by diffusion: completions, fixes and refactorings with a small local model.",
               "seedling");
  app.set_version_flag("--version", "seedling " SEEDLING_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Every command takes --model, --backend, --device, --threads and --cache-mib too (see seedling "
      "--help).");
  const auto all = std::make_shared<Arguments>();
  Chosen chosen;
  add_global_options(app, all->global);
  add_lsp(app, all, chosen.run);
  add_complete(app, all, chosen.run);
  add_fix(app, all, chosen.run);
  add_refactor(app, all, chosen.run);
  add_check(app, all, chosen.run);
  add_eval(app, all, chosen.run);
  add_bench(app, all, chosen.run);
  add_model(app, all, chosen.run);
  add_profile(app, all, chosen.run);
  try {
    app.parse(count, arguments);
  } catch (const CLI::Success& asked) {  // --help, --version
    return {nullptr, app.exit(asked)};
  } catch (const CLI::RequiredError& problem) {
    // A word that is no command leaves the command missing; the word is what to name.
    const std::vector<std::string> left = app.remaining(true);
    const bool is_word = !left.empty() && !left.front().starts_with("-");
    tell((is_word ? "there is no command \"" + left.front() + "\"" : std::string(problem.what())) +
         " (try seedling --help)");
    return {nullptr, 2};
  } catch (const CLI::ParseError& problem) {
    tell(std::string(problem.what()) + " (try seedling --help)");
    return {nullptr, 2};
  }
  return chosen;
}

}  // namespace seedling::cli
