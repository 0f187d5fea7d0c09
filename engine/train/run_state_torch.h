// engine/train/run_state_torch.h
//
// Run: where one training run stands, and its way to the disk and back.
//   The folder holds checkpoint.safetensors (everything that is needed to go on bit-exactly), config.json and
//   tokenizer.json; the first of several processes writes them. Loop thread only. Errors: invalid_input or
//   not_found with one line that says what to do.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>

#include "engine/train/optimizer_torch.h"
#include "engine/train/peers_torch.h"
#include "engine/train/rows.h"
#include "engine/train/run.h"
#include "engine/train/transformer_torch.h"

namespace seedling {

// Where a run stands; everything that is not a tensor.
struct Progress {
  std::int64_t step = 0;
  double seconds = 0;  // trained so far, over all restarts
  std::uint64_t tokens = 0;
  std::int64_t steps_before = 0;  // of the runs that the weights come from: their rows are not read again
};

struct Run {
  RunOptions options;
  ModelConfig config;
  RowOptions row_options;
  std::unique_ptr<TrainedTransformer> transformer;
  std::unique_ptr<Optimizer> optimizer;
  std::vector<TrainedTransformer>
      replicas;  // one a worker; the first gradient is summed into the transformer's
  Progress progress;
  std::unique_ptr<Peers> peers;

  std::filesystem::path folder() const { return options.out; }
  // Share of the budget that is spent. By steps it is exact, so that a resumed run repeats the schedule.
  double spent() const {
    if (options.steps > 0) return static_cast<double>(progress.step) / static_cast<double>(options.steps);
    return progress.seconds / (options.minutes * 60.0);
  }
  double rate_scale() const {
    const double p = spent();
    if (p < options.warmup) return (p + 1e-3) / (options.warmup + 1e-3);
    return std::clamp((1.0 - p) / options.cooldown, 0.0, 1.0);
  }
};

// Makes or reads the folder, the parameters and the optimiser; goes on where a checkpoint stands.
Result<Run> open_run(const RunOptions& options, Peers peers);

Status save_checkpoint(Run& run);

// The averaged weights, or the last ones, as a model folder.
Status export_run(Run& run, const std::string& model_directory, bool averaged, ExportDtype dtype,
                  const Blend& blend = {});

}  // namespace seedling
