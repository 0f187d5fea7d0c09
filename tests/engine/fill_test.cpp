#include "engine/fill.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <set>

#include "engine/engine.h"
#include "engine/tokenizer/special_tokens.h"
#include "tests/engine/scripted_backend.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

const std::shared_ptr<const Model>& model() {
  static const std::shared_ptr<const Model> loaded = load_tiny_model();
  return loaded;
}

std::unique_ptr<Engine> open_engine(const Backend& backend, EngineOptions options = {}) {
  Result<std::unique_ptr<Engine>> engine = Engine::open(model(), backend, options);
  REQUIRE(engine.ok());
  return std::move(engine.value());
}

FillRequest hole(std::string_view prefix, std::string_view suffix) {
  FillRequest request;
  request.prefix = prefix;
  request.suffix = suffix;
  request.language = "python";
  request.path = "a/b.py";
  request.limits.max_tokens = 20;
  return request;
}

FilledText filled(Engine& engine, const FillRequest& request) {
  Result<FilledText> result = engine.fill(request, {});
  REQUIRE(result.ok());
  return std::move(result.value());
}

void set_answer(std::string_view text, float confidence = 0.99f) {
  set_script(knows(model()->tokenizer->encode(text), special::kMiddle, special::kEnd, confidence));
}

}  // namespace

TEST_CASE("fill: partial words are spelt by the model and taken off again") {
  for (const Mode mode : {Mode::diffusion, Mode::causal, Mode::hybrid}) {
    set_answer(" return self");
    const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
    FillRequest request = hole("    x = 1\n    y ret", "lf\n");
    request.mode = mode;
    const FilledText result = filled(*engine, request);
    CHECK(result.text == "urn se");
    CHECK(result.outcome == Outcome::ended);
    CHECK(result.joins_suffix);
    CHECK(result.confidence == doctest::Approx(0.99).epsilon(1e-3));
    CHECK(result.stats.blocks == 1);
  }
}

TEST_CASE("fill: a text that is cut off does not join the word behind the hole") {
  set_answer("print(name\nprint(name)\nself");
  const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
  FillRequest request = hole("x = ", "lf\n");
  request.limits.max_lines = 1;
  const FilledText result = filled(*engine, request);
  CHECK(result.text == "print(name");
  CHECK(!result.joins_suffix);
}

TEST_CASE("fill: lines are counted and loops are left") {
  set_answer("a = 1\nb = 2\nc = 3\n");
  const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
  FillRequest request = hole("", "");
  request.limits.max_lines = 2;
  CHECK(filled(*engine, request).text == "a = 1\nb = 2");
  set_answer("a\na\na\na\na\n");
  request.limits.max_lines = 0;
  CHECK(filled(*engine, request).text == "a\n");
}

TEST_CASE("fill: an unfinished character is not shown") {
  const std::vector<TokenId> euro = model()->tokenizer->encode("x\xE2\x82\xAC");
  REQUIRE(euro.size() == 4);
  set_script(knows({euro[0], euro[1], euro[2]}, special::kMiddle, special::kEnd));
  const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
  CHECK(filled(*engine, hole("", "")).text == "x");
}

TEST_CASE("fill: what is cached is counted and changes nothing") {
  const Backend& backend = plain_backend();
  const std::unique_ptr<Engine> reused = open_engine(backend);
  std::string prefix = "def name(self):\n    return ";
  for (const char* typed : {"", "s", "e", "l", "f", ".", "n"}) {
    prefix += typed;
    for (const Mode mode : {Mode::diffusion, Mode::causal}) {
      CAPTURE(prefix);
      FillRequest request = hole(prefix, "\n\nprint(name)\n");
      request.mode = mode;
      const FilledText again = filled(*reused, request);
      const std::unique_ptr<Engine> fresh_engine = open_engine(backend);
      const FilledText fresh = filled(*fresh_engine, request);
      CHECK(again.text == fresh.text);
      CHECK(again.confidence == fresh.confidence);
      CHECK(again.stats.tokens == fresh.stats.tokens);
      CHECK(again.stats.steps == fresh.stats.steps);
      CHECK(fresh.stats.reused_tokens == 0);
      CHECK(again.stats.context_tokens == fresh.stats.context_tokens);
      if (prefix.ends_with("self")) CHECK(again.stats.reused_tokens > again.stats.context_tokens / 2);
    }
  }
}

