// tests/engine/model/backend_check.h
//
// What every backend must do, as functions of a backend: tests_core runs them on cpu, tests_torch on torch.
#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "engine/model/backend.h"
#include "engine/model/row_answer.h"
#include "tests/engine/model/reference_forward.h"
#include "tests/support/close.h"
#include "tests/support/random.h"
#include "tests/support/tiny_model.h"

namespace seedling::test {

// A session with the lifetime of a scope, and calls that return the logits.
class Session {
 public:
  Session(const Backend& backend, std::shared_ptr<const Model> model, int threads = 2)
      : backend_(backend), vocab_(static_cast<std::size_t>(model->config.vocab_size)) {
    BackendOptions options;
    options.threads = threads;
    Result<BackendSession*> prepared = backend.prepare(std::move(model), options);
    REQUIRE_MESSAGE(prepared.ok(), (prepared.ok() ? "" : prepared.error().message));
    session_ = *prepared;
  }
  ~Session() { backend_.release(session_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::vector<float> extend(std::span<const TokenId> tokens, std::vector<int> rows) {
    std::vector<float> logits;
    for (int begin = 0; begin < static_cast<int>(tokens.size()); begin += kMostTokens) {
      const int count = std::min(kMostTokens, static_cast<int>(tokens.size()) - begin);
      Pass pass;
      pass.tokens = tokens.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
      std::vector<int> chunk_rows;
      for (const int row : rows) {
        if (row >= begin && row < begin + count) chunk_rows.push_back(row - begin);
      }
      const auto chunk = forward(pass, chunk_rows);
      logits.insert(logits.end(), chunk.begin(), chunk.end());
      keep(count);
    }
    return logits;
  }
  std::vector<float> step(std::span<const TokenId> block, std::vector<int> rows) {
    Pass pass;
    pass.tokens = block;
    pass.sight = Sight::block;
    return forward(pass, rows);
  }
  std::vector<float> forward(const Pass& pass, const std::vector<int>& rows) {
    std::vector<float> logits(rows.size() * vocab_, -1e9f);
    std::vector<RowQuery> queries(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      queries[i].row = rows[i];
      queries[i].logits = std::span(logits).subspan(i * vocab_, vocab_);
    }
    ask(pass, queries);
    return logits;
  }
  std::vector<RowAnswer> ask(const Pass& pass, std::span<const RowQuery> queries) {
    std::vector<RowAnswer> answers(queries.size());
    REQUIRE(backend_.forward(session_, pass, queries, answers).ok());
    return answers;
  }
  void keep(int count) { backend_.keep(session_, count); }
  std::vector<float> extend(std::span<const TokenId> tokens) { return extend(tokens, all_rows(tokens)); }
  std::vector<float> step(std::span<const TokenId> block) { return step(block, all_rows(block)); }
  void truncate(int length) { backend_.truncate(session_, length); }
  int length() const { return backend_.length(session_); }

 private:
  static std::vector<int> all_rows(std::span<const TokenId> tokens) {
    std::vector<int> rows(tokens.size());
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
  }

  const Backend& backend_;
  std::size_t vocab_;
  BackendSession* session_ = nullptr;
};

inline std::vector<TokenId> random_tokens(std::size_t count, int vocab, std::uint64_t seed = test_seed()) {
  std::mt19937_64 random(seed);
  std::vector<TokenId> tokens(count);
  for (TokenId& token : tokens) token = static_cast<TokenId>(pick(random, static_cast<std::uint64_t>(vocab)));
  return tokens;
}

inline std::vector<float> slice(const std::vector<float>& logits, std::size_t first_row, std::size_t rows,
                                std::size_t vocab) {
  const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(first_row * vocab);
  return {begin, begin + static_cast<std::ptrdiff_t>(rows * vocab)};
}

// The model shapes of the formats that are read: Qwen3, Qwen2, Llama; tied and untied; odd sizes, floats
// and int8.
inline std::vector<TinyModelOptions> shapes_to_check() {
  TinyModelOptions qwen3, qwen2, llama, odd;
  qwen2.config.qk_norm = false;
  qwen2.config.qkv_bias = true;
  qwen2.dtype = Dtype::f32;
  llama.config.qk_norm = false;
  llama.config.tie_word_embeddings = false;
  llama.config.rope_theta = 500000.0f;
  odd.config.vocab_size = 331;
  odd.config.hidden_size = 22;
  odd.config.head_dim = 6;
  odd.config.num_attention_heads = 6;
  odd.config.num_key_value_heads = 3;
  odd.config.intermediate_size = 19;
  odd.config.num_hidden_layers = 3;
  TinyModelOptions int8 = odd;
  int8.dtype = Dtype::u8;
  return {qwen3, qwen2, llama, odd, int8};
}

// How far a backend's logits may be from the double-precision reference.
struct Accuracy {
  double each = 2e-5;          // of 1 + |logit|, every logit
  double relative_rms = 2e-5;  // of all logits together
};

inline double relative_rms(std::span<const float> actual, std::span<const double> expected) {
  REQUIRE(actual.size() == expected.size());
  double error = 0, total = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
    total += expected[i] * expected[i];
  }
  return std::sqrt(error / total);
}

inline void check_against_reference(const Backend& backend, const Accuracy& accuracy) {
  for (const TinyModelOptions& options : shapes_to_check()) {
    const auto model = load_tiny_model(options);
    const std::size_t vocab = static_cast<std::size_t>(model->config.vocab_size), context = 13, block = 5;
    const auto tokens = random_tokens(context + block, model->config.vocab_size);
    INFO(repeat_with(test_seed()));
    Session session(backend, model);
    auto logits = session.extend(std::span(tokens).first(context));
    const auto drawn = session.step(std::span(tokens).last(block));
    logits.insert(logits.end(), drawn.begin(), drawn.end());

    std::vector<double> expected;
    for (const auto& row : reference_forward(*model, tokens, block)) {
      expected.insert(expected.end(), row.begin(), row.end());
    }
    REQUIRE(expected.size() == (context + block) * vocab);
    require_close<double>(logits, expected, accuracy.each);
    CHECK(relative_rms(logits, expected) < accuracy.relative_rms);
  }
}

// One piece, token by token, after truncate and regrowth, over a chunk border: the same logits.
inline void check_cache_changes_nothing(const Backend& backend) {
  const auto model = load_tiny_model();
  const std::size_t vocab = static_cast<std::size_t>(model->config.vocab_size), count = 300;
  const auto tokens = random_tokens(count, model->config.vocab_size);
  INFO(repeat_with(test_seed()));
  Session whole(backend, model);
  const auto expected = whole.extend(tokens);
  REQUIRE(whole.length() == static_cast<int>(count));

  Session single(backend, model);
  for (std::size_t i = 0; i < count; ++i) {
    const auto logits = single.extend(std::span(tokens).subspan(i, 1));
    require_close<float>(logits, slice(expected, i, 1, vocab), 1e-5);
  }

  Session regrown(backend, model);
  regrown.extend(random_tokens(290, model->config.vocab_size, 5), {});
  for (const int keep : {0, 100, 17, 255}) {
    const int present = std::min(regrown.length(), keep);
    regrown.truncate(keep == 0 ? 0 : present);
    const std::size_t from = static_cast<std::size_t>(regrown.length());
    const auto logits = regrown.extend(std::span(tokens).subspan(from));
    require_close<float>(logits, slice(expected, from, count - from, vocab), 1e-5);
  }
}

inline void check_only_requested_rows(const Backend& backend) {
  const auto model = load_tiny_model();
  const std::size_t vocab = static_cast<std::size_t>(model->config.vocab_size);
  const auto tokens = random_tokens(280, model->config.vocab_size);
  const auto block = random_tokens(9, model->config.vocab_size, 4);
  Session all(backend, model), some(backend, model);
  const auto expected = all.extend(tokens), expected_block = all.step(block);
  std::vector<float> wanted;
  for (const std::size_t row : {3, 255, 256, 279}) {
    const auto logits = slice(expected, row, 1, vocab);
    wanted.insert(wanted.end(), logits.begin(), logits.end());
  }
  require_close<float>(some.extend(tokens, {3, 255, 256, 279}), wanted, 1e-5);
  wanted = slice(expected_block, 0, 1, vocab);
  const auto last = slice(expected_block, 8, 1, vocab);
  wanted.insert(wanted.end(), last.begin(), last.end());
  require_close<float>(some.step(block, {0, 8}), wanted, 1e-5);
  CHECK(some.step(block, {}).empty());
  CHECK(some.extend(block, {}).empty());
  CHECK(some.length() == 289);
}

inline void check_step_leaves_the_cache(const Backend& backend) {
  const auto model = load_tiny_model();
  const auto context = random_tokens(21, model->config.vocab_size);
  const auto block = random_tokens(12, model->config.vocab_size, 4);
  Session session(backend, model), untouched(backend, model);
  session.extend(context, {});
  untouched.extend(context, {});
  const auto first = session.step(block);
  CHECK(session.length() == 21);
  session.step(random_tokens(33, model->config.vocab_size, 9));
  require_close<float>(session.step(block), first, 1e-6);
  require_close<float>(session.extend(block), untouched.extend(block), 1e-6);
}

inline void check_who_sees_whom(const Backend& backend) {
  const auto model = load_tiny_model();
  const std::size_t vocab = static_cast<std::size_t>(model->config.vocab_size);
  auto tokens = random_tokens(20, model->config.vocab_size);
  Session session(backend, model);
  const auto before = session.extend(tokens);
  tokens[15] = (tokens[15] + 1) % model->config.vocab_size;
  session.truncate(0);
  const auto after = session.extend(tokens);
  require_close<float>(slice(after, 0, 15, vocab), slice(before, 0, 15, vocab), 1e-6);
  CHECK(slice(after, 15, 1, vocab) != slice(before, 15, 1, vocab));

  // Inside a block the first position sees the last one.
  auto block = random_tokens(8, model->config.vocab_size, 4);
  const auto seen = session.step(block);
  block[7] = (block[7] + 1) % model->config.vocab_size;
  CHECK(slice(session.step(block), 0, 1, vocab) != slice(seen, 0, 1, vocab));
}

// Two drafts of three tokens after one common token, each followed by a block of two: every row of the listed
// pass is the row of a pass that holds its own draft only.
inline void check_listed_pass(const Backend& backend) {
  const auto model = load_tiny_model();
  const auto context = random_tokens(19, model->config.vocab_size);
  const auto t = random_tokens(11, model->config.vocab_size, 4);
  Session session(backend, model), plain(backend, model);
  session.extend(context, {});
  // tokens: 0 common; 1 2 3 and 4 5 6 the drafts; 7 8 and 9 10 their blocks
  const std::vector<int> offsets = {0, 1, 2, 3, 1, 2, 3, 4, 5, 4, 5};
  const auto bits = [](std::initializer_list<int> tokens) {
    std::uint64_t set = 0;
    for (const int token : tokens) set |= std::uint64_t{1} << token;
    return set;
  };
  const std::vector<std::uint64_t> sees = {bits({0}),
                                           bits({0, 1}),
                                           bits({0, 1, 2}),
                                           bits({0, 1, 2, 3}),
                                           bits({0, 4}),
                                           bits({0, 4, 5}),
                                           bits({0, 4, 5, 6}),
                                           bits({0, 1, 2, 3, 7, 8}),
                                           bits({0, 1, 2, 3, 7, 8}),
                                           bits({0, 4, 5, 6, 9, 10}),
                                           bits({0, 4, 5, 6, 9, 10})};
  Pass pass;
  pass.tokens = t;
  pass.sight = Sight::listed;
  pass.sees = sees;
  pass.offsets = offsets;
  const auto listed = session.forward(pass, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(session.length() == 19);
  std::vector<float> expected;
  for (const auto& path : {std::vector<std::vector<int>>{{0, 1, 2, 3}, {7, 8}}, {{0, 4, 5, 6}, {9, 10}}}) {
    std::vector<TokenId> draft, block;
    for (const int i : path[0]) draft.push_back(t[static_cast<std::size_t>(i)]);
    for (const int i : path[1]) block.push_back(t[static_cast<std::size_t>(i)]);
    plain.truncate(0);
    plain.extend(context, {});
    const auto rows = plain.extend(draft), block_rows = plain.step(block);
    const std::size_t vocab = static_cast<std::size_t>(model->config.vocab_size);
    for (std::size_t i = 0; i < path[0].size(); ++i) {
      require_close<float>(slice(listed, static_cast<std::size_t>(path[0][i]), 1, vocab),
                           slice(rows, i, 1, vocab), 1e-5);
    }
    for (std::size_t i = 0; i < path[1].size(); ++i) {
      require_close<float>(slice(listed, static_cast<std::size_t>(path[1][i]), 1, vocab),
                           slice(block_rows, i, 1, vocab), 1e-5);
    }
  }
  // The first draft was accepted: it is cache as if it had been extended by.
  session.keep(4);
  CHECK(session.length() == 23);
  plain.truncate(0);
  plain.extend(context, {});
  plain.extend(std::span(t).first(4), {});
  require_close<float>(session.step(std::span(t).last(3)), plain.step(std::span(t).last(3)), 1e-5);
}

inline void check_answers(const Backend& backend) {
  const auto model = load_tiny_model();
  const std::size_t vocab = static_cast<std::size_t>(model->config.vocab_size);
  const auto tokens = random_tokens(40, model->config.vocab_size);
  Session session(backend, model);
  Pass pass;
  pass.tokens = tokens;
  pass.sight = Sight::block;
  std::vector<float> logits(vocab * tokens.size());
  std::vector<std::uint64_t> allowed((vocab + 63) / 64, 0xF0F0F0F0F0F0F0F0ull);
  if (vocab % 64 != 0) allowed.back() &= (std::uint64_t{1} << (vocab % 64)) - 1;
  std::vector<RowQuery> queries(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    queries[i].row = static_cast<int>(i);
    queries[i].target = static_cast<TokenId>(i);
    if (i % 2 == 1) queries[i].allowed = allowed.data();
    queries[i].logits = std::span(logits).subspan(i * vocab, vocab);
  }
  const auto with_logits = session.ask(pass, queries);
  for (RowQuery& query : queries) query.logits = {};
  const auto answers = session.ask(pass, queries);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const RowAnswer expected = answer_row(std::span(logits).subspan(i * vocab, vocab), queries[i]);
    for (const RowAnswer& answer : {answers[i], with_logits[i]}) {
      CHECK(answer.token == expected.token);
      CHECK(answer.confidence == doctest::Approx(expected.confidence).epsilon(1e-4));
      CHECK(answer.entropy == doctest::Approx(expected.entropy).epsilon(1e-3));
      CHECK(answer.target_log_probability == doctest::Approx(expected.target_log_probability).epsilon(1e-4));
    }
  }
}

inline void check_backend(const Backend& backend, const Accuracy& accuracy = {}) {
  SUBCASE("agrees with the double-precision reference") {
    check_against_reference(backend, accuracy);
  }
  SUBCASE("cache on is cache off") {
    check_cache_changes_nothing(backend);
  }
  SUBCASE("computes exactly the rows asked for") {
    check_only_requested_rows(backend);
  }
  SUBCASE("a step leaves the cache as it was") {
    check_step_leaves_the_cache(backend);
  }
  SUBCASE("later tokens cannot change earlier rows; a block sees itself") {
    check_who_sees_whom(backend);
  }
  SUBCASE("a listed pass is several passes in one") {
    check_listed_pass(backend);
  }
  SUBCASE("answers are those of the logits, whether these are written out or not") {
    check_answers(backend);
  }
  SUBCASE("an unknown device is refused") {
    BackendOptions options;
    options.device = "abacus";
    const auto prepared = backend.prepare(load_tiny_model(), options);
    REQUIRE(!prepared.ok());
    CHECK(prepared.error().code == ErrorCode::unsupported);
    CHECK(prepared.error().message.find("abacus") != std::string::npos);
  }
}

}  // namespace seedling::test
