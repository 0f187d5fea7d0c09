// engine/sampler/commit.h
//
// Chooses which proposals become text at one denoising step.
//   Pure; thread-free; deterministic.
//   Guarantees: at least one proposal if any names a token (so that denoising ends). Every proposal that has
//   reached the threshold is chosen, the surest first, ties to the lower position. Where none has, the
//   leftmost one is: the surest would nearly always be another <end> behind the last one, which eats a hole
//   from its right edge to nothing.
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
    if (proposal.token >= 0 && proposal.confidence >= threshold) chosen.push_back(proposal);
  }
  if (chosen.empty()) {
    const auto leftmost =
        std::find_if(proposals.begin(), proposals.end(), [](const Proposal& p) { return p.token >= 0; });
    if (leftmost != proposals.end()) chosen.push_back(*leftmost);
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const Proposal& a, const Proposal& b) { return a.confidence > b.confidence; });
  return chosen;
}

}  // namespace seedling
