// engine/train/loss_sums.h
//
// LossSums: what a batch lost, by what was asked of its positions. Plain value, no torch.
#pragma once

#include <array>

#include "engine/train/batch.h"

namespace seedling {

struct LossSums {
  struct Tally {
    double nats = 0;
    double count = 0;  // positions
    double right = 0;  // of those, whose arg-max is the target

    double loss() const { return count > 0 ? nats / count : 0.0; }
    double accuracy() const { return count > 0 ? right / count : 0.0; }
  };
  std::array<Tally, kPositionKindNames.size()> tallies;  // by PositionKind

  Tally& operator[](PositionKind kind) { return tallies[static_cast<std::size_t>(kind)]; }
  const Tally& operator[](PositionKind kind) const { return tallies[static_cast<std::size_t>(kind)]; }
  double nats() const {
    double sum = 0;
    for (const Tally& tally : tallies) sum += tally.nats;
    return sum;
  }
  LossSums& operator+=(const LossSums& other) {
    for (std::size_t i = 0; i < tallies.size(); ++i) {
      tallies[i].nats += other.tallies[i].nats;
      tallies[i].count += other.tallies[i].count;
      tallies[i].right += other.tallies[i].right;
    }
    return *this;
  }
};

}  // namespace seedling
