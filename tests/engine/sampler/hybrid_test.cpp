#include "engine/sampler/hybrid.h"

#include <doctest/doctest.h>

#include "engine/generator.h"
#include "engine/sampler/causal.h"
#include "engine/sampler/rng.h"
#include "engine/tokenizer/special_tokens.h"
#include "tests/engine/scripted_backend.h"
#include "tests/support/random.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

using Tokens = std::vector<TokenId>;

const std::shared_ptr<const Model>& model() {
  static const std::shared_ptr<const Model> loaded = load_tiny_model();
  return loaded;
}

struct Trial {
  Tokens context = {special::kFirstLanguage, special::kPrefix, special::kMiddle};
  PartialWords words;
  DecodeOptions options;
};

// With nothing cached, or with what the sequence happens to hold.
Result<Decoded> decode(CachedSequence& sequence, const Model& weights, Mode mode, const Trial& trial,
                       Lookup& lookup, std::stop_token stop = {}, const StepObserver& observer = {}) {
  Edges edges(*weights.tokenizer, trial.words, special::kEnd, weights.config.vocab_size);
  const int reused = sequence.reuse(trial.context, static_cast<int>(trial.context.size()) - 1);
  const DecodeInput input{sequence, *weights.tokenizer, weights.config, edges,
                          std::span(trial.context).subspan(reused)};
  if (mode == Mode::causal) return decode_causally(input, trial.options, stop, observer);
  return decode_hybrid(input, trial.options, lookup, stop, observer);
}

Decoded decoded(CachedSequence& sequence, const Model& weights, Mode mode, const Trial& trial,
                Lookup& lookup) {
  Result<Decoded> result = decode(sequence, weights, mode, trial, lookup);
  REQUIRE(result.ok());
  return std::move(result.value());
}

std::unique_ptr<CachedSequence> open(const Backend& backend, std::shared_ptr<const Model> weights) {
  Result<std::unique_ptr<CachedSequence>> sequence = CachedSequence::open(backend, std::move(weights), {});
  REQUIRE(sequence.ok());
  return std::move(sequence.value());
}

// The twin's text, confidences and outcome; says how many passes were saved.
int check_same(CachedSequence& twin, CachedSequence& hybrid, const Model& weights, const Trial& trial,
               Lookup& lookup) {
  const Decoded expected = decoded(twin, weights, Mode::causal, trial, lookup);
  const Decoded actual = decoded(hybrid, weights, Mode::hybrid, trial, lookup);
  CHECK(actual.canvas.tokens == expected.canvas.tokens);
  CHECK(actual.canvas.confidence == expected.canvas.confidence);
  CHECK(first_masked(actual.canvas) == actual.canvas.size());
  CHECK(actual.outcome == expected.outcome);
  CHECK(actual.steps <= expected.steps);
  // What is cached is the beginning of what was decoded, all but the last token at the least.
  Tokens whole = trial.context;
  whole.insert(whole.end(), actual.canvas.tokens.begin(), actual.canvas.tokens.end());
  const std::span<const TokenId> cached = hybrid.tokens();
  CHECK(cached.size() + 1 == whole.size());
  CHECK(std::equal(cached.begin(), cached.end(), whole.begin()));
  return expected.steps - actual.steps;
}

// A few different tokens, so that every end has occurred before.
Trial random_trial(std::mt19937_64& random) {
  Trial trial;
  const Tokens letters = model()->tokenizer->encode("ab(x\n)");
  trial.context = {special::kFirstLanguage, special::kSuffix};
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) trial.context.push_back(letters[pick(random, letters.size())]);
  };
  add(static_cast<int>(pick(random, 12)));
  trial.context.push_back(special::kPrefix);
  add(static_cast<int>(pick(random, pick(random, 8) == 0 ? 700 : 40)));
  trial.context.push_back(special::kMiddle);
  if (pick(random, 3) == 0) trial.words.left = "ab";
  if (pick(random, 3) == 0) trial.words.right = "x";
  trial.options.max_tokens = 1 + static_cast<int>(pick(random, 48));
  trial.options.max_lines = static_cast<int>(pick(random, 3));
  trial.options.least_chance = static_cast<float>(pick(random, 10)) * 0.1f;
  if (pick(random, 3) == 0) trial.options.temperature = 0.8f;
  trial.options.seed = random();
  return trial;
}

