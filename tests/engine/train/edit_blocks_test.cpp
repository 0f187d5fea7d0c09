#include "engine/train/edit_blocks.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/tokenizer/special_tokens.h"
#include "tests/engine/train/tiny_corpus.h"

namespace {

using namespace seedling;
using Tokens = std::vector<TokenId>;
using K = PositionKind;

TEST_CASE("a block shows the draft and <end>s, and every position has a label and a kind") {
  const Tokens target = {40, 41, 42, 43, 44}, draft = {40, 99, 42, 98, special::kMask, 44};
  const EditBlock block = edit_block(draft, {target, false}, 9);
  CHECK(block.tokens == Tokens{40, 99, 42, 98, 2, 44, 1, 1, 1});
  CHECK(block.targets == Tokens{40, 41, 42, special::kDelete, 43, 44, 1, 1, 1});
  CHECK(block.kinds == std::vector<K>{K::kept, K::substituted, K::kept, K::deleted, K::masked, K::kept,
                                      K::kept, K::kept, K::kept});
  CHECK(block.padding == 2);
}

TEST_CASE("what is missing is inserted before the token behind it, at the end before <end>") {
  const Tokens target = {40, 41, 42};
  CHECK(edit_block(Tokens{41, 42}, {target, false}, 3).targets ==
        Tokens{special::kInsert, 42, special::kEnd});
  CHECK(edit_block(Tokens{40, 41}, {target, false}, 4).targets ==
        Tokens{40, 41, special::kInsert, special::kEnd});
  CHECK(edit_block(Tokens{}, {target, false}, 1).kinds == std::vector<K>{K::inserted});
}

TEST_CASE("no label depends on what a cut took away") {
  Tokens target;
  for (int i = 0; i < 30; ++i) target.push_back(40 + i);
  CHECK(edit_block(target, {target, true}, 64).tokens.size() == 22);
  CHECK(edit_block(Tokens{40, 41}, {target, true}, 64).tokens.empty());
  for (const K kind : edit_block(target, {target, true}, 64).kinds) CHECK(kind == K::kept);
}

TEST_CASE("drafts are near the target, of many kinds, and a function of the seed") {
  const auto tokenizer = test::load_tiny_model()->tokenizer;
  const TokenClasses classes(*tokenizer);
  const Tokens target = tokenizer->encode("value_1 = call(2, other)\nreturn value_1\n");
  int masked = 0, changed = 0, same = 0, inserts = 0, removals = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Random random(seed), again(seed);
    const Tokens draft = make_draft({target, false}, {}, 0.1, target, classes, random);
    CHECK(draft == make_draft({target, false}, {}, 0.1, target, classes, again));
    masked += std::count(draft.begin(), draft.end(), special::kMask) > 0;
    same += draft == target;
    const Tokens labels = edit_labels(draft, target, kEditTokens);
    inserts += static_cast<int>(std::count(labels.begin(), labels.end(), special::kInsert));
    removals += static_cast<int>(std::count(labels.begin(), labels.end(), special::kDelete));
    for (std::size_t i = 0; i < draft.size(); ++i)
      changed += draft[i] != special::kMask && labels[i] != draft[i];
  }
  CHECK(masked > 120);
  CHECK(same > 10);
  CHECK(inserts > 50);
  CHECK(removals > 50);
  // At most a tenth of the tokens is edited, a twentieth in the mean.
  CHECK(changed < 400 * static_cast<int>(target.size()) / 15);
}

TEST_CASE("a mistaken draft is shown as it is, most often") {
  const auto tokenizer = test::load_tiny_model()->tokenizer;
  const TokenClasses classes(*tokenizer);
  const Tokens target = tokenizer->encode("return a + b\n"), mistaken = tokenizer->encode("retrun a + b\n");
  int shown = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Random random(seed);
    shown += make_draft({target, false}, mistaken, 0.1, target, classes, random) == mistaken;
  }
  CHECK(shown > 100);
}

}  // namespace
