// Sequences that were forked, and passes of several of them computed side by side.
#include <doctest/doctest.h>

#include "engine/cache/cached_sequence.h"
#include "tests/engine/scripted_backend.h"
#include "tests/support/random.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

using SequencePtr = std::unique_ptr<CachedSequence>;

std::vector<TokenId> some_tokens(std::mt19937_64& random, std::size_t count, int vocab) {
  std::vector<TokenId> tokens(count);
  for (TokenId& token : tokens) token = static_cast<TokenId>(pick(random, static_cast<std::uint64_t>(vocab)));
  return tokens;
}

SequencePtr open_sequence(const Backend& backend, const std::shared_ptr<const Model>& model,
                          std::span<const TokenId> tokens) {
  Result<SequencePtr> opened = CachedSequence::open(backend, model, {.threads = 2});
  REQUIRE(opened.ok());
  REQUIRE(opened.value()->extend(tokens).ok());
  return std::move(opened.value());
}

SequencePtr fork_of(const CachedSequence& sequence) {
  Result<SequencePtr> fork = sequence.fork();
  REQUIRE(fork.ok());
  return std::move(fork.value());
}

// What is asked of a pass, and what came of it for one sequence.
struct Question {
  std::vector<TokenId> tokens;
  std::vector<int> rows;
  Sight sight = Sight::block;
};

class Asked {
 public:
  Asked(const Question& question, CachedSequence& sequence, int vocab)
      : logits_(question.rows.size() * static_cast<std::size_t>(vocab)),
        queries_(question.rows.size()),
        answers_(queries_.size()) {
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      queries_[i].row = question.rows[i];
      queries_[i].logits =
          std::span(logits_).subspan(i * static_cast<std::size_t>(vocab), static_cast<std::size_t>(vocab));
    }
    pass_ = {&sequence, {question.tokens, question.sight, {}, {}}, queries_, answers_};
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  const SequencePass* pass() const { return &pass_; }
  const std::vector<float>& logits() const { return logits_; }
  const std::vector<RowAnswer>& answers() const { return answers_; }

 private:
  std::vector<float> logits_;
  std::vector<RowQuery> queries_;
  std::vector<RowAnswer> answers_;
  SequencePass pass_;
};

Question some_question(std::mt19937_64& random, int vocab) {
  Question question;
  question.tokens = some_tokens(random, 1 + pick(random, 9), vocab);
  question.sight = pick(random, 2) == 0 ? Sight::block : Sight::causal;
  for (int row = 0; row < static_cast<int>(question.tokens.size()); ++row)
    if (pick(random, 3) != 0) question.rows.push_back(row);
  return question;
}

std::vector<float> computed_alone(const Question& question, CachedSequence& sequence, int vocab) {
  const Asked asked(question, sequence, vocab);
  const SequencePass& pass = *asked.pass();
  REQUIRE(sequence.forward(pass.pass, pass.queries, pass.answers).ok());
  return asked.logits();
}

}  // namespace

TEST_CASE("forward together: passes computed side by side are those computed alone, bit for bit") {
  INFO(repeat_with(test_seed()));
  std::mt19937_64 random(test_seed());
  TinyModelOptions wide;
  wide.config.hidden_size = 128;
  wide.config.intermediate_size = 512;
  for (const auto& model : {load_tiny_model(), load_tiny_model(wide)}) {
    const int vocab = model->config.vocab_size;
    for (int round = 0; round < 10; ++round) {
      const auto context = some_tokens(random, pick(random, 90), vocab);
      std::vector<SequencePtr> forks, alone;
      const std::size_t count = 2 + pick(random, 4);
      for (std::size_t i = 0; i < count; ++i) {
        forks.push_back(i == 0 ? open_sequence(cpu_backend(), model, context) : fork_of(*forks[0]));
        alone.push_back(open_sequence(cpu_backend(), model, context));
      }
      std::vector<Question> questions;
      std::vector<std::unique_ptr<Asked>> asked;
      std::vector<const SequencePass*> passes;
      for (std::size_t i = 0; i < count; ++i) {
        // What a fork goes on with is its own.
        const auto more = some_tokens(random, pick(random, 40), vocab);
        REQUIRE(forks[i]->extend(more).ok());
        REQUIRE(alone[i]->extend(more).ok());
        questions.push_back(some_question(random, vocab));
      }
      for (std::size_t i = 0; i < count; ++i) {
        asked.push_back(std::make_unique<Asked>(questions[i], *forks[i], vocab));
        passes.push_back(asked[i]->pass());
      }
      REQUIRE(CachedSequence::forward_together(passes).ok());
      for (std::size_t i = 0; i < count; ++i) {
        CAPTURE(i);
        CHECK(asked[i]->logits() == computed_alone(questions[i], *alone[i], vocab));
        if (questions[i].sight != Sight::causal) continue;
        forks[i]->keep(questions[i].tokens);
        alone[i]->keep(questions[i].tokens);
        const Question next = some_question(random, vocab);
        CHECK(computed_alone(next, *forks[i], vocab) == computed_alone(next, *alone[i], vocab));
      }
    }
  }
}

