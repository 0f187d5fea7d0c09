// engine/train/edit_blocks.h
//
// Edit blocks: noisy blocks that show a draft, with a label to learn at every position.
//   A visible token has to be judged like a masked one: its own token if it is right, another one, DELETE, or
//   INSERT in front of it (engine/sampler/edit_labels.h). Pure; any thread.
//   Source: Seed Diffusion's edit stage, LLaDA2.2's labels; DESIGN.md section 6.
#pragma once

#include <span>
#include <vector>

#include "engine/sampler/edit_labels.h"
#include "engine/train/batch.h"
#include "engine/train/corruption.h"

namespace seedling {

// Our own vocabulary's.
extern const EditTokens kEditTokens;

// The rest of a text from where a block begins, without its <end>.
struct EditTarget {
  std::span<const TokenId> tokens;
  bool is_cut = false;  // the text goes on behind `tokens`: nothing is known of its end
};

// A draft of the target: at most size·rate edits in the mean, in half of the drafts with masks among them, in
// some as it stands after a round in which part of the labels was applied. `mistaken`: a draft with a
// programmer's mistake in it, from which the corruption starts instead of from the target; may be empty.
std::vector<TokenId> make_draft(const EditTarget&, std::span<const TokenId> mistaken, double rate,
                                std::span<const TokenId> nearby, const TokenClasses&, Random&);

// The first positions of the canvas (the draft, then <end>s) and what they should say.
struct EditBlock {
  std::vector<TokenId> tokens, targets;
  std::vector<PositionKind> kinds;
  int padding = 0;  // <end>s behind the first one: positions at the block's right
};

// At most `length` positions; fewer, even none, where the target is cut too close behind them to tell.
EditBlock edit_block(std::span<const TokenId> draft, const EditTarget&, int length);

}  // namespace seedling
