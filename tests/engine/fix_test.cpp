#include "engine/fix.h"

#include <doctest/doctest.h>

#include "engine/engine.h"
#include "engine/fix_holes.h"
#include "engine/sampler/edit_labels.h"
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

// A model that writes `answer` into every hole, and finds `likely` the likeliest statement.
void set_answer(std::string_view answer, std::string_view likely) {
  const Script written = knows(model()->tokenizer->encode(answer), special::kMiddle, special::kEnd);
  const Script scored = knows(model()->tokenizer->encode(likely), special::kMiddle, special::kEnd);
  set_script([=](std::span<const TokenId> cached, std::span<const TokenId> block, int index) {
    return block.empty() ? scored(cached, block, index) : written(cached, block, index);
  });
}

// '^' marks where the diagnostic begins, a second one where it ends.
ListActionsRequest complained(std::string_view marked, const std::string& message) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->path = "a.py";
  snapshot->language = "python";
  std::vector<std::uint32_t> marks;
  for (const char c : marked) {
    if (c == '^') {
      marks.push_back(static_cast<std::uint32_t>(snapshot->text.size()));
    } else {
      snapshot->text += c;
    }
  }
  REQUIRE(!marks.empty());
  ListActionsRequest request;
  request.diagnostics = {{{ByteOffset{marks.front()}, ByteOffset{marks.back()}}, message, "test", ""}};
  request.snapshot = std::move(snapshot);
  return request;
}

std::string applied(std::string text, const std::vector<Edit>& edits) {
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
    text.replace(edit->range.begin.value, edit->range.size(), edit->text);
  }
  return text;
}

// The text after the fix that the engine lists and resolves; empty if it finds none.
std::string fixed(std::string_view marked, const std::string& message,
                  const std::shared_ptr<const Model>& used = model()) {
  Result<std::unique_ptr<Engine>> engine = Engine::open(used, scripted_backend(), {});
  REQUIRE(engine.ok());
  const ListActionsRequest request = complained(marked, message);
  const Result<std::vector<Action>> actions = engine.value()->list_actions(request, {});
  REQUIRE(actions.ok());
  REQUIRE(!actions.value().empty());
  CHECK(scripted_state().steps == 0);  // listing never runs the model
  CHECK(actions.value().front().name == kFixName);
  const ResolveActionRequest resolve{request.snapshot, actions.value().front(), {}, Mode::diffusion, 0};
  const Result<ResolvedAction> resolved = engine.value()->resolve_action(resolve, {});
  REQUIRE(resolved.ok());
  CHECK(resolved.value().edits.empty() == !resolved.value().reason.empty());
  if (resolved.value().edits.empty()) return {};
  return applied(request.snapshot->text, resolved.value().edits);
}

}  // namespace

TEST_CASE("fix: what is missing is put where it makes the text parse") {
  set_answer(":", "def f(self):");
  CHECK(fixed("def f(self)^\n    return self\n", "expected ':'") == "def f(self):\n    return self\n");
  set_answer(")", "x = int(a())\ny = 2");
  CHECK(fixed("x = int(a()\n^y = 2\n", "'(' was never closed") == "x = int(a())\ny = 2\n");
}

TEST_CASE("fix: a forgotten mark is found even if the model has other ideas") {
  set_answer("((", "def f(self):");
  CHECK(fixed("x = foo(1^\n", "'(' was never closed") == "x = foo(1)\n");
}

TEST_CASE("fix: a model that revises mends a statement in several places at once") {
  auto editing = std::make_shared<Model>(*model());
  editing->config.diffusion.edits = true;
  editing->config.diffusion.delete_ = special::kDelete;
  editing->config.diffusion.insert = special::kInsert;
  constexpr EditTokens edit = {special::kMask, special::kEnd, special::kDelete, special::kInsert};
  const std::vector<TokenId> target = model()->tokenizer->encode("x = foo([1], 2)");
  const Script scored = knows(target, special::kMiddle, special::kEnd);
  // It has no idea what to write into an empty hole, but labels what it sees of a draft.
  const auto set_editor = [&] {
    set_script([=](std::span<const TokenId> cached, std::span<const TokenId> block, int index) -> Scripted {
      if (block.empty()) return scored(cached, block, index);
      if (block[0] == special::kMask) return {target[0], 0.99f};
      const std::size_t done = static_cast<std::size_t>(
          cached.end() - std::find(cached.begin(), cached.end(), special::kMiddle) - 1);
      const std::vector<TokenId> shown(block.begin(), std::find(block.begin(), block.end(), special::kEnd));
      const std::vector<TokenId> labels =
          edit_labels(shown, std::span(target).subspan(std::min(done, target.size())), edit);
      const auto at = static_cast<std::size_t>(index);
      return {at < labels.size() ? labels[at] : special::kEnd, 0.99f};
    });
  };
  set_editor();
  CHECK(fixed("x = foo([1, 2^\n", "'[' was never closed", editing) == "x = foo([1], 2)\n");
  set_editor();
  CHECK(fixed("x = foo([1, 2^\n", "'[' was never closed") == "");
}

TEST_CASE("fix: a misspelt name becomes a declared one if the model agrees, or the tool names it") {
  set_answer("print(name)");
  CHECK(fixed("name = 1\nprint(^nmae^)\n", "undefined name 'nmae'") == "name = 1\nprint(name)\n");
  set_answer("print(nmae)");
  CHECK(fixed("name = 1\nprint(^nmae^)\n", "undefined name 'nmae'") == "name = 1\nprint(name)\n");
}

