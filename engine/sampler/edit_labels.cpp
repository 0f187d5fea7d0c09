#include "engine/sampler/edit_labels.h"

#include <algorithm>
#include <cstdint>

#include "engine/assert.h"

namespace seedling {
namespace {

// What an alignment is worth: kept tokens first, then pairs (each one saves a deletion and an insertion),
// then that the token kept is a real one and not a mask.
constexpr std::int64_t kReal = 1, kPair = std::int64_t{1} << 20, kKept = kPair << 20;

// Of all alignments of a draft's tail with a target's tail, what the best one is worth.
class Worth {
 public:
  Worth(std::span<const TokenId> draft, std::span<const TokenId> target, TokenId mask)
      : draft_(draft),
        target_(target),
        mask_(mask),
        stride_(target.size() + 1),
        best_((draft.size() + 1) * stride_, 0) {
    for (std::size_t i = draft.size(); i-- > 0;)
      for (std::size_t j = target.size(); j-- > 0;)
        best_[i * stride_ + j] =
            std::max({of_tails(i + 1, j), of_tails(i, j + 1), of_pair(i, j) + of_tails(i + 1, j + 1)});
  }

  std::int64_t of_tails(std::size_t i, std::size_t j) const { return best_[i * stride_ + j]; }
  std::int64_t of_pair(std::size_t i, std::size_t j) const {
    if (draft_[i] == target_[j]) return kKept + kPair + kReal;
    return draft_[i] == mask_ ? kKept + kPair : kPair;
  }

 private:
  std::span<const TokenId> draft_, target_;
  TokenId mask_;
  std::size_t stride_;
  std::vector<std::int64_t> best_;
};

}  // namespace

std::vector<TokenId> edit_labels(std::span<const TokenId> draft, std::span<const TokenId> target,
                                 const EditTokens& edit) {
  const Worth worth(draft, target, edit.mask);
  std::vector<TokenId> labels;
  labels.reserve(draft.size() + 1);
  std::size_t j = 0;
  bool is_missing = false;  // a token of the target in front of position i
  for (std::size_t i = 0; i < draft.size();) {
    const std::int64_t best = worth.of_tails(i, j);
    // Pairs come as early as they can, so only a kept token, or the end, has something missing before it.
    if (j < target.size() && best == worth.of_pair(i, j) + worth.of_tails(i + 1, j + 1)) {
      labels.push_back(is_missing ? edit.insert : target[j]);
      is_missing = false;
      ++i, ++j;
    } else if (best == worth.of_tails(i + 1, j)) {
      const bool is_past_end = j == target.size() && draft[i] == edit.mask;
      labels.push_back(is_past_end ? edit.end : edit.remove);
      ++i;
    } else {
      is_missing = true;
      ++j;
    }
  }
  labels.push_back(j < target.size() ? edit.insert : edit.end);
  return labels;
}

std::vector<TokenId> apply_labels(std::span<const TokenId> draft, std::span<const TokenId> labels,
                                  const EditTokens& edit) {
  SEEDLING_ASSERT(labels.size() <= draft.size() + 1);
  std::vector<TokenId> next;
  next.reserve(draft.size() + labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool is_end = i == draft.size();
    if (labels[i] == edit.end) return next;
    if (labels[i] == edit.remove && !is_end) continue;
    if (labels[i] == edit.insert) next.push_back(edit.mask);
    if (!is_end) next.push_back(labels[i] == edit.insert ? draft[i] : labels[i]);
  }
  if (labels.size() < draft.size()) next.insert(next.end(), draft.begin() + labels.size(), draft.end());
  return next;
}

}  // namespace seedling
