// engine/sampler/profile.h
//
// StepProfile: how long the passes of one model take on one machine, against their size and the tokens cached
// before them: what a plan (plan.h) is made from.
//   Plain values, any thread. Between two measured points a time lies on the line through them; beyond the
//   last one it goes on along the line and never falls. Times are milliseconds.
#pragma once

#include <vector>

namespace seedling {

// One kind of pass. Both axes ascend and are not empty; ms[context * sizes.size() + size].
struct PassTimes {
  std::vector<int> sizes;     // tokens of the pass
  std::vector<int> contexts;  // tokens cached before it
  std::vector<double> ms;

  double at(int size, int context) const;

  // Whether the axes and times are what at() needs; false for anything a damaged file may hold.
  bool is_sound() const;
};

struct StepProfile {
  PassTimes step;    // a block, every other position of which is still masked and asked about
  PassTimes extend;  // causal, nothing asked: the context, and finished blocks that become part of it
  PassTimes causal;  // one token whose successor is asked for; sizes is {1}

  double step_ms(int block, int context) const { return step.at(block, context); }
  double extend_ms(int tokens, int context) const;  // however many, in passes as long as were measured
  double causal_ms(int context) const { return causal.at(1, context); }
  bool is_sound() const { return step.is_sound() && extend.is_sound() && causal.is_sound(); }
};

// What is assumed of a machine that was not measured: a CPU computes token after token, while a GPU takes as
// long for a block as for one token. Only the proportions are meant.
StepProfile assumed_profile(bool is_gpu);

}  // namespace seedling