TEST_CASE("fix: nothing is offered that is no better") {
  set_answer("((", "def f(self):");
  CHECK(fixed("x = foo(([1^\n", "'(' was never closed") == "");
  set_answer("");  // to delete what is complained about is no fix
  CHECK(fixed("x = = 1^\n", "invalid syntax") != "\n");
  set_answer("x = 1");
  CHECK(fixed("^x = 1^\n", "unused variable") == "");
}

TEST_CASE("fix: bad requests are refused") {
  set_answer("x");
  Result<std::unique_ptr<Engine>> engine = Engine::open(model(), scripted_backend(), {});
  REQUIRE(engine.ok());
  const ListActionsRequest request = complained("x = 1^\n", "m");
  Action action;
  action.name = "fix";
  CHECK(engine.value()->resolve_action({request.snapshot, action}, {}).error().code ==
        ErrorCode::invalid_input);
  action.name = "no such action";
  CHECK(engine.value()->resolve_action({request.snapshot, action}, {}).error().code ==
        ErrorCode::unsupported);
  action.name = "fix";
  action.range.end = ByteOffset{99};
  CHECK(engine.value()->resolve_action({request.snapshot, action}, {}).error().code ==
        ErrorCode::invalid_input);
  CHECK(engine.value()->resolve_action({nullptr, action}, {}).error().code == ErrorCode::invalid_input);
}

TEST_CASE("fix: it can be stopped") {
  set_answer("x");
  Result<std::unique_ptr<Engine>> engine = Engine::open(model(), scripted_backend(), {});
  REQUIRE(engine.ok());
  const ListActionsRequest request = complained("x = = 1^\n", "m");
  Action action;
  action.name = "fix";
  action.diagnostics = request.diagnostics;
  std::stop_source source;
  source.request_stop();
  const Result<ResolvedAction> result =
      engine.value()->resolve_action({request.snapshot, action}, source.get_token());
  REQUIRE(!result.ok());
  CHECK(result.error().code == ErrorCode::stopped);
}

TEST_CASE("fix holes: from a place to a statement, all inside the region") {
  const ListActionsRequest request = complained("a = 1\nb = foo(^bar^, 2)\nc = 3\n", "m");
  const std::string_view text = request.snapshot->text;
  const FixHoles found = fix_holes(*request.snapshot, request.diagnostics.front());
  const auto piece = [&](ByteRange range) { return text.substr(range.begin.value, range.size()); };
  CHECK(piece(found.word) == "bar");
  CHECK(piece(found.region) == "b = foo(bar, 2)");
  std::vector<std::string_view> pieces;
  for (const ByteRange& hole : found.holes) {
    CHECK(found.region.begin <= hole.begin);
    CHECK(hole.end <= found.region.end);
    pieces.push_back(piece(hole));
  }
  for (const char* expected : {"", "bar", "bar, 2)", "b = foo(bar, 2)"}) {
    CHECK(std::count(pieces.begin(), pieces.end(), expected) >= 1);
  }
}

TEST_CASE("fix holes: a diagnostic outside of the text is clamped") {
  Snapshot snapshot;
  snapshot.language = "python";
  snapshot.text = "x = 1\n";
  for (const auto& [begin, end] :
       {std::pair{99u, 120u}, std::pair{3u, 120u}, std::pair{5u, 2u}, std::pair{6u, 6u}}) {
    const FixHoles found = fix_holes(snapshot, {{ByteOffset{begin}, ByteOffset{end}}, "m", "", ""});
    for (const ByteRange& hole : found.holes) {
      CHECK(hole.begin <= hole.end);
      CHECK(hole.end.value <= snapshot.text.size());
    }
  }
}

TEST_CASE("fix holes: spelling distance") {
  CHECK(spelling_distance("", "") == 0);
  CHECK(spelling_distance("abc", "abc") == 0);
  CHECK(spelling_distance("nmae", "name") == 1);  // neighbours swapped
  CHECK(spelling_distance("nam", "name") == 1);
  CHECK(spelling_distance("fame", "name") == 1);
  CHECK(spelling_distance("abc", "") == 3);
  CHECK(spelling_distance("kitten", "sitting") == 3);
}

TEST_CASE("fix holes: the smallest edit says the same and splits no character") {
  const auto check = [](std::string_view text, std::uint32_t begin, std::uint32_t end, std::string now,
                        Edit expected) {
    const Edit edit{{ByteOffset{begin}, ByteOffset{end}}, now};
    const Edit small = smallest_edit(text, edit);
    CHECK(small == expected);
    CHECK(applied(std::string(text), {small}) == applied(std::string(text), {edit}));
  };
  check("x = foo(1)", 4, 10, "foo(2)", {{ByteOffset{8}, ByteOffset{9}}, "2"});
  check("x = 1", 0, 5, "x = 1", {{ByteOffset{5}, ByteOffset{5}}, ""});
  check("aaa", 0, 3, "aaaa", {{ByteOffset{3}, ByteOffset{3}}, "a"});
  check("aaaa", 0, 4, "aaa", {{ByteOffset{3}, ByteOffset{4}}, ""});
  check("\xC3\xA9", 0, 2, "\xC3\xA8", {{ByteOffset{0}, ByteOffset{2}}, "\xC3\xA8"});
  check("\xC3\xA9", 0, 2, "\xC4\xA9", {{ByteOffset{0}, ByteOffset{2}}, "\xC4\xA9"});
}
