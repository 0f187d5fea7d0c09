// engine/tokenizer/merge_table.h
//
// MergeTable: the byte-pair merges of a vocabulary, and the merging of one piece.
//   Immutable after construction; safe to share between threads; deterministic.
//   Guarantees: the lowest rank is merged first, the leftmost of equal ones; a long piece costs n log n, not
//   n squared.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/types.h"

namespace seedling {

// left and right, standing side by side, become result. The position in a list of rules is the rank.
struct MergeRule {
  TokenId left = 0;
  TokenId right = 0;
  TokenId result = 0;
  bool operator==(const MergeRule&) const = default;
};

class MergeTable {
 public:
  // Of two rules for one pair the first counts.
  explicit MergeTable(std::span<const MergeRule> rules);

  // Appends what `symbols` (one token per byte) merge into to `tokens`.
  void merge(std::span<const TokenId> symbols, std::vector<TokenId>& tokens) const;

 private:
  static constexpr std::uint32_t kNoRank = 0xFFFFFFFFu;
  struct Entry {
    std::uint64_t pair = ~0ull;
    std::uint32_t rank = kNoRank;
    TokenId result = -1;
  };

  const Entry& find(TokenId left, TokenId right) const;
  void merge_short(std::span<const TokenId> symbols, std::vector<TokenId>& tokens) const;
  void merge_long(std::span<const TokenId> symbols, std::vector<TokenId>& tokens) const;

  std::vector<Entry> slots_;  // open addressing; the size is a power of two and at least twice the rules
  int shift_ = 0;
};

}  // namespace seedling