TEST_CASE("fill: the hybrid mode writes the causal mode's text, whatever was written before") {
  const std::unique_ptr<Engine> engine = open_engine(cpu_backend());
  std::string prefix = "def name(self):\n    return ";
  int causal_steps = 0, hybrid_steps = 0;
  for (const char* typed : {"", "s", "e", "l", "f", ".", "n", "ame", "\n    re"}) {
    prefix += typed;
    CAPTURE(prefix);
    FillRequest request = hole(prefix, "\n\nprint(name)\n");
    request.mode = Mode::causal;
    const FilledText expected = filled(*engine, request);
    request.mode = Mode::hybrid;
    const FilledText actual = filled(*engine, request);
    CHECK(actual.text == expected.text);
    CHECK(actual.confidence == expected.confidence);
    CHECK(actual.outcome == expected.outcome);
    CHECK(actual.stats.tokens == expected.stats.tokens);
    causal_steps += expected.stats.steps;
    hybrid_steps += actual.stats.steps;
  }
  CHECK(hybrid_steps < causal_steps);
}

TEST_CASE("fill: the context gives way where the model holds few tokens") {
  const std::string text(20'000, '(');
  const std::unique_ptr<Engine> engine = open_engine(plain_backend());
  FillRequest request = hole(text, text);
  request.limits.max_tokens = 8;
  const FilledText result = filled(*engine, request);
  CHECK(result.stats.context_tokens + 8 <= model()->config.max_position_embeddings);
  request.limits.max_tokens = model()->config.max_position_embeddings;
  const Result<FilledText> refused = engine->fill(request, {});
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == ErrorCode::invalid_input);
}

TEST_CASE("fill: budgets shrink in proportion and never exceed what there is") {
  const ContextBudget budget;
  for (int positions = 7; positions < 1200; positions += 13) {
    const ContextBudget fitted = fit_budget(budget, positions);
    const int sum =
        fitted.prefix_tokens + fitted.suffix_tokens + fitted.path_tokens + fitted.diagnostic_tokens;
    CHECK(sum + 6 <= std::max(positions, 0));
    CHECK(fitted.prefix_tokens >= fitted.suffix_tokens);
  }
  CHECK(fit_budget(budget, 5000).prefix_tokens == budget.prefix_tokens);
}

TEST_CASE("fill: a stop that was requested is obeyed at once") {
  set_answer("x");
  const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
  std::stop_source source;
  source.request_stop();
  const Result<FilledText> result = engine->fill(hole("", ""), source.get_token());
  REQUIRE(!result.ok());
  CHECK(result.error().code == ErrorCode::stopped);
}

TEST_CASE("fill: after a failed device the next call starts afresh") {
  set_answer("x");
  scripted_state().fail_after = 0;
  const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
  CHECK(!engine->fill(hole("", ""), {}).ok());
  CHECK(filled(*engine, hole("", "")).text == "x");
}

TEST_CASE("fill: the causal score is the mean of what the rows say") {
  set_answer("return self", 0.5f);
  const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
  const Result<double> known = causal_score(engine->session(), hole("", ""), "return self", {});
  REQUIRE(known.ok());
  CHECK(known.value() == doctest::Approx(std::log(0.5)).epsilon(1e-4));
  const Result<double> other = causal_score(engine->session(), hole("", ""), "return x", {});
  REQUIRE(other.ok());
  CHECK(other.value() < known.value());
}

TEST_CASE("fill: the plan decides how many tokens are denoised together, and is told") {
  set_answer(" return selfish");
  EngineOptions options;
  options.block_size = 3;
  options.commit_threshold = 0.7f;
  const std::unique_ptr<Engine> engine = open_engine(scripted_backend(), options);
  const FilledText fixed = filled(*engine, hole("    x = 1\n   ", "\n"));
  CHECK(fixed.stats.block == 3);
  CHECK(fixed.stats.threshold == 0.7f);
  CHECK(fixed.stats.expected_tokens_per_step == 0);

  DecodingTable table;
  table.rows = {{5, 0.8f, 2.5}, {2, 0.9f, 1}};
  engine->session().planner = Planner(table, assumed_profile(true));
  const FilledText planned = filled(*engine, hole("    x = 1\n   ", "\n"));
  CHECK(planned.text == fixed.text);
  CHECK(planned.stats.block == 5);
  CHECK(planned.stats.threshold == 0.8f);
  CHECK(planned.stats.expected_tokens_per_step == doctest::Approx(2.5));
  CHECK(planned.stats.steps < fixed.stats.steps);
}

TEST_CASE("engine: measures the machine once, keeps what it found, and finds it again") {
  set_answer(" return selfish");
  const TemporaryFolder folder;
  EngineOptions options;
  options.is_adaptive = true;
  options.profile_folder = folder / "profiles";
  {
    const std::unique_ptr<Engine> engine = open_engine(scripted_backend(), options);
    const FilledText before = filled(*engine, hole("    x = 1\n   ", "\n"));
    int pieces = 0;
    while (engine->measure_some()) ++pieces;
    CHECK(pieces > 10);
    CHECK(!engine->measure_some());
    CHECK(filled(*engine, hole("    x = 1\n   ", "\n")).text == before.text);
  }
  CHECK(!open_engine(scripted_backend(), options)->measure_some());
  options.threads = 3;  // another machine, so to speak
  CHECK(open_engine(scripted_backend(), options)->measure_some());
  options.profile_folder.clear();
  CHECK(!open_engine(scripted_backend(), options)->measure_some());
  CHECK(!open_engine(scripted_backend())->measure_some());
}

namespace {

// Every position has a first choice and a second one; behind them stands <end>.
void set_choices(std::vector<Scripted> choices) {
  set_script([choices](std::span<const TokenId> cached, std::span<const TokenId>, int index) -> Scripted {
    const auto middle = std::find(cached.rbegin(), cached.rend(), special::kMiddle);
    const std::size_t at = static_cast<std::size_t>(middle - cached.rbegin() + index);
    return at < choices.size() ? choices[at] : Scripted{special::kEnd, 0.95f};
  });
}

TokenId token(std::string_view text) {
  const std::vector<TokenId> tokens = model()->tokenizer->encode(text);
  REQUIRE(tokens.size() == 1);
  return tokens[0];
}

constexpr Mode kModes[] = {Mode::diffusion, Mode::causal, Mode::hybrid};

}  // namespace

TEST_CASE("fill: a constrained hole does not end before its brackets are closed") {
  for (const Mode mode : kModes) {
    CAPTURE(static_cast<int>(mode));
    set_choices({{token("v"), 0.9f}, {special::kEnd, 0.9f, token(")")}});
    const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
    FillRequest request = hole("v = 1\nx = f(", "\ny = 1\ndef f(a): pass\n");
    request.mode = mode;
    CHECK(filled(*engine, request).text == "v");
    request.is_constrained = true;
    const FilledText result = filled(*engine, request);
    CHECK(result.text == "v)");
    CHECK(result.fit == Fit::sound);
    CHECK(result.stats.reopened == 0);
    // How sure the model was, not how sure it would have been of what is allowed.
    CHECK(result.confidence < 0.8f);
  }
}

TEST_CASE("fill: what a verdict refuses is reopened where it is wrong") {
  for (const Mode mode : kModes) {
    CAPTURE(static_cast<int>(mode));
    set_choices({{token("v"), 0.99f}, {token("+"), 0.99f}, {token("w"), 0.9f, token("v")}});
    const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
    FillRequest request = hole("v = 1\nx = (", ")\n");
    request.mode = mode;
    CHECK(filled(*engine, request).text == "v+w");
    request.is_constrained = true;
    const FilledText result = filled(*engine, request);
    CHECK(result.text == "v+v");
    CHECK(result.fit == Fit::sound);
    CHECK(result.stats.reopened == 1);
  }
}

TEST_CASE("fill: where nothing fits, the model's own text comes back and says so, after so many attempts") {
  for (const Mode mode : kModes) {
    set_choices({{token("*"), 0.9f, token("=")}, {token("*"), 0.9f, token("/")}});
    const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
    FillRequest request = hole("x = ", "\n");
    request.mode = mode;
    request.is_constrained = true;
    const FilledText result = filled(*engine, request);
    CHECK(result.stats.reopened <= 8);
    CHECK(result.stats.reopened > 0);
    if (result.fit == Fit::worse) CHECK(result.text == "**");
  }
}

TEST_CASE("fill: a constrained text is the same whatever was cached, and hybrid's is causal's") {
  set_choices(
      {{token("v"), 0.6f, token("w")}, {token("("), 0.7f, token("+")}, {token("v"), 0.8f, token("w")}});
  std::vector<std::string> texts;
  for (const Mode mode : {Mode::causal, Mode::hybrid, Mode::causal}) {
    const std::unique_ptr<Engine> engine = open_engine(scripted_backend());
    FillRequest request = hole("v = 1\nx = ", "\n");
    request.is_constrained = true;
    request.mode = mode;
    const std::string first = filled(*engine, request).text;
    CHECK(filled(*engine, request).text == first);
    texts.push_back(first);
  }
  CHECK(texts[0] == texts[1]);
  CHECK(texts[0] == texts[2]);
}

TEST_CASE("fill: several texts decoded side by side are those decoded alone, bit for bit") {
  for (const Mode mode : {Mode::diffusion, Mode::causal, Mode::hybrid}) {
    for (const bool is_constrained : {false, true}) {
      CAPTURE(static_cast<int>(mode));
      CAPTURE(is_constrained);
      FillRequest request = hole("def area(width, height):\n    retu", "\n\nprint(area(1, 2))\n");
      request.mode = mode;
      request.is_constrained = is_constrained;
      request.limits.max_tokens = 40;
      request.seed = 3;
      const std::vector<Variation> variations = {{0, 0}, {0.8f, 1, 3}, {0.8f, 2, 3}, {0.8f, 3, 3}};
      const std::unique_ptr<Engine> together = open_engine(cpu_backend());
      Result<std::vector<FilledText>> all = fill_several(together->session(), request, variations, {});
      REQUIRE(all.ok());
      REQUIRE(all.value().size() == variations.size());
      std::set<std::string> different;
      for (std::size_t i = 0; i < variations.size(); ++i) {
        const std::unique_ptr<Engine> alone = open_engine(cpu_backend());
        Result<std::vector<FilledText>> one =
            fill_several(alone->session(), request, std::span(variations).subspan(i, 1), {});
        REQUIRE(one.ok());
        const FilledText &a = all.value()[i], &b = one.value().front();
        CHECK(a.text == b.text);
        CHECK(std::memcmp(&a.confidence, &b.confidence, sizeof a.confidence) == 0);
        CHECK(a.outcome == b.outcome);
        // What hybrid decoding drafts from is what it wrote before: that changes its steps, not its text.
        if (mode != Mode::hybrid) CHECK(a.stats.steps == b.stats.steps);
        CHECK(a.stats.reopened == b.stats.reopened);
        different.insert(a.text);
      }
      CHECK(different.size() > 1);
    }
  }
}
