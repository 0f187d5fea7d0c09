#include "engine/cache/cached_sequence.h"

#include <doctest/doctest.h>

#include "tests/engine/scripted_backend.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

// A script whose answer depends on every cached token, so that a wrong cache shows.
Scripted hash_of_cached(std::span<const TokenId> cached, std::span<const TokenId>, int index) {
  std::uint32_t hash = 17;
  for (const TokenId token : cached) hash = hash * 31 + static_cast<std::uint32_t>(token);
  return {static_cast<TokenId>((hash + index) % 320), 0.9f};
}

std::unique_ptr<CachedSequence> open_sequence(const std::shared_ptr<const Model>& model) {
  Result<std::unique_ptr<CachedSequence>> sequence = CachedSequence::open(scripted_backend(), model, {});
  REQUIRE(sequence.ok());
  return std::move(sequence.value());
}

// The answer after the last of `tokens`, of which what is cached already stays.
RowAnswer answer_after(CachedSequence& sequence, std::span<const TokenId> tokens, int& kept) {
  kept = sequence.reuse(tokens, static_cast<int>(tokens.size()) - 1);
  RowQuery query;
  query.row = static_cast<int>(tokens.size()) - kept - 1;
  RowAnswer answer;
  REQUIRE(sequence.extend(tokens.subspan(kept), std::span(&query, 1), std::span(&answer, 1)).ok());
  return answer;
}

}  // namespace

TEST_CASE("cached sequence: what was cached before changes nothing but the work") {
  const std::shared_ptr<const Model> model = load_tiny_model();
  set_script(hash_of_cached);
  const std::unique_ptr<CachedSequence> reused = open_sequence(model);
  const std::vector<std::vector<TokenId>> sequences = {
      {40, 41, 42, 43}, {40, 41, 42, 43}, {40, 41, 99}, {40}, {40, 41, 42}, {7}};
  const std::vector<int> expected_reuse = {0, 3, 2, 0, 1, 0};
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    CAPTURE(i);
    int kept = 0, ignored = 0;
    const RowAnswer answer = answer_after(*reused, sequences[i], kept);
    CHECK(kept == expected_reuse[i]);
    CHECK(answer.token == answer_after(*open_sequence(model), sequences[i], ignored).token);
    CHECK(std::vector<TokenId>(reused->tokens().begin(), reused->tokens().end()) == sequences[i]);
  }
}

TEST_CASE("cached sequence: without a wish for the last row everything that fits is kept") {
  const std::shared_ptr<const Model> model = load_tiny_model();
  set_script(hash_of_cached);
  const std::unique_ptr<CachedSequence> sequence = open_sequence(model);
  const std::vector<TokenId> tokens = {40, 41, 42};
  CHECK(sequence->reuse(tokens, 3) == 0);
  CHECK(sequence->extend(tokens).ok());
  CHECK(sequence->reuse(tokens, 3) == 3);
  CHECK(scripted_state().extended == 3);
}

TEST_CASE("cached sequence: a long text is extended in chunks, and queries find their rows") {
  const std::shared_ptr<const Model> model = load_tiny_model();
  set_script(hash_of_cached);
  std::vector<TokenId> tokens;
  for (int i = 0; i < 2 * kMostTokens + 3; ++i) tokens.push_back(i % 300);
  std::vector<RowQuery> queries;
  for (const int row : {0, kMostTokens - 1, kMostTokens, 2 * kMostTokens + 2}) {
    queries.emplace_back();
    queries.back().row = row;
  }
  std::vector<RowAnswer> answers(queries.size());
  REQUIRE(open_sequence(model)->extend(tokens, queries, answers).ok());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto seen = std::span(tokens).first(static_cast<std::size_t>(queries[i].row) + 1);
    CHECK(answers[i].token == hash_of_cached(seen, {}, 0).token);
  }
}

TEST_CASE("cached sequence: the accepted beginning of a pass becomes cache") {
  const std::shared_ptr<const Model> model = load_tiny_model();
  set_script(hash_of_cached);
  const std::unique_ptr<CachedSequence> sequence = open_sequence(model);
  const std::vector<TokenId> context = {40, 41}, draft = {5, 6, 7};
  REQUIRE(sequence->extend(context).ok());
  Pass pass;
  pass.tokens = draft;
  REQUIRE(sequence->forward(pass, {}, {}).ok());
  CHECK(sequence->length() == 2);
  sequence->keep(std::span(draft).first(2));
  CHECK(std::vector<TokenId>(sequence->tokens().begin(), sequence->tokens().end()) ==
        std::vector<TokenId>{40, 41, 5, 6});
}

TEST_CASE("cached sequence: a failed device stays dead") {
  const std::shared_ptr<const Model> model = load_tiny_model();
  set_script(hash_of_cached);
  scripted_state().fail_after = 0;
  const std::unique_ptr<CachedSequence> sequence = open_sequence(model);
  const std::vector<TokenId> block = {2};
  const RowQuery query;
  RowAnswer answer;
  CHECK(!sequence->is_dead());
  const Status failed = sequence->step(block, std::span(&query, 1), std::span(&answer, 1));
  CHECK(failed.error().code == ErrorCode::internal);
  CHECK(sequence->is_dead());
  CHECK(!sequence->step(block, std::span(&query, 1), std::span(&answer, 1)).ok());
  CHECK(sequence->reuse(block, 1) == 0);
  CHECK(!sequence->extend(block).ok());
}
