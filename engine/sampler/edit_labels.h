// engine/sampler/edit_labels.h
//
// Edit labels: what has to happen at each position of a draft so that it becomes a target, and doing it.
//   Drafts and targets are tokens without <end>; the <end> behind a draft has a label of its own, because
//   what is missing at the very end is inserted in front of it. A label is a token:
//     the draft's token    keep
//     another token        substitute it; at a mask: what belongs there
//     remove               delete: the position is surplus
//     insert               a token is missing in front of this position: open a mask there and keep the rest
//     end                  at a mask: the text ends here, as in a block of masks; what follows is cut off
//   Several rounds lead from draft to target, each with labels of its own: an insert opens one mask a round,
//   which the next round labels, so the number of rounds is at most 2 + the number of missing tokens.
//   Blocks: a canvas is the draft and <end>, <end>, ... without end, of which a block shows as many positions
//   as it has. A deletion moves what follows to the left, so the draft's next tokens, or one more <end>, come
//   into view at the block's right edge; an insertion moves it to the right, and what leaves the block waits
//   for the next one. So a block keeps its size, and its spare <end>s are the room into which a text grows.
//   Pure; thread-free. Source: the editing of LLaDA2.2 (labels by longest common subsequence); DESIGN.md
//   sections 6 and 7.
#pragma once

#include <span>
#include <vector>

#include "engine/types.h"

namespace seedling {

// The tokens that mean something to an edit; those of config.json's `diffusion` object.
struct EditTokens {
  TokenId mask, end, remove, insert;
};

// draft.size() + 1 labels, the last one for the <end> behind the draft. The alignment keeps as many tokens as
// can be kept, a mask standing for any token; of those alignments it takes one with the fewest deletions and
// insertions. Time and memory: draft.size() * target.size().
std::vector<TokenId> edit_labels(std::span<const TokenId> draft, std::span<const TokenId> target,
                                 const EditTokens&);

// The canvas of the next round: `labels` (or proposals) applied to the draft. Positions without a label, and
// those whose label is their own token, stay. REQUIRES: labels.size() <= draft.size() + 1.
std::vector<TokenId> apply_labels(std::span<const TokenId> draft, std::span<const TokenId> labels,
                                  const EditTokens&);

}  // namespace seedling
