#include "engine/sampler/lookup.h"

#include <doctest/doctest.h>

#include "engine/tokenizer/special_tokens.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

using Tokens = std::vector<TokenId>;

const Tokenizer& tokenizer() {
  static const std::shared_ptr<const Model> model = load_tiny_model();
  return *model->tokenizer;
}

TokenSet anything_but(std::initializer_list<TokenId> excluded) {
  TokenSet set(320);
  for (TokenId token = 0; token < 320; ++token) set.insert(token);
  for (const TokenId token : excluded) set.erase(token);
  return set;
}

Tokens copy(std::span<const TokenId> tokens) {
  return {tokens.begin(), tokens.end()};
}

Tokens draft(const Lookup& lookup, float least_chance = 0, const TokenSet& first = anything_but({})) {
  return copy(lookup.draft(first, least_chance));
}

Lookup with_context(const Tokens& context, std::string_view left = {}) {
  Lookup lookup;
  lookup.begin(tokenizer(), context, left);
  return lookup;
}

}  // namespace

TEST_CASE("lookup: the longest match goes on, of equal ones the last") {
  // 50 51 52 before 60, 51 52 before 70, 52 before 80
  CHECK(draft(with_context({50, 51, 52, 60, 9 + 40, 51, 52, 70, 52, 80, 50, 51, 52})).front() == 60);
  CHECK(draft(with_context({50, 51, 52, 60, 49, 51, 52, 70, 52, 80, 99, 51, 52})).front() == 70);
  CHECK(draft(with_context({52, 60, 52, 70, 99, 52})).front() == 70);
  CHECK(draft(with_context({52, 60, 99})).empty());
  CHECK(draft(with_context({})).empty());
  CHECK(draft(Lookup()).empty());
}

TEST_CASE("lookup: a draft begins with what may stand there, and ends before a special token") {
  const Tokens context = {50, 51, 60, 61, special::kPrefix, 50, 51, 70, 71, 50, 51};
  CHECK(draft(with_context(context)) == Tokens{70, 71, 50, 51});
  CHECK(draft(with_context(context), 0, anything_but({70})) == Tokens{60, 61});
  CHECK(draft(with_context(context), 0, anything_but({70, 60})).empty());
}

TEST_CASE("lookup: the marker before the hole is left out, and so is a partial word") {
  const TokenId b = tokenizer().encode("b").front(), c = tokenizer().encode("c").front();
  CHECK(draft(with_context({50, b, 99, 50, b, special::kMiddle})) == Tokens{99, 50, b});
  // The hole spells "bc" again: what stood behind 50 may come.
  CHECK(draft(with_context({50, b, c, 99, 50, b, c, special::kMiddle}, "bc")) == Tokens{b, c, 99, 50});
  CHECK(draft(with_context({b, special::kMiddle}, "bcbcbc")).empty());
}

TEST_CASE("lookup: a draft is as long as it is probable") {
  const Tokens seen = {50, 51, 52, 53, 54, 55, 56, 57, 58, 59};
  Tokens context = seen;
  context.push_back(99);
  std::size_t before = 0;
  for (std::size_t match = 1; match < 6; ++match) {
    Tokens longer = context;
    longer.insert(longer.end(), seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(match));
    const std::size_t length = draft(with_context(longer), 0.2f).size();
    CHECK(length >= before);
    CHECK(draft(with_context(longer), 0.1f).size() >= length);
    CHECK(draft(with_context(longer), 0.99f).empty());
    before = length;
  }
  CHECK(before > 1);
}

TEST_CASE("lookup: what was written into a hole is the draft of the next") {
  Lookup lookup = with_context({50, 51, special::kMiddle});
  for (const TokenId token : {60, 61, 62, static_cast<int>(special::kEnd)}) lookup.push(token);
  CHECK(draft(lookup).empty());
  lookup.begin(tokenizer(), Tokens{50, 51, 60, special::kMiddle}, {});
  CHECK(draft(lookup) == Tokens{61, 62, special::kEnd});
  lookup.push(61);
  CHECK(draft(lookup) == Tokens{62, special::kEnd});
  // One hole's end is not followed by another hole's beginning.
  lookup.begin(tokenizer(), Tokens{62, special::kEnd, special::kMiddle}, {});
  CHECK(draft(lookup) == Tokens{special::kEnd});
}

TEST_CASE("lookup: it forgets what is long ago") {
  Lookup lookup = with_context({50, 51});
  lookup.push(60);
  for (int hole = 0; hole < 200; ++hole) {
    lookup.begin(tokenizer(), Tokens{70, 71}, {});
    for (int i = 0; i < 10; ++i) lookup.push(80 + i);
  }
  lookup.begin(tokenizer(), Tokens{50, 51}, {});
  CHECK(draft(lookup).empty());
  lookup.begin(tokenizer(), Tokens{70, 71}, {});
  CHECK(draft(lookup).size() >= 10);
}
