// engine/train/trajectory_states.h
//
// BlockStates: the states that a block went through while a model filled it, and which of them to learn from.
//   A state is named by the step that it stood before. To learn the final text from a state is to learn to
//   jump there. Alike: every state as often. Pushing apart: state i as often as the sum over the others of 1
//   / d(i, j), d their Levenshtein distance, which between states of one block is the number of tokens
//   committed in between; so where steps were small, steps become large.
//   Pure; any thread. Source: Seed Diffusion's surrogate for the number of steps, E[1 / d_Lev(τ[i], τ[j])].
#pragma once

#include <algorithm>
#include <cstdlib>
#include <span>
#include <vector>

namespace seedling {

class BlockStates {
 public:
  // For each position the step that committed it. REQUIRES: not empty.
  BlockStates(std::span<const int> steps, bool pushes_apart) {
    std::vector<int> sorted(steps.begin(), steps.end());
    std::sort(sorted.begin(), sorted.end());
    std::vector<int>
        certain;  // tokens that stand in each state; the last entry is that of the finished block
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i > 0 && sorted[i] == sorted[i - 1]) continue;
      states_.push_back(sorted[i]);
      certain.push_back(static_cast<int>(i));
    }
    certain.push_back(static_cast<int>(sorted.size()));
    for (std::size_t i = 0; i < states_.size(); ++i) {
      double weight = pushes_apart ? 0 : 1;
      for (std::size_t j = 0; pushes_apart && j < certain.size(); ++j)
        if (j != i) weight += 1.0 / std::abs(certain[i] - certain[j]);
      weights_.push_back(weight);
      total_ += weight;
    }
  }

  int first() const { return states_.front(); }
  const std::vector<int>& states() const { return states_; }
  const std::vector<double>& weights() const { return weights_; }

  // One of the states, each with a probability by its weight; `uniform` in [0, 1).
  int pick(double uniform) const {
    double left = uniform * total_;
    for (std::size_t i = 0; i < states_.size(); ++i)
      if ((left -= weights_[i]) < 0) return states_[i];
    return states_.back();
  }

 private:
  std::vector<int> states_;
  std::vector<double> weights_;
  double total_ = 0;
};

}  // namespace seedling
