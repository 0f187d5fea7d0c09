#include "engine/tokenizer/merge_table.h"

#include <bit>
#include <queue>

namespace seedling {
namespace {

// Up to this many symbols a scan for the lowest rank beats a heap.
constexpr std::size_t kShortPiece = 48;

std::uint64_t pair_of(TokenId left, TokenId right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
         static_cast<std::uint32_t>(right);
}

std::size_t slot_of(std::uint64_t pair, int shift) {
  return (pair * 0x9E3779B97F4A7C15ull) >> shift;
}

}  // namespace

MergeTable::MergeTable(std::span<const MergeRule> rules) {
  const std::size_t size = std::bit_ceil(rules.size() * 2 + 2);
  slots_.resize(size);
  shift_ = 64 - std::countr_zero(size);
  for (std::size_t rank = 0; rank < rules.size(); ++rank) {
    const std::uint64_t pair = pair_of(rules[rank].left, rules[rank].right);
    std::size_t slot = slot_of(pair, shift_);
    while (slots_[slot].rank != kNoRank && slots_[slot].pair != pair) slot = (slot + 1) & (size - 1);
    if (slots_[slot].rank != kNoRank) continue;
    slots_[slot] = {pair, static_cast<std::uint32_t>(rank), rules[rank].result};
  }
}

const MergeTable::Entry& MergeTable::find(TokenId left, TokenId right) const {
  const std::uint64_t pair = pair_of(left, right);
  std::size_t slot = slot_of(pair, shift_);
  while (slots_[slot].rank != kNoRank && slots_[slot].pair != pair) slot = (slot + 1) & (slots_.size() - 1);
  return slots_[slot];
}

void MergeTable::merge(std::span<const TokenId> symbols, std::vector<TokenId>& tokens) const {
  if (symbols.size() <= kShortPiece) {
    merge_short(symbols, tokens);
  } else {
    merge_long(symbols, tokens);
  }
}

void MergeTable::merge_short(std::span<const TokenId> symbols, std::vector<TokenId>& tokens) const {
  TokenId token[kShortPiece];
  std::uint32_t rank[kShortPiece];  // of the pair that starts here
  TokenId merged[kShortPiece];
  std::size_t count = symbols.size();
  const auto look_up = [&](std::size_t at) {
    const Entry& entry = find(token[at], token[at + 1]);
    rank[at] = entry.rank;
    merged[at] = entry.result;
  };
  for (std::size_t i = 0; i < count; ++i) token[i] = symbols[i];
  for (std::size_t i = 0; i + 1 < count; ++i) look_up(i);
  while (count > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < count; ++i) {
      if (rank[i] < rank[best]) best = i;
    }
    if (rank[best] == kNoRank) break;
    token[best] = merged[best];
    --count;
    for (std::size_t i = best + 1; i < count; ++i) {
      token[i] = token[i + 1];
      rank[i] = rank[i + 1];
      merged[i] = merged[i + 1];
    }
    if (best + 1 < count) look_up(best);
    if (best > 0) look_up(best - 1);
  }
  tokens.insert(tokens.end(), token, token + count);
}

void MergeTable::merge_long(std::span<const TokenId> symbols, std::vector<TokenId>& tokens) const {
  struct Node {
    TokenId token;
    std::uint32_t previous;
    std::uint32_t next;
  };
  struct Candidate {
    std::uint32_t rank;
    std::uint32_t at;
    TokenId left;  // what stood there when the candidate was made; stale if it no longer does
    TokenId right;
    TokenId result;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : at > other.at;
    }
  };
  constexpr std::uint32_t kNone = 0xFFFFFFFFu;
  constexpr TokenId kGone = -1;

  std::vector<Node> nodes(symbols.size());
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    nodes[i] = {symbols[i], i == 0 ? kNone : i - 1, i + 1 == nodes.size() ? kNone : i + 1};
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto propose = [&](std::uint32_t at) {
    if (at == kNone || nodes[at].next == kNone) return;
    const TokenId left = nodes[at].token;
    const TokenId right = nodes[nodes[at].next].token;
    const Entry& entry = find(left, right);
    if (entry.rank != kNoRank) queue.push({entry.rank, at, left, right, entry.result});
  };
  for (std::uint32_t i = 0; i < nodes.size(); ++i) propose(i);
  while (!queue.empty()) {
    const Candidate candidate = queue.top();
    queue.pop();
    Node& left = nodes[candidate.at];
    if (left.token != candidate.left || left.next == kNone) continue;
    Node& right = nodes[left.next];
    if (right.token != candidate.right) continue;
    left.token = candidate.result;
    left.next = right.next;
    right.token = kGone;
    if (left.next != kNone) nodes[left.next].previous = candidate.at;
    propose(candidate.at);
    propose(left.previous);
  }
  for (std::uint32_t at = nodes.empty() ? kNone : 0; at != kNone; at = nodes[at].next) {
    tokens.push_back(nodes[at].token);
  }
}

}  // namespace seedling
