#include "engine/train/rows.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/tokenizer/special_tokens.h"
#include "tests/engine/train/tiny_corpus.h"

namespace {

using namespace seedling;

using Corpus = test::TinyCorpus;

RowOptions mask_options() {
  RowOptions options;
  options.clean = 2 * kChunk;
  options.noisy = kChunk;
  return options;
}

TEST_CASE("rows are full: no padding, every clean token but a segment's last counts") {
  const Corpus corpus;
  Batch batch;
  corpus.builder().fill(batch, mask_options(), 1, 0, 0, 8);
  int without_weight = 0;
  for (int row = 0; row < batch.rows; ++row)
    for (int i = 0; i < batch.clean; ++i) {
      const auto n = static_cast<std::size_t>(row * batch.stride() + i);
      CHECK(batch.tokens[n] != special::kPad);
      CHECK(batch.last_clean[n] == i + 1);
      CHECK(batch.positions[n] == i - batch.first_clean[n]);
      without_weight += batch.weights[n] == 0.0f;
      if (batch.weights[n] > 0 && i + 1 < batch.clean) CHECK(batch.targets[n] == batch.tokens[n + 1]);
    }
  CHECK(without_weight < batch.rows * 12);
}

TEST_CASE("a noisy block sees its segment's past and itself, nothing else, and has a mask") {
  const Corpus corpus;
  Batch batch;
  corpus.builder().fill(batch, mask_options(), 2, 3, 0, 16);
  for (int row = 0; row < batch.rows; ++row)
    for (int i = 0; i < batch.noisy; ++i) {
      const auto start = static_cast<std::size_t>(row * batch.stride());
      const std::size_t n = start + static_cast<std::size_t>(batch.clean + i);
      REQUIRE(batch.first_noisy[n] <= i);
      REQUIRE(i < batch.last_noisy[n]);
      CHECK(batch.first_noisy[n] / kChunk == (batch.last_noisy[n] - 1) / kChunk);
      // The clean past ends where the block begins, in the same segment.
      const int block_begin = batch.last_clean[n];
      const int offset = i - batch.first_noisy[n];
      CHECK(batch.positions[n] == block_begin - batch.first_clean[n] + offset);
      if (block_begin + offset < batch.clean &&
          batch.first_clean[start + static_cast<std::size_t>(block_begin + offset)] == batch.first_clean[n] &&
          batch.targets[n] != special::kEnd)
        CHECK(batch.targets[n] == batch.tokens[start + static_cast<std::size_t>(block_begin + offset)]);
      // Targets count only where noise was applied; the rest is visible.
      CHECK((batch.weights[n] > 0) == (batch.tokens[n] == special::kMask));
      if (batch.weights[n] == 0) CHECK(batch.tokens[n] == batch.targets[n]);
      bool any = false;
      for (int j = batch.first_noisy[n]; j < batch.last_noisy[n]; ++j)
        any |= batch.tokens[start + static_cast<std::size_t>(batch.clean + j)] == special::kMask;
      CHECK(any);
    }
}

TEST_CASE("about half of the noise outside first draws is masks") {
  const Corpus corpus;
  RowOptions options = mask_options();
  options.plain_share = 1.0;  // no holes: blocks anywhere, t uniform over (0, 1)
  Batch batch;
  double masks = 0, count = 0;
  for (std::uint64_t step = 0; step < 20; ++step) {
    corpus.builder().fill(batch, options, 5, step, 0, 4);
    for (int row = 0; row < batch.rows; ++row)
      for (int i = 0; i < batch.noisy; ++i, ++count)
        masks +=
            batch.tokens[static_cast<std::size_t>(row * batch.stride() + batch.clean + i)] == special::kMask;
  }
  // Clipping t to 1/B and forcing one mask lift the share a little above a half.
  CHECK(masks / count > 0.47);
  CHECK(masks / count < 0.62);
}

TEST_CASE("a row is a function of corpus, seed and step, however the rows are shared out") {
  const Corpus corpus;
  const RowBuilder builder = corpus.builder();
  Batch whole, again, part;
  builder.fill(whole, mask_options(), 9, 4, 0, 4);
  builder.fill(again, mask_options(), 9, 4, 0, 4);
  builder.fill(part, mask_options(), 9, 4, 2, 2);
  CHECK(whole.tokens == again.tokens);
  CHECK(std::equal(part.tokens.begin(), part.tokens.end(), whole.tokens.begin() + 2 * whole.stride()));
  builder.fill(again, mask_options(), 9, 5, 0, 4);
  CHECK(whole.tokens != again.tokens);
}

TEST_CASE("functions are shown as often as asked, and as before where there are none") {
  const Corpus corpus;
  RowBuilder builder = corpus.builder();
  RowOptions options = mask_options();
  options.function_share = 1;
  Batch without, with;
  builder.fill(without, options, 1, 0, 0, 4);  // nothing was loaded
  REQUIRE(!builder.load_functions(corpus.root.string()).ok());

  PackedFile function;
  function.language = special::kFirstLanguage;
  for (const TokenId token : corpus.tokenizer->encode(std::string(400, '~')))
    function.tokens.push_back(static_cast<std::uint16_t>(token));
  ShardWriter writer(corpus.root.string(), std::string(kFunctionSplit), std::string(kTokenShardEnding));
  REQUIRE(writer.append(function).ok());
  REQUIRE(writer.finish().ok());
  REQUIRE(builder.load_functions(corpus.root.string()).ok());
  const TokenId tilde = corpus.tokenizer->encode("~~~~~~~~").back();
  const auto share = [&](const Batch& batch) {
    const auto count = std::count(batch.tokens.begin(), batch.tokens.end(), tilde);
    return static_cast<double>(count) / static_cast<double>(batch.tokens.size());
  };
  builder.fill(with, options, 1, 0, 0, 4);
  CHECK(share(without) == 0);
  CHECK(share(with) > 0.5);
  options.function_share = 0;
  builder.fill(with, options, 1, 0, 0, 4);
  CHECK(share(with) == 0);
}

TEST_CASE("an empty folder says what to run") {
  const Corpus corpus;
  const auto missing = RowBuilder::load((corpus.root / "nothing").string(), "train", corpus.tokenizer);
  REQUIRE(!missing.ok());
  CHECK(missing.error().message.find("seedling-train corpus") != std::string::npos);
}

}  // namespace
