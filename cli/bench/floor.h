// cli/bench/floor.h
//
// The floor under one forward pass on this machine: less time than this it cannot take.
//
//   floor = max(linear multiply-adds / int8 rate + attention multiply-adds / float rate,
//               bytes read / read rate)
//
//   - linear multiply-adds: M times every weight of the layers' seven projections, and for each queried row
//     every weight of the head;
//   - attention multiply-adds: for each row, head and layer 2 · D for each token it sees, cached or of its
//     own pass;
//   - bytes read: one per weight of the projections, and of the head where a row is queried; and the cached
//     keys and values at two bytes each;
//   - int8 rate and float rate: the loops of kernels/cpu/peak.h on as many threads as the pass has, at once,
//     registers only, the fastest of this machine's instructions (bf16 pairs where there are such
//     instructions, else f32);
//   - read rate: a buffer of exactly these bytes, each thread its share of it, again and again, so that what
//   a
//     cache can hold of it is there, as it is for the weights.
//   A rate is the sum over the threads of the fastest of a few turns, taken while all of them are busy: a
//   turn during which something else ran on the core does not count.
//
//   Norms, rotations, softmax, quantising and waiting for each other are not in the floor: they are what a
//   pass pays above it. The rates are measured between the passes that they are held against, because a
//   machine that is shared or warm has other rates a second later.
#pragma once

#include <cstddef>
#include <memory>

#include "engine/model/config.h"

namespace seedling::cli {

struct Work {
  double linear = 0;     // multiply-adds
  double attention = 0;  // multiply-adds
  double bytes = 0;      // read from memory
};

// One pass of `m` tokens behind `context` cached ones, `queried` of whose rows are asked about. causal: a
// token sees the ones before it, else all of them.
Work work_of_pass(const ModelConfig& config, int m, int context, int queried, bool causal);

struct Rates {
  double int8 = 0;  // multiply-adds a second
  double float_ = 0;
  double bytes = 0;  // a second
};

double floor_ms(const Work& work, const Rates& rates);

// Measures the rates again and again; a measurement takes a few milliseconds. One thread at a time.
class RateMeter {
 public:
  explicit RateMeter(int threads);
  ~RateMeter();
  Rates measure(double bytes);  // the working set of the read rate

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seedling::cli
