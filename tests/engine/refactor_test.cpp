#include "engine/refactor.h"

#include <doctest/doctest.h>

#include "engine/engine.h"
#include "engine/name_hole.h"
#include "engine/structure/extract_variable.h"
#include "engine/structure/verdict.h"
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

void set_answer(std::string_view text, float confidence = 0.99f) {
  set_script(knows(model()->tokenizer->encode(text), special::kMiddle, special::kEnd, confidence));
}

std::unique_ptr<Engine> open_engine() {
  Result<std::unique_ptr<Engine>> engine = Engine::open(model(), scripted_backend(), {});
  REQUIRE(engine.ok());
  return std::move(engine.value());
}

constexpr const char* kText = "def f(a, b):\n    return g(a * b + 1)\n";
constexpr const char* kExpression = "a * b + 1";

SnapshotPtr document() {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->path = "a.py";
  snapshot->language = "python";
  snapshot->text = kText;
  return snapshot;
}

ByteRange selection() {
  const auto begin = static_cast<std::uint32_t>(std::string_view(kText).find(kExpression));
  return {ByteOffset{begin},
          ByteOffset{begin + static_cast<std::uint32_t>(std::string_view(kExpression).size())}};
}

// The text after the variable was extracted.
std::string extracted() {
  const std::unique_ptr<Engine> engine = open_engine();
  const SnapshotPtr snapshot = document();
  const Result<std::vector<Action>> actions = engine->list_actions({snapshot, selection(), {}}, {});
  REQUIRE(actions.ok());
  REQUIRE(actions.value().size() == 1);
  CHECK(actions.value().front().name == kExtractVariableName);
  CHECK(scripted_state().steps == 0);  // listing never runs the model
  const Result<ResolvedAction> resolved = engine->resolve_action({snapshot, actions.value().front()}, {});
  REQUIRE(resolved.ok());
  std::string text = snapshot->text;
  for (auto edit = resolved.value().edits.rbegin(); edit != resolved.value().edits.rend(); ++edit) {
    text.replace(edit->range.begin.value, edit->range.size(), edit->text);
  }
  return text;
}

std::string expected_with(const std::string& name) {
  return "def f(a, b):\n    " + name + " = a * b + 1\n    return g(" + name + ")\n";
}

}  // namespace

TEST_CASE("refactor: the model's name stands at the declaration and at the use") {
  set_answer("name");
  CHECK(extracted() == expected_with("name"));
  set_answer("for_name", 0.4f);
  CHECK(extracted() == expected_with("for_name"));
}

TEST_CASE("refactor: a name that is taken or a keyword is never used") {
  const Result<std::optional<ExtractVariable>> plan = plan_extract_variable(*document(), selection());
  REQUIRE(plan.ok());
  REQUIRE(plan.value().has_value());
  for (const char* taken : {"a", "b", "g", "f", "for", "return", "1", "a b", "", "="}) {
    CAPTURE(taken);
    set_answer(taken);
    const std::string text = extracted();
    const std::size_t begin = text.find('\n') + 5;
    const std::string name = text.substr(begin, text.find(' ', begin) - begin);
    CHECK(is_name_free(**plan, *document(), name));
    CHECK(text == expected_with(name));
    const Result<Verdict> verdict = judge(text, "python");
    REQUIRE(verdict.ok());
    CHECK(verdict.value().is_clean());
  }
}

TEST_CASE("refactor: nothing to extract is an answer with a reason") {
  set_answer("name");
  const std::unique_ptr<Engine> engine = open_engine();
  Action action;
  action.name = kExtractVariableName;
  const Result<ResolvedAction> resolved = engine->resolve_action({document(), action}, {});
  REQUIRE(resolved.ok());
  CHECK(resolved.value().edits.empty());
  CHECK(!resolved.value().reason.empty());
  CHECK(engine->list_actions({document(), {}, {}}, {}).value().empty());
}

