#include "engine/tokenizer/merge_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace seedling {
namespace {

// The definition: again and again, merge the leftmost pair of the lowest rank.
std::vector<TokenId> merged_by_definition(const std::vector<MergeRule>& rules, std::vector<TokenId> tokens) {
  while (true) {
    std::size_t best_rank = rules.size();
    std::size_t best_at = 0;
    for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
      for (std::size_t rank = 0; rank < best_rank; ++rank) {
        if (rules[rank].left != tokens[at] || rules[rank].right != tokens[at + 1]) continue;
        best_rank = rank;
        best_at = at;
      }
    }
    if (best_rank == rules.size()) return tokens;
    tokens[best_at] = rules[best_rank].result;
    tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(best_at) + 1);
  }
}

TEST_CASE("merge table: short and long pieces merge by the definition") {
  const unsigned seed = 4711;
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<MergeRule> rules;
    TokenId next = 4;
    for (int i = 0; i < 24; ++i) {
      const MergeRule rule{static_cast<TokenId>(random() % next), static_cast<TokenId>(random() % next),
                           next};
      rules.push_back(rule);
      ++next;
    }
    const MergeTable table(rules);
    // Lengths on both sides of the point where the method changes.
    for (const std::size_t length : {0u, 1u, 2u, 7u, 47u, 48u, 49u, 50u, 120u}) {
      std::vector<TokenId> symbols(length);
      for (TokenId& symbol : symbols) symbol = static_cast<TokenId>(random() % 4);
      std::vector<TokenId> tokens;
      table.merge(symbols, tokens);
      CAPTURE(round);
      CAPTURE(length);
      REQUIRE(tokens == merged_by_definition(rules, symbols));
    }
  }
}

TEST_CASE("merge table: tokens are appended, and the first of two rules for a pair counts") {
  const MergeTable table(std::vector<MergeRule>{{0, 1, 2}, {0, 1, 3}});
  std::vector<TokenId> tokens = {9};
  table.merge(std::vector<TokenId>{0, 1}, tokens);
  CHECK(tokens == std::vector<TokenId>{9, 2});
}

}  // namespace
}  // namespace seedling
