#include "engine/train/edit_blocks.h"

#include <algorithm>

#include "engine/tokenizer/special_tokens.h"

namespace seedling {

const EditTokens kEditTokens = {special::kMask, special::kEnd, special::kDelete, special::kInsert};

namespace {

// Labels this close to a cut may be those of the missing rest.
constexpr int kUnsureTokens = 8;

constexpr double kMaskedShare = 0.5;      // of the drafts: have masks
constexpr double kMostMasks = 0.7;        // of such a draft's tokens
constexpr double kLaterRoundShare = 0.3;  // of the drafts: part of the labels is applied already
constexpr double kAlsoEdited = 0.3;       // of the mistaken drafts: corrupted as well

// One round, in which each label is applied with a probability of one half.
std::vector<TokenId> half_a_round(std::span<const TokenId> draft, std::span<const TokenId> target,
                                  Random& random) {
  std::vector<TokenId> labels = edit_labels(draft, target, kEditTokens);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (random.below(2) == 0) labels[i] = i < draft.size() ? draft[i] : special::kEnd;
  return apply_labels(draft, labels, kEditTokens);
}

PositionKind kind_of(TokenId token, TokenId label) {
  if (label == special::kDelete) return PositionKind::deleted;
  if (label == special::kInsert) return PositionKind::inserted;
  if (token == special::kMask) return PositionKind::masked;
  return token == label ? PositionKind::kept : PositionKind::substituted;
}

}  // namespace

std::vector<TokenId> make_draft(const EditTarget& target, std::span<const TokenId> mistaken, double rate,
                                std::span<const TokenId> nearby, const TokenClasses& classes,
                                Random& random) {
  const double a = rate * random.uniform();
  const bool is_edited = mistaken.empty() || random.uniform() < kAlsoEdited;
  const std::span<const TokenId> from = mistaken.empty() ? target.tokens : mistaken;
  const int edits = is_edited ? edit_count(from.size(), a, random) : 0;
  std::vector<TokenId> draft = corrupted(from, edits, nearby, classes, random);
  if (random.uniform() < kMaskedShare)
    mask_some(draft, kMostMasks * random.uniform(), special::kMask, classes, random);
  if (random.uniform() < kLaterRoundShare) draft = half_a_round(draft, target.tokens, random);
  return draft;
}

EditBlock edit_block(std::span<const TokenId> draft, const EditTarget& target, int length) {
  const int size = static_cast<int>(draft.size());
  if (target.is_cut) length = std::min(length, size - kUnsureTokens);
  const std::vector<TokenId> labels = edit_labels(draft, target.tokens, kEditTokens);
  EditBlock block;
  for (int i = 0; i < length; ++i) {
    const TokenId token = i < size ? draft[static_cast<std::size_t>(i)] : special::kEnd;
    const TokenId label = i <= size ? labels[static_cast<std::size_t>(i)] : special::kEnd;
    block.tokens.push_back(token);
    block.targets.push_back(label);
    block.kinds.push_back(kind_of(token, label));
    block.padding += i > size;
  }
  return block;
}

}  // namespace seedling
