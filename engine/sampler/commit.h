// engine/sampler/commit.h
//
// Chooses which proposals become text at one denoising step.
//   Pure; thread-free; deterministic.
//   Chosen are the leftmost masked positions as far as all of them together are right with a probability of
//   `threshold` (the product of their confidences), and wherever they stand the proposals that are as sure as
//   kSureAnywhere. What is next to certain text is guessed with more context than what is far from it: at the
//   same similarity to the text of one token a step, runs from the left commit more tokens a step than
//   single positions do.
//   Guarantees: at least one proposal if any names a token (so that denoising ends): where none is sure, the
//   leftmost one. The surest would nearly always be another <end> behind the last one, which eats a hole from
//   its right edge to nothing. The surest come first, of equals the lower position.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "engine/sampler/score.h"

namespace seedling {

inline constexpr float kSureAnywhere = 0.9f;

// REQUIRES: proposals are one per masked position, sorted by position.
inline std::vector<Proposal> choose_commits(std::span<const Proposal> proposals, float threshold) {
  std::vector<Proposal> chosen;
  float together = 1;
  for (const Proposal& proposal : proposals) {
    if (proposal.token < 0) {
      together = 0;  // nothing behind it continues certain text
      continue;
    }
    together *= proposal.confidence;
    const bool is_sure = proposal.confidence >= std::max(threshold, kSureAnywhere);
    if (together >= threshold || is_sure) chosen.push_back(proposal);
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
