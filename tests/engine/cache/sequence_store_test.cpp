#include "engine/cache/sequence_store.h"

#include <doctest/doctest.h>

#include <numeric>

#include "tests/engine/scripted_backend.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

SequenceStore open_store(std::size_t most_bytes = 1 << 20) {
  static const std::shared_ptr<const Model> model = load_tiny_model();
  set_script([](auto, auto, int) { return Scripted{}; });
  Result<SequenceStore> store = SequenceStore::open(scripted_backend(), model, {}, most_bytes);
  REQUIRE(store.ok());
  return std::move(store.value());
}

// `count` tokens that no other `kind` has in common.
std::vector<TokenId> tokens_of(int kind, int count) {
  std::vector<TokenId> tokens(static_cast<std::size_t>(count));
  std::iota(tokens.begin(), tokens.end(), kind * 100);
  for (TokenId& token : tokens) token %= 320;
  return tokens;
}

// Computes the context as a request would; says how much of it was there.
int use(SequenceStore& store, std::string_view path, std::span<const TokenId> context,
        CachedFor purpose = CachedFor::typing) {
  const Result<std::shared_ptr<CachedSequence>> sequence = store.borrow(path, purpose, context);
  REQUIRE(sequence.ok());
  const int reused = (*sequence)->reuse(context, static_cast<int>(context.size()));
  REQUIRE((*sequence)->extend(context.subspan(reused)).ok());
  return reused;
}

}  // namespace

TEST_CASE("sequence store: every document finds its own again") {
  SequenceStore store = open_store();
  std::vector<TokenId> a = tokens_of(0, 40), b = tokens_of(1, 30);
  CHECK(use(store, "a", a) == 0);
  CHECK(use(store, "b", b) == 0);
  a.push_back(7);
  b.push_back(8);
  CHECK(use(store, "a", a) == 40);
  CHECK(use(store, "b", b) == 30);
  CHECK(store.size() == 2);
  CHECK(store.bytes() == (41 + 31) * kScriptedTokenBytes);
}

TEST_CASE("sequence store: a place is left alone by another one of its document, and by actions") {
  SequenceStore store = open_store();
  const std::vector<TokenId> here = tokens_of(0, 40), there = tokens_of(1, 40), broken = tokens_of(2, 40);
  use(store, "a", here);
  use(store, "a", there);
  use(store, "a", broken, CachedFor::action);
  for (int hole = 0; hole < 20; ++hole) {
    std::vector<TokenId> varied = tokens_of(hole, 12);
    varied.insert(varied.begin(), {300, static_cast<TokenId>(hole)});
    use(store, "a", varied, CachedFor::action);
  }
  CHECK(use(store, "a", here) == 40);
  CHECK(use(store, "a", there) == 40);
}

TEST_CASE("sequence store: a document has few sequences, the longest unused one is taken over") {
  SequenceStore store = open_store();
  for (int kind = 0; kind < 3; ++kind) CHECK(use(store, "a", tokens_of(kind, 40)) == 0);
  CHECK(use(store, "a", tokens_of(0, 40)) == 40);
  CHECK(use(store, "a", tokens_of(0, 60)) == 40);  // 100 and on are another kind's: this one grew
  const std::size_t many = store.size();
  std::vector<TokenId> fresh(40, 319);
  CHECK(use(store, "a", fresh) == 0);
  CHECK(store.size() == many);
  CHECK(use(store, "a", tokens_of(0, 60)) == 60);
  CHECK(use(store, "a", tokens_of(1, 40)) == 0);  // was the longest unused
}

TEST_CASE("sequence store: what shares little is not cut back") {
  SequenceStore store = open_store();
  std::vector<TokenId> here = tokens_of(0, 40), there = here;
  std::fill(there.begin() + 7, there.end(), 319);
  use(store, "a", here);
  CHECK(use(store, "a", there) == 0);
  CHECK(use(store, "a", here) == 40);
  there = here;
  std::fill(there.begin() + 9, there.end(), 318);
  CHECK(use(store, "a", there) == 9);
}

TEST_CASE("sequence store: what is borrowed is nobody else's") {
  SequenceStore store = open_store();
  const std::vector<TokenId> context = tokens_of(0, 40);
  use(store, "a", context);
  const auto first = store.borrow("a", CachedFor::action, context);
  const auto second = store.borrow("a", CachedFor::action, context);
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK((*first)->length() == 40);
  CHECK(*first != *second);
  CHECK((*second)->length() == 0);
}

TEST_CASE("sequence store: memory stays within the budget, the last used stays longest") {
  SequenceStore store = open_store(100 * kScriptedTokenBytes);
  use(store, "a", tokens_of(0, 40));
  use(store, "b", tokens_of(1, 40));
  store.trim();
  CHECK(store.bytes() == 80 * kScriptedTokenBytes);
  use(store, "a", tokens_of(0, 40));
  use(store, "c", tokens_of(2, 40));
  store.trim();
  CHECK(store.bytes() == 80 * kScriptedTokenBytes);
  CHECK(use(store, "a", tokens_of(0, 40)) == 40);
  CHECK(use(store, "c", tokens_of(2, 40)) == 40);
  CHECK(use(store, "b", tokens_of(1, 40)) == 0);
  {
    const auto held = store.borrow("a", CachedFor::typing, tokens_of(0, 40));
    REQUIRE(held.ok());
    store.trim();
    CHECK((*held)->length() == 40);  // what is in use stays
  }
  SequenceStore none = open_store(0);
  use(none, "a", tokens_of(0, 40));
  none.trim();
  CHECK(none.size() == 0);
  CHECK(use(none, "a", tokens_of(0, 40)) == 0);
}

TEST_CASE("sequence store: a closed document is forgotten, the others are not") {
  SequenceStore store = open_store();
  use(store, "a", tokens_of(0, 40));
  use(store, "a", tokens_of(1, 40), CachedFor::action);
  use(store, "b", tokens_of(2, 40));
  store.forget("a");
  CHECK(store.bytes() == 40 * kScriptedTokenBytes);
  CHECK(use(store, "b", tokens_of(2, 40)) == 40);
  CHECK(use(store, "a", tokens_of(0, 40)) == 0);
}

TEST_CASE("sequence store: documents that are alike leave each other's alone") {
  SequenceStore store = open_store();
  // Two windows on one file, at two places of it: what stands first is the same.
  std::vector<TokenId> here = tokens_of(0, 40), there = here;
  here.insert(here.end(), 20, 301);
  there.insert(there.end(), 20, 302);
  CHECK(use(store, "a", here) == 0);
  CHECK(use(store, "b", there) == 0);
  CHECK(use(store, "a", here) == 60);
  CHECK(use(store, "b", there) == 60);
}

TEST_CASE("sequence store: a dead sequence is replaced") {
  SequenceStore store = open_store();
  const std::vector<TokenId> context = tokens_of(0, 40);
  use(store, "a", context);
  scripted_state().fail_after = 0;
  {
    const auto sequence = store.borrow("a", CachedFor::typing, context);
    REQUIRE(sequence.ok());
    const RowQuery query;
    RowAnswer answer;
    CHECK(!(*sequence)->step(context, std::span(&query, 1), std::span(&answer, 1)).ok());
  }
  CHECK(use(store, "a", context) == 0);
  CHECK(use(store, "a", context) == 40);
}
