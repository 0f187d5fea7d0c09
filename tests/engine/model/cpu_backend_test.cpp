#include <algorithm>

#include "tests/engine/model/backend_check.h"

namespace seedling {
namespace {

using namespace test;

// 8 bits for weights and activations: the smallest models, whose rows average over 16 values, show most of
// it.
constexpr Accuracy kInt8Accuracy = {0.3, 0.03};

// Large enough that the loops are split.
TinyModelOptions wide_model() {
  TinyModelOptions options;
  options.config.hidden_size = 128;
  options.config.intermediate_size = 512;
  return options;
}

TEST_CASE("cpu backend") {
  check_backend(cpu_backend(), kInt8Accuracy);
}

TEST_CASE("cpu backend: the number of threads and what else is in the pass do not change a bit") {
  const auto model = load_tiny_model(wide_model());
  const std::size_t vocab = static_cast<std::size_t>(model->config.vocab_size), count = 70;
  const auto tokens = random_tokens(count, model->config.vocab_size);
  Session one(cpu_backend(), model, 1), three(cpu_backend(), model, 3), single(cpu_backend(), model, 2);
  const auto whole = one.extend(tokens);
  CHECK(three.extend(tokens) == whole);
  for (std::size_t i = 0; i < count;) {  // in pieces of 1, 2, 3 ...
    const std::size_t piece = std::min(1 + i % 11, count - i);
    REQUIRE(single.extend(std::span(tokens).subspan(i, piece)) == slice(whole, i, piece, vocab));
    i += piece;
  }
  const auto block = random_tokens(33, model->config.vocab_size, 3);
  const auto all = one.step(block);
  CHECK(three.step(block) == all);
  CHECK(single.step(block, {7}) == slice(all, 7, 1, vocab));
}

TEST_CASE(
    "cpu backend: a pass split by its rows is the pass split by its outputs, at every length of the cache") {
  TinyModelOptions options = wide_model();
  options.config.max_position_embeddings = 1024;
  const auto model = load_tiny_model(options);
  const auto tokens = random_tokens(700, model->config.vocab_size);
  const auto block = random_tokens(18, model->config.vocab_size, 3);
  Session rows(cpu_backend(), model, 2),
      outputs(cpu_backend(), model, 9);  // 18 rows are two of each of 9 threads
  int cached = 0;
  for (const int length : {0, 5, 250, 511, 512, 700}) {
    CAPTURE(length);
    const auto more = std::span(tokens).subspan(static_cast<std::size_t>(cached),
                                                static_cast<std::size_t>(length - cached));
    rows.extend(more, {});
    outputs.extend(more, {});
    cached = length;
    CHECK(rows.step(block) == outputs.step(block));
    CHECK(rows.step(block, {0, 3, 4, 17}) == outputs.step(block, {0, 3, 4, 17}));
  }
}

TEST_CASE("cpu backend: sessions of one model do not disturb each other") {
  const auto model = load_tiny_model();
  const auto tokens = random_tokens(11, model->config.vocab_size);
  Session first(cpu_backend(), model), second(cpu_backend(), model);
  first.extend(tokens, {});
  second.extend(random_tokens(40, model->config.vocab_size, 3), {});
  second.truncate(0);
  second.extend(tokens, {});
  CHECK(first.step(tokens) == second.step(tokens));
}

TEST_CASE("cpu backend: close to the plain one in size and in the token it prefers") {
  const auto model = load_tiny_model(wide_model());
  const std::size_t vocab = static_cast<std::size_t>(model->config.vocab_size), count = 200;
  const auto tokens = random_tokens(count, model->config.vocab_size);
  Session cpu(cpu_backend(), model), plain(plain_backend(), model);
  const auto actual = cpu.extend(tokens), expected = plain.extend(tokens);
  CHECK(relative_rms(actual, std::vector<double>(expected.begin(), expected.end())) < 0.03);
  int agreed = 0;
  for (std::size_t row = 0; row < count; ++row) {
    const auto a = slice(actual, row, 1, vocab), e = slice(expected, row, 1, vocab);
    const std::size_t best = static_cast<std::size_t>(std::max_element(a.begin(), a.end()) - a.begin());
    agreed += e[best] >= *std::max_element(e.begin(), e.end()) - 0.05f ? 1 : 0;  // or as good as the best
  }
  CHECK(agreed >= 190);
}

}  // namespace
}  // namespace seedling
