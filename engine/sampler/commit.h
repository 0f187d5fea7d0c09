// engine/sampler/commit.h
//
// Chooses which proposals become text at one denoising step.
//   Pure; thread-free; deterministic.
//   Guarantees: at least one proposal if any names a token (so that denoising ends); every other one has
//   reached the threshold; the surest comes first, ties go to the lower position.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "engine/sampler/score.h"

namespace seedling {

// REQUIRES: proposals are one per masked position, sorted by position.
inline std::vector<Proposal> choose_commits(std::span<const Proposal> proposals, float threshold) {
  std::vector<Proposal> chosen;
  for (const Proposal& proposal : proposals) {
    if (proposal.token >= 0) chosen.push_back(proposal);
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const Proposal& a, const Proposal& b) { return a.confidence > b.confidence; });
  std::size_t count = 0;
  while (count < chosen.size() && chosen[count].confidence >= threshold) ++count;
  chosen.resize(std::min(chosen.size(), std::max<std::size_t>(count, 1)));
  return chosen;
}

}  // namespace seedling
