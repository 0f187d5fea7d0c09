// Rows with samples in them: diagnosed mistakes and trajectories.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "engine/sampler/layout.h"
#include "engine/tokenizer/special_tokens.h"
#include "engine/train/rows.h"
#include "tests/engine/train/tiny_corpus.h"

namespace {

using namespace seedling;
using Corpus = test::TinyCorpus;

Sample diagnosed() {
  Sample sample;
  sample.language = "python";
  sample.path = "a.py";
  sample.prefix = "def f(name):\n    ";
  sample.suffix = "\n\n\nf(1)\n";
  sample.message = "undefined name 'nmae'";
  sample.draft = "print(nmae)";
  sample.middle = "print(name)";
  return sample;
}

RowOptions options_with(double diagnosed_share, double trajectory_share) {
  RowOptions options;
  options.clean = 2 * kChunk;
  options.noisy = kChunk;
  options.diagnosed_share = diagnosed_share;
  options.trajectory_share = trajectory_share;
  return options;
}

// The clean tokens of a row, as far as its first segment goes.
std::vector<TokenId> first_segment(const Batch& batch, int row) {
  const auto begin = static_cast<std::size_t>(row * batch.stride());
  std::vector<TokenId> tokens;
  for (std::size_t i = 0; i < static_cast<std::size_t>(batch.clean); ++i) {
    if (batch.first_clean[begin + i] != 0) break;
    tokens.push_back(batch.tokens[begin + i]);
  }
  return tokens;
}

TEST_CASE("a diagnosed sample stands in the layout of a fix: message, suffix, prefix, then the truth") {
  const Corpus corpus;
  RowBuilder builder = corpus.builder();
  builder.set_diagnosed({diagnosed()});
  RowOptions options = options_with(1, 0);
  options.edit_share = 0.5;
  options.edit_rate = 0;
  Batch batch;
  builder.fill(batch, options, 1, 0, 0, 4);
  const Sample sample = diagnosed();
  const Tokenizer& tokenizer = *corpus.tokenizer;
  std::vector<TokenId> expected = context_tokens(
      tokenizer, {sample.language, sample.path, sample.prefix, sample.suffix, sample.message}, {});
  const std::vector<TokenId> middle = middle_tokens(tokenizer, {}, sample.middle);
  expected.insert(expected.end(), middle.begin(), middle.end());
  for (int row = 0; row < batch.rows; ++row) CHECK(first_segment(batch, row) == expected);

  // The draft is in view where it differs from the truth.
  int substituted = 0;
  for (std::size_t n = 0; n < batch.kinds.size(); ++n)
    substituted += batch.kinds[n] == PositionKind::substituted || batch.kinds[n] == PositionKind::deleted;
  CHECK(substituted > 0);
}

// A hole that was filled in three steps: its ends first, then the rest, then <end>.
Sample trajectory(const Tokenizer& tokenizer) {
  Sample sample = diagnosed();
  sample.message = sample.draft = "";
  sample.tokens = middle_tokens(tokenizer, {}, "x = 1");
  sample.steps.assign(sample.tokens.size(), 1);
  sample.steps.front() = 0;
  sample.steps.back() = 2;
  sample.block = 16;
  return sample;
}

TEST_CASE("a trajectory's blocks show the states that it went through, and ask for where it ended") {
  const Corpus corpus;
  RowBuilder builder = corpus.builder();
  const Sample sample = trajectory(*corpus.tokenizer);
  builder.set_trajectories({sample});
  const auto count = sample.tokens.size();
  for (const bool pushes_apart : {false, true}) {
    RowOptions options = options_with(0, 1);
    options.pushes_apart = pushes_apart;
    std::set<std::vector<TokenId>> seen;
    for (std::uint64_t step = 0; step < 20; ++step) {
      Batch batch;
      builder.fill(batch, options, 2, step, 0, 2);
      for (int row = 0; row < batch.rows; ++row) {
        const std::vector<TokenId> segment = first_segment(batch, row);
        const auto start = static_cast<std::size_t>(row * batch.stride());
        // The model's own text is context of its blocks, but nothing to learn one token after the other.
        REQUIRE(
            std::equal(sample.tokens.begin(), sample.tokens.end(), segment.end() - static_cast<long>(count)));
        for (std::size_t i = segment.size() - count - 1; i < segment.size(); ++i)
          CHECK(batch.weights[start + i] == 0.0f);
        CHECK(batch.weights[start + 1] > 0.0f);
        const std::size_t block = start + static_cast<std::size_t>(batch.clean);
        const int length = batch.last_noisy[block] - batch.first_noisy[block];
        std::vector<TokenId> shown(batch.tokens.begin() + static_cast<long>(block),
                                   batch.tokens.begin() + static_cast<long>(block) + length);
        for (std::size_t i = 0; i < shown.size(); ++i) {
          const TokenId target = i < count ? sample.tokens[i] : special::kEnd;
          CHECK(batch.targets[block + i] == target);
          CHECK((shown[i] == special::kMask || shown[i] == target));
          CHECK((batch.weights[block + i] > 0) == (shown[i] == special::kMask));
        }
        seen.insert(std::move(shown));
      }
    }
    // All masks; the first token; all but <end>. Nothing else ever stood.
    CHECK(seen.size() == 3);
    CHECK(seen.count(std::vector<TokenId>(16, special::kMask)) == 1);
  }
}

TEST_CASE("holes for trajectories are pieces of files, the same for the same key") {
  const Corpus corpus;
  const RowBuilder builder = corpus.builder();
  const Sample a = builder.some_hole({}, 7, 200), b = builder.some_hole({}, 7, 200),
               c = builder.some_hole({}, 8, 200);
  CHECK(a == b);
  CHECK(!(a == c));
  CHECK((a.prefix + a.middle + a.suffix).find("value_") != std::string::npos);
  CHECK(a.path == "a.py");
}

TEST_CASE("no share, no samples: rows are as they were without them") {
  const Corpus corpus;
  RowBuilder builder = corpus.builder();
  Batch without, with;
  builder.fill(without, options_with(0, 0), 3, 1, 0, 4);
  builder.set_diagnosed({diagnosed()});
  builder.set_trajectories({trajectory(*corpus.tokenizer)});
  builder.fill(with, options_with(0, 0), 3, 1, 0, 4);
  CHECK(with.tokens == without.tokens);
  CHECK(with.weights == without.weights);
}

}  // namespace