TEST_CASE("forward together: a backend that cannot share computes one sequence after the other") {
  const auto model = load_tiny_model();
  set_script([](std::span<const TokenId> cached, std::span<const TokenId>, int index) -> Scripted {
    return {static_cast<TokenId>(cached.size()) + index};
  });
  const SequencePtr sequence = open_sequence(scripted_backend(), model, std::vector<TokenId>{1, 2, 3});
  const SequencePtr fork = fork_of(*sequence);
  CHECK(std::ranges::equal(fork->tokens(), sequence->tokens()));
  REQUIRE(fork->extend(std::vector<TokenId>{4}).ok());
  const Question question{{7, 7}, {0, 1}, Sight::block};
  const Asked first(question, *sequence, model->config.vocab_size);
  const Asked second(question, *fork, model->config.vocab_size);
  const SequencePass* const passes[] = {first.pass(), second.pass()};
  REQUIRE(CachedSequence::forward_together(passes).ok());
  CHECK(first.answers()[0].token == 3);
  CHECK(first.answers()[1].token == 4);
  CHECK(second.answers()[0].token == 4);
  CHECK(second.answers()[1].token == 5);
}

TEST_CASE("forward together: what several blocks ask alike is computed once") {
  const auto model = load_tiny_model();
  const int vocab = model->config.vocab_size;
  set_script([](std::span<const TokenId> cached, std::span<const TokenId> block, int index) -> Scripted {
    return {static_cast<TokenId>(cached.size()) + block[0] + index};
  });
  const SequencePtr sequence = open_sequence(scripted_backend(), model, std::vector<TokenId>{1, 2, 3});
  const SequencePtr same = fork_of(*sequence), other = fork_of(*sequence);
  REQUIRE(other->extend(std::vector<TokenId>{4}).ok());
  const Question question{{7, 7}, {0, 1}, Sight::block}, another{{8, 7}, {0, 1}, Sight::block};
  const auto steps_of = [&](const Question& second, CachedSequence& its_sequence) {
    const Asked a(question, *sequence, vocab), b(second, its_sequence, vocab);
    const SequencePass* const passes[] = {a.pass(), b.pass()};
    const int before = scripted_state().steps;
    REQUIRE(CachedSequence::forward_together(passes).ok());
    CHECK(b.logits() == computed_alone(second, its_sequence, vocab));
    CHECK(b.answers()[0].token == static_cast<TokenId>(its_sequence.length()) + second.tokens[0]);
    return scripted_state().steps - before - 1;  // one was computed alone
  };
  CHECK(steps_of(question, *same) == 1);
  CHECK(steps_of(question, *other) == 2);
  CHECK(steps_of(another, *same) == 2);
  CHECK(steps_of({{7, 7}, {0}, Sight::block}, *same) == 2);

  // Logits are written for whoever wants them.
  const Asked wanting(question, *same, vocab);
  RowQuery plain[2];
  plain[1].row = 1;
  RowAnswer answers[2];
  const SequencePass first{sequence.get(), {question.tokens, Sight::block, {}, {}}, plain, answers};
  const SequencePass* const passes[] = {&first, wanting.pass()};
  REQUIRE(CachedSequence::forward_together(passes).ok());
  CHECK(answers[0].token == wanting.answers()[0].token);
  CHECK(wanting.logits() == computed_alone(question, *same, vocab));
}

TEST_CASE("forward together: the device's failure is each sequence's") {
  const auto model = load_tiny_model();
  set_script([](std::span<const TokenId>, std::span<const TokenId>, int) -> Scripted { return {5}; });
  const SequencePtr sequence = open_sequence(scripted_backend(), model, std::vector<TokenId>{1});
  scripted_state().fail_after = 0;
  const Question question{{7}, {0}, Sight::block};
  const Asked asked(question, *sequence, model->config.vocab_size);
  const SequencePass* const passes[] = {asked.pass()};
  CHECK(!CachedSequence::forward_together(passes).ok());
  CHECK(sequence->is_dead());
  CHECK(!CachedSequence::forward_together(passes).ok());
  CHECK(!sequence->fork().ok());
}