TEST_CASE("name hole: both places are heard") {
  // Where the suffix begins with "A" the model leans to one name, where it begins with "B" it is sure of
  // another.
  const TokenId a_mark = model()->tokenizer->encode("A").front();
  const TokenId one = model()->tokenizer->encode("name").front(),
                other = model()->tokenizer->encode("th").front();
  set_script([&](std::span<const TokenId> cached, std::span<const TokenId>, int index) -> Scripted {
    if (index > 0) return {special::kEnd, 0.9f};
    const bool is_a = std::find(cached.begin(), cached.end(), a_mark) != cached.end();
    return is_a ? Scripted{one, 0.6f} : Scripted{other, 0.9f};
  });
  const std::unique_ptr<Engine> engine = open_engine();
  const NameRules rules(*model()->tokenizer, special::kEnd, model()->config.vocab_size);
  FillRequest at_a, at_b;
  at_a.suffix = "A";
  at_b.suffix = "B";
  at_a.prefix = at_b.prefix = "(";
  const std::vector<FillRequest> both = {at_a, at_b};
  CHECK(fill_name(engine->session(), std::span(both).first(1), rules, {}).value().name == "name");
  CHECK(fill_name(engine->session(), both, rules, {}).value().name == "th");
}

TEST_CASE("name hole: however many places there are, all of them get one name, and each is asked") {
  // Three places of four would like one name, the last one is surer of another; three together outweigh it.
  const TokenId mark = model()->tokenizer->encode("Z").front();
  const TokenId one = model()->tokenizer->encode("name").front(),
                other = model()->tokenizer->encode("th").front();
  set_script([&](std::span<const TokenId> cached, std::span<const TokenId>, int index) -> Scripted {
    if (index > 0) return {special::kEnd, 0.9f};
    const bool is_marked = std::find(cached.begin(), cached.end(), mark) != cached.end();
    return is_marked ? Scripted{other, 0.9f} : Scripted{one, 0.8f};
  });
  const std::unique_ptr<Engine> engine = open_engine();
  const NameRules rules(*model()->tokenizer, special::kEnd, model()->config.vocab_size);
  std::vector<FillRequest> places(kMostNamePlaces);
  for (FillRequest& place : places) place.prefix = "(";
  places.back().suffix = "Z";
  CHECK(fill_name(engine->session(), places, rules, {}).value().name == "name");
  CHECK(fill_name(engine->session(), std::span(places).last(2), rules, {}).value().name == "th");
}

TEST_CASE("refactor: every use of an expression in its statement gets the name") {
  set_answer("name");
  const std::unique_ptr<Engine> engine = open_engine();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->path = "a.py";
  snapshot->language = "python";
  snapshot->text = "def f(a, b):\n    return g(a * b, a * b, a * b)\n";
  const auto begin = static_cast<std::uint32_t>(snapshot->text.find("a * b"));
  Action action;
  action.name = kExtractVariableName;
  action.range = {ByteOffset{begin}, ByteOffset{begin + 5}};
  const Result<ResolvedAction> resolved = engine->resolve_action({snapshot, action}, {});
  REQUIRE(resolved.ok());
  std::string text = snapshot->text;
  for (auto edit = resolved->edits.rbegin(); edit != resolved->edits.rend(); ++edit)
    text.replace(edit->range.begin.value, edit->range.size(), edit->text);
  CHECK(text == "def f(a, b):\n    name = a * b\n    return g(name, name, name)\n");
}

TEST_CASE("name hole: only identifiers can be spelt") {
  const NameRules rules(*model()->tokenizer, special::kEnd, model()->config.vocab_size);
  for (TokenId token = 0; token < model()->config.vocab_size; ++token) {
    const std::string_view bytes = model()->tokenizer->bytes(token);
    const bool is_word = !bytes.empty() && bytes.find_first_not_of(
                                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                               "0123456789_") == std::string_view::npos;
    const bool starts_name = is_word && (bytes[0] < '0' || bytes[0] > '9');
    CHECK(rules.allowed(0).contains(token) == starts_name);
    CHECK(rules.allowed(1).contains(token) == (is_word || token == special::kEnd));
  }
}

TEST_CASE("name hole: it can be stopped") {
  set_answer("name");
  const std::unique_ptr<Engine> engine = open_engine();
  std::stop_source source;
  source.request_stop();
  Action action;
  action.name = kExtractVariableName;
  action.range = selection();
  const Result<ResolvedAction> resolved = engine->resolve_action({document(), action}, source.get_token());
  REQUIRE(!resolved.ok());
  CHECK(resolved.error().code == ErrorCode::stopped);
}
