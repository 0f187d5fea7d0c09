// engine/train/run.h
//
// One training run: a stage, a budget, a folder. The folder holds checkpoint.safetensors (everything needed
// to go on), state.json (step, seconds, options), log.jsonl (a line per report) and config.json,
// tokenizer.json.
//   The stages order and on-policy also keep the trajectories that they drew (pool-N.jsonl). Several
//   processes share one run when they are started as torchrun starts them (peers_torch.h): `rows` are those
//   of each, and the first one alone writes. A run that was killed goes on bit-exactly from its last
//   checkpoint (CPU, same thread count, budget in steps); checkpoints are written beside the old one and
//   renamed. SIGINT and SIGTERM write a checkpoint and stop. Loop thread only. Errors: invalid_input or
//   not_found with one line that says what to do. This header has no torch, so that the command line compiles
//   without it.
#pragma once

#include <cstdint>
#include <string>

#include "engine/result.h"

namespace seedling {

enum class Stage { causal, mask, edit, order, on_policy };

// Stages that learn from how the model itself fills holes (engine/train/trajectories.h).
constexpr bool is_about_steps(Stage stage) {
  return stage == Stage::order || stage == Stage::on_policy;
}

struct RunOptions {
  std::string corpus;      // folder of token shards
  std::string tokenizer;   // tokenizer.json
  std::string config;      // config.json of the shape; may be empty when the run folder or start_from has one
  std::string out;         // run folder
  std::string start_from;  // run folder of an earlier stage, or a model folder, whose weights are taken over;
                           // may be empty
  Stage stage = Stage::causal;
  std::string device = "cpu";
  int threads = 0;
  std::int64_t steps = 0;             // budget in steps; 0: use minutes
  double minutes = 0;                 // budget of wall-clock time over all restarts
  std::int64_t stop_after_steps = 0;  // stop as a signal would after this step; 0: never
  double warmup = 0.02;               // share of the budget
  double cooldown = 0.4;              // share of the budget over which the rate falls linearly to 0
  int rows = 16, clean = 512, noisy = 256, max_block = 32;
  double matrix_rate = 0.02, adam_rate = 3e-3, weight_decay = 0.01, dropout = 0.0, average_decay = 0.998;
  double causal_weight = 1.0, masked_weight = 1.0, plain_share = 0.25, diagnostic_share = 0.0;
  double edit_share = 0.2, edit_rate = 0.1, kept_weight = 1.0, mistake_share = 0.25;  // stage edit
  double diagnosed_share = 0.0;   // from stage edit on: segments that are diagnosed mistakes
  double function_share = 0.0;    // segments that are functions on their own
  double trajectory_share = 0.5;  // stages order and on-policy: segments that a model filled
  int pool_holes = 256;           // holes that trajectories are drawn for
  std::int64_t pool_steps = 0;    // a new pool, with the weights of then, after that many steps; 0: one pool
  double step_price = 0.5;        // stage on-policy: of the reward, for every step a token
  bool weight_by_noise = false;
  std::string language_share;  // "python=0.5,c=0.1,..."; empty: as the corpus has them
  std::uint64_t seed = 1;
  double checkpoint_minutes = 5;
  double report_seconds = 20;
  int validation_batches = 8;
};

// Trains until the budget is spent or a signal arrives. Returns 0 when the budget is spent, 3 when stopped
// early.
Result<int> train(const RunOptions&);

// How the matrices of an exported model are stored: bf16, or int8 panels (engine/model/weights.h).
enum class ExportDtype { bf16, int8 };

// Weights of another model of the same shape that are mixed into what is exported: a short stage's weights
// and those it started from are often worse than their mean (Wortsman et al. 2022, arXiv:2109.01903).
struct Blend {
  std::string model;  // folder; empty: none
  double share = 0;   // of the other model, in [0, 1]
};

// Writes `run`'s averaged weights as a model folder: config.json, tokenizer.json, model.safetensors.
Status export_model(const std::string& run, const std::string& model_directory, bool averaged,
                    ExportDtype dtype = ExportDtype::bf16, const Blend& blend = {});

}  // namespace seedling
