// cli/command.h
//
// The commands of the binary: what each can be told, and the function that runs it.
//   arguments.cpp fills the options and picks the command; main() runs it. A command returns the exit code
//   (0 success, 1 problems found by `check`); an Error becomes one line on standard error and exit code 2.
//   Data goes to standard output, messages to standard error. Main thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/generator.h"
#include "engine/result.h"

namespace seedling {
struct EngineOptions;
}

namespace seedling::cli {

// Options that stand before or after the command's name.
struct GlobalOptions {
  std::string model_directory;  // empty: the default model
  std::string backend = "auto";
  std::string device = "cpu";
  int threads = 0;     // 0: as many as this process may use
  int cache_mib = -1;  // keys and values that stay between requests; -1: the default
  int neighbour_tokens = 0;
};

// How holes are filled, for the commands that let one choose.
struct DecodeOptions {
  std::string mode = "diffusion";
  std::uint64_t seed = 0;
  std::string block;  // a number of tokens, "auto", or nothing: what is usual for the command
  std::optional<float> threshold;
  std::string constraints = "on";  // off: the structure of the code says nothing while a text is written
  bool ignores_profile = false;  // an unknown machine is assumed, so that all choose the same

  bool is_constrained() const { return constraints == "on"; }
  Mode decode_mode() const {
    if (mode == "causal") return Mode::causal;
    return mode == "hybrid" ? Mode::hybrid : Mode::diffusion;
  }
};

struct LspOptions {
  bool is_stdio = false;
  std::string socket;      // path of a Unix socket to listen at
  std::string listen;      // HOST:PORT to listen at
  std::string token_file;  // the secret that clients of `listen` must know
  bool is_alone = false;   // no engine is shared
  std::string log_level = "warn";
  bool logs_text = false;
  std::string trace_file;  // empty: none
  bool answers_document_hash = false;  // for tests
  std::string engine;                  // this process is the shared engine of that socket
  int linger_seconds = 60;             // of a shared engine, after its last client
};
Result<int> run_lsp(const LspOptions& options, const GlobalOptions& global);

struct CompleteOptions {
  std::string place;  // FILE:LINE:COL
  bool is_json = false, shows_steps = false;
  std::string color = "auto";
  Limits limits;
  DecodeOptions decode;
};
Result<int> run_complete(const CompleteOptions& options, const GlobalOptions& global);

struct FixOptions {
  std::string file;
  std::string diagnostics;  // JSON file
  std::string command;      // its output names the problems
  bool applies = false, is_json = false;
  DecodeOptions decode;
};
Result<int> run_fix(const FixOptions& options, const GlobalOptions& global);

struct RefactorOptions {
  std::string place;  // FILE:LINE:COL or FILE:LINE:COL-LINE:COL
  bool lists = false, applies = false;
  std::string action;
  DecodeOptions decode;
};
Result<int> run_refactor(const RefactorOptions& options, const GlobalOptions& global);

struct CheckOptions {
  std::vector<std::string> files;
  int misspellings =
      0;  // measure instead: misspell as many names, in memory, and count those that are reported
  std::uint64_t seed = 1;
};
Result<int> run_check(const CheckOptions& options);

struct EvalOptions {
  std::string kind;  // infill, fix, edit
  std::string cases, out, language;
  int limit = 0, spread = 0;                  // 0: all
  int max_tokens = 0;                         // 0: enough for what is asked
  int judges = 2;                             // programs that run at a time
  bool is_complete = false;                   // with the cases whose ground truth does not pass here
  bool is_truth = false, is_nothing = false;  // the ground truth or nothing answers instead of the model
  bool executes = true, is_fresh = false, is_quiet = false, is_json = false;
  bool is_scored = false;      // the causal score of each completion too
  bool as_completion = false;  // what an editor would show
  bool calibrates = false;     // fit how often that is right to how sure the model is of it
  bool sweeps = false;         // block sizes and thresholds instead of scores
  DecodeOptions decode;
};
Result<int> run_eval(const EvalOptions& options, const GlobalOptions& global);

struct BenchOptions {
  std::string name;  // every case whose name begins with it
  bool is_json = false;
  int passes = 0;                     // each thing exactly so often, without the machine's rates; 0: timed
  double seconds = 0.3;               // for each line
  std::vector<int> tokens, contexts;  // of a step; empty: all that are usual
  int block = 0;                      // tokens of a completion denoised together; 0: what the model says
};
Result<int> run_bench(const BenchOptions& options, const GlobalOptions& global);

struct ModelOptions {
  std::string folder;  // empty: the one of the global options
  std::string out;     // of quantise
  bool is_json = false;
  bool is_default = false;  // use the one that ships
};
Result<int> run_model_info(const ModelOptions& options, const GlobalOptions& global);
Result<int> run_model_verify(const ModelOptions& options, const GlobalOptions& global);
Result<int> run_model_use(const ModelOptions& options, const GlobalOptions& global);
Result<int> run_model_quantise(const ModelOptions& options);

struct ProfileOptions {
  bool is_json = false;
  bool is_refreshed = false;  // measure anew, whatever is cached
};
Result<int> run_profile(const ProfileOptions& options, const GlobalOptions& global);

// Where measurements of this machine are kept: $XDG_CACHE_HOME/seedling or ~/.cache/seedling. Empty where the
// environment names neither.
std::string cache_folder();

// What a command does that is told nothing of blocks and thresholds: what is soonest through on this machine
// (sampler/plan.h), or what the model says, so that its results are the same everywhere.
enum class Usual { adaptive, fixed };
EngineOptions engine_options(const GlobalOptions& global, const DecodeOptions& decode = {},
                             Usual usual = Usual::fixed);

// One line on standard error: "seedling: <text>".
void tell(const std::string& text);

// What the arguments ask for: a command to run, or an exit code at once after --help or a mistake.
struct Chosen {
  std::function<Result<int>()> run;
  int exit_code = 0;
};
Chosen read_arguments(int count, const char* const* arguments);

}  // namespace seedling::cli
