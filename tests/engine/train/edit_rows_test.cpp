// The rows of stage edit.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "engine/tokenizer/special_tokens.h"
#include "engine/train/rows.h"
#include "tests/engine/train/tiny_corpus.h"

namespace {

using namespace seedling;
using Corpus = test::TinyCorpus;

RowOptions edit_options() {
  RowOptions options;
  options.clean = 2 * kChunk;
  options.noisy = 2 * kChunk;
  options.edit_share = 0.2;
  options.mistake_share = 0.25;
  return options;
}

bool is_edit(const Batch& batch, std::size_t n) {
  return batch.kinds[n] > PositionKind::masked;
}

// Calls visit(begin, end) with the flat indices of each noisy block.
template <class Visit>
void each_block(const Batch& batch, Visit visit) {
  for (int row = 0; row < batch.rows; ++row)
    for (int i = 0; i < batch.noisy;) {
      const auto n = static_cast<std::size_t>(row * batch.stride() + batch.clean + i);
      const int length = batch.last_noisy[n] - batch.first_noisy[n];
      REQUIRE(batch.first_noisy[n] == i);
      REQUIRE(length > 0);
      visit(n, n + static_cast<std::size_t>(length));
      i += length;
    }
}

TEST_CASE("a fifth of the noise shows drafts, all of whose positions count; the rest is masks as before") {
  const Corpus corpus;
  const RowBuilder builder = corpus.builder();
  Batch batch;
  double edits = 0, all = 0;
  std::array<int, kPositionKindNames.size()> kinds{};
  for (std::uint64_t step = 0; step < 10; ++step) {
    builder.fill(batch, edit_options(), 3, step, 0, 8);
    each_block(batch, [&](std::size_t begin, std::size_t end) {
      const bool shows_draft = std::any_of(batch.kinds.begin() + static_cast<long>(begin),
                                           batch.kinds.begin() + static_cast<long>(end),
                                           [](PositionKind kind) { return kind > PositionKind::masked; });
      for (std::size_t n = begin; n < end; ++n) {
        ++kinds[static_cast<std::size_t>(batch.kinds[n])];
        all += 1;
        edits += shows_draft;
        if (shows_draft) CHECK(batch.weights[n] > 0);
        if (!shows_draft) CHECK((batch.weights[n] > 0) == (batch.tokens[n] == special::kMask));
        if (batch.kinds[n] == PositionKind::kept) CHECK(batch.targets[n] == batch.tokens[n]);
        if (batch.kinds[n] == PositionKind::deleted) CHECK(batch.targets[n] == special::kDelete);
        if (batch.kinds[n] == PositionKind::inserted) CHECK(batch.targets[n] == special::kInsert);
        CHECK(batch.targets[n] != special::kMask);
      }
    });
  }
  CHECK(edits / all > 0.16);
  CHECK(edits / all < 0.24);
  CHECK(kinds[static_cast<std::size_t>(PositionKind::causal)] == 0);
  for (std::size_t kind = 1; kind < kinds.size(); ++kind) {
    CAPTURE(kPositionKindNames[kind]);
    CHECK(kinds[kind] > 20);
  }
}

TEST_CASE("the labels of an edit block spell what follows the clean tokens that it sees") {
  const Corpus corpus;
  const RowBuilder builder = corpus.builder();
  RowOptions options = edit_options();
  options.edit_share = 0.8;
  Batch batch;
  int blocks = 0;
  for (std::uint64_t step = 0; step < 10; ++step) {
    builder.fill(batch, options, 4, step, 0, 4);
    each_block(batch, [&](std::size_t begin, std::size_t end) {
      if (std::none_of(batch.kinds.begin() + static_cast<long>(begin),
                       batch.kinds.begin() + static_cast<long>(end),
                       [](PositionKind kind) { return kind > PositionKind::masked; }))
        return;
      ++blocks;
      const auto row =
          begin / static_cast<std::size_t>(batch.stride()) * static_cast<std::size_t>(batch.stride());
      std::size_t at = row + static_cast<std::size_t>(batch.last_clean[begin]);
      const std::size_t stop = row + static_cast<std::size_t>(batch.clean);
      bool is_skipping = false;  // an insertion was asked for: any number of tokens stand before the next
      for (std::size_t n = begin; n < end; ++n) {
        const TokenId label = batch.targets[n];
        if (label == special::kDelete) continue;
        if (label == special::kInsert) {
          is_skipping = true;
          // In front of a token that stays, or of <end>.
          const TokenId anchor = batch.tokens[n];
          while (at < stop && batch.tokens[at] != anchor) ++at;
          at += anchor != special::kEnd && at < stop;
          continue;
        }
        if (label == special::kEnd) {
          CHECK((at >= stop || batch.tokens[at] == special::kEnd || is_skipping));
          continue;
        }
        while (is_skipping && at < stop && batch.tokens[at] != label) ++at;
        REQUIRE(at < stop);
        CHECK(batch.tokens[at] == label);
        ++at;
      }
    });
  }
  CHECK(blocks > 200);
}

TEST_CASE("a draft with a programmer's mistake is in view where it differs") {
  const Corpus corpus;
  const RowBuilder builder = corpus.builder();
  RowOptions options = edit_options();
  options.plain_share = 0;
  options.mistake_share = 1;
  options.edit_rate = 0;  // no other corruption but masks
  Batch batch;
  int blocks = 0, with_mistake = 0;
  for (std::uint64_t step = 0; step < 10; ++step) {
    builder.fill(batch, options, 5, step, 0, 4);
    each_block(batch, [&](std::size_t begin, std::size_t end) {
      bool shows_draft = false, shows_mistake = false;
      for (std::size_t n = begin; n < end; ++n) {
        shows_draft |= is_edit(batch, n);
        shows_mistake |= batch.kinds[n] > PositionKind::kept;
      }
      blocks += shows_draft;
      with_mistake += shows_mistake;
    });
  }
  CHECK(blocks > 100);
  CHECK(with_mistake * 4 > blocks * 3);
}

TEST_CASE(
    "rows of stage edit are a function of corpus, seed and step; without edits they are the mask stage's") {
  const Corpus corpus;
  const RowBuilder builder = corpus.builder();
  Batch whole, again, part;
  builder.fill(whole, edit_options(), 9, 4, 0, 4);
  builder.fill(again, edit_options(), 9, 4, 0, 4);
  builder.fill(part, edit_options(), 9, 4, 2, 2);
  CHECK(whole.tokens == again.tokens);
  CHECK(whole.targets == again.targets);
  CHECK(std::equal(part.tokens.begin(), part.tokens.end(), whole.tokens.begin() + 2 * whole.stride()));
  RowOptions none = edit_options();
  none.edit_share = none.mistake_share = 0;
  builder.fill(again, none, 9, 4, 0, 4);
  for (const PositionKind kind : again.kinds) CHECK(kind <= PositionKind::masked);
}

}  // namespace