// The trials of one user, one after the other: caches and lookup stay.
int check_trials(const Backend& backend, const std::shared_ptr<const Model>& weights, int count) {
  const std::uint64_t seed = test_seed();
  INFO(repeat_with(seed));
  std::mt19937_64 random(seed);
  const auto twin = open(backend, weights), hybrid = open(backend, weights);
  Lookup lookup;
  int saved = 0;
  for (int i = 0; i < count; ++i) {
    CAPTURE(i);
    const Trial trial = random_trial(random);
    saved += check_same(*twin, *hybrid, *weights, trial, lookup);
    if (i % 3 == 0) saved += check_same(*twin, *hybrid, *weights, trial, lookup);
  }
  return saved;
}

}  // namespace

TEST_CASE("hybrid: the twin's text, with drafts of which many are wrong") {
  // The next token depends on the last two, and now and then on all: drafts are right for a while.
  const Tokens letters = model()->tokenizer->encode("ab(x\n)");
  set_script([&](std::span<const TokenId> cached, std::span<const TokenId>, int) {
    std::uint64_t hash = 1;
    for (const TokenId token : cached) hash = mix(hash ^ static_cast<std::uint64_t>(token));
    if (hash % 37 == 0) return Scripted{special::kEnd, 0.95f};
    if (hash % 5 != 0)
      hash = mix(static_cast<std::uint64_t>(cached.back() * 1000 + cached[cached.size() - 2]));
    return Scripted{letters[hash % letters.size()], 0.5f + 0.49f * static_cast<float>(hash % 64) / 64};
  });
  CHECK(check_trials(scripted_backend(), model(), 400) > 400);
}

TEST_CASE("hybrid: the twin's text bit for bit, on models that compute") {
  CHECK(check_trials(cpu_backend(), model(), 40) > 20);
  CHECK(check_trials(plain_backend(), model(), 40) > 20);
}

TEST_CASE("hybrid: what stands in the context already takes few passes") {
  const Tokens body =
      model()->tokenizer->encode("for item in range(10):\n    print(item, name)\n    return self");
  Trial trial;
  trial.options.least_chance = 0;  // drafts as long as there are any
  trial.context = body;
  trial.context.push_back(special::kMiddle);
  trial.context.insert(trial.context.begin(), special::kPrefix);
  const auto sequence = open(scripted_backend(), model());
  // The hole repeats the context, then ends.
  trial.context.insert(trial.context.end() - 1, body.begin(), body.begin() + 4);
  set_script(knows({body.begin() + 4, body.end()}, special::kMiddle, special::kEnd));
  Lookup lookup;
  const Decoded result = decoded(*sequence, *model(), Mode::hybrid, trial, lookup);
  CHECK(result.canvas.size() == static_cast<int>(body.size()) - 3);
  CHECK(result.outcome == Outcome::ended);
  CHECK(result.steps < result.canvas.size() / 3);
  CHECK(result.blocks == 1);
  // The same hole once more, and after the first of its tokens was typed.
  CHECK(decoded(*sequence, *model(), Mode::hybrid, trial, lookup).steps <= 2);
  trial.context.insert(trial.context.end() - 1, body[4]);
  set_script(knows({body.begin() + 5, body.end()}, special::kMiddle, special::kEnd));
  CHECK(decoded(*sequence, *model(), Mode::hybrid, trial, lookup).steps <= 2);
}

TEST_CASE("hybrid: without a draft it is the twin, pass for pass") {
  set_script(knows(model()->tokenizer->encode("abx()"), special::kMiddle, special::kEnd));
  const auto sequence = open(scripted_backend(), model());
  Trial trial;
  Lookup lookup;
  const Decoded result = decoded(*sequence, *model(), Mode::hybrid, trial, lookup);
  CHECK(result.steps == result.canvas.size());
  trial.options.max_tokens = 0;
  CHECK(decoded(*sequence, *model(), Mode::hybrid, trial, lookup).outcome == Outcome::max_tokens);
}

TEST_CASE("hybrid: stop, deadline and a failing device") {
  set_script(knows(model()->tokenizer->encode("abx()name"), special::kMiddle, special::kEnd));
  const auto sequence = open(scripted_backend(), model());
  Trial trial;
  Lookup lookup;
  std::stop_source source;
  int steps = 0;
  const Result<Decoded> stopped =
      decode(*sequence, *model(), Mode::hybrid, trial, lookup, source.get_token(), [&](const StepView& view) {
        CHECK(view.step == steps);
        CHECK(view.canvas.size() > steps);
        if (++steps == 3) source.request_stop();
      });
  REQUIRE(!stopped.ok());
  CHECK(stopped.error().code == ErrorCode::stopped);
  CHECK(steps == 3);

  trial.options.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const Decoded late = decoded(*sequence, *model(), Mode::hybrid, trial, lookup);
  CHECK(late.outcome == Outcome::out_of_time);
  CHECK(late.canvas.size() == 0);
}
