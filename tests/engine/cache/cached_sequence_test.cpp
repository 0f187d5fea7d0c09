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
    std::vector<float> row(model->config.vocab_size), fresh_row(model->config.vocab_size);
    const Result<int> kept = reused->become(sequences[i], row);
    REQUIRE(kept.ok());
    CHECK(kept.value() == expected_reuse[i]);
    CHECK(open_sequence(model)->become(sequences[i], fresh_row).ok());
    CHECK(row == fresh_row);
    CHECK(std::vector<TokenId>(reused->tokens().begin(), reused->tokens().end()) == sequences[i]);
  }
}

TEST_CASE("cached sequence: without a wish for the last row everything that fits is kept") {
  const std::shared_ptr<const Model> model = load_tiny_model();
  set_script(hash_of_cached);
  const std::unique_ptr<CachedSequence> sequence = open_sequence(model);
  const std::vector<TokenId> tokens = {40, 41, 42};
  CHECK(sequence->become(tokens, {}).value() == 0);
  CHECK(sequence->become(tokens, {}).value() == 3);
  CHECK(scripted_state().extended == 3);
}

TEST_CASE("cached sequence: a failed device stays dead") {
  const std::shared_ptr<const Model> model = load_tiny_model();
  set_script(hash_of_cached);
  scripted_state().fail_after = 0;
  const std::unique_ptr<CachedSequence> sequence = open_sequence(model);
  const std::vector<TokenId> block = {2};
  const std::vector<int> rows = {0};
  std::vector<float> logits(model->config.vocab_size);
  CHECK(!sequence->is_dead());
  CHECK(sequence->step(block, rows, logits).error().code == ErrorCode::internal);
  CHECK(sequence->is_dead());
  CHECK(!sequence->step(block, rows, logits).ok());
  CHECK(!sequence->become(block, {}).ok());
}
