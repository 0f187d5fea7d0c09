// engine/train/trajectories.h
//
// Trajectories: how a model fills holes of the corpus, step by step, with the product's own sampler; what the
// stages order and on-policy learn from.
//   For each hole a pool is drawn (other thresholds, other seeds), and one of it is kept. Stage order keeps
//   the one with the highest evidence bound (the sum of ln of what each token was believed when it was
//   committed) of those that commit no use of a name before its declaration. Stage on-policy keeps the one
//   with the highest reward: what the verifier says of the text minus the steps it took, and never a text
//   that the verifier likes less than the one written a token a step. A function of the weights, the corpus
//   and the options; holes are filled on as many threads as options.threads says, by an engine each. Errors:
//   those of the engine. Source: Seed Diffusion, constrained-order and on-policy training; DESIGN.md
//   section 6.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/train/rows.h"

namespace seedling {

struct TrajectoryOptions {
  int holes = 256;
  std::uint64_t seed = 1;
  RowOptions rows;          // how holes are picked
  bool by_reward = false;   // stage on-policy's choice instead of stage order's
  double step_price = 0.5;  // of the reward, for every step a token
  int threads = 0;
  std::function<bool(int done)> go_on;  // asked before every hole, by one thread at a time; may be empty
};

// Of the pools, in the mean.
struct TrajectoryReport {
  int holes = 0, kept = 0;
  int drawn = 0;                    // trajectories that came to their end
  int out_of_order = 0;             // trajectories that used a name before they declared it
  double kept_tokens_per_step = 0;  // of what was kept
  double exact = 0;                 // share of the kept whose text is the corpus' own
};

struct DrawnTrajectories {
  std::vector<Sample> kept;
  TrajectoryReport report;
};

Result<DrawnTrajectories> draw_trajectories(const std::string& model_directory, const RowBuilder& corpus,
                                            const TrajectoryOptions& options);

// Whether no name that the hole declares was committed anywhere in it before its first place there, the
// declaration. `filled` has the hole's text at `hole`; tokens spell it, with partial words around it.
Result<bool> declares_before_use(const Tokenizer& tokenizer, const Snapshot& filled, ByteRange hole,
                                 const Sample& trajectory);

// 1 for equal texts, 0 for texts that have nothing in common: 1 - edit distance / length of the longer one.
double similarity(std::string_view a, std::string_view b);

}  // namespace seedling
