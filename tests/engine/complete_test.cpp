#include "engine/complete.h"

#include <doctest/doctest.h>

#include <algorithm>
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

std::unique_ptr<Engine> open_engine(EngineOptions options = {}) {
  Result<std::unique_ptr<Engine>> engine = Engine::open(model(), scripted_backend(), options);
  REQUIRE(engine.ok());
  return std::move(engine.value());
}

void set_answer(std::string_view text, float confidence = 0.99f) {
  set_script(knows(model()->tokenizer->encode(text), special::kMiddle, special::kEnd, confidence));
}

// '^' is the cursor.
CompleteRequest at_cursor(std::string_view marked, std::string_view language = "python") {
  const std::size_t cursor = marked.find('^');
  REQUIRE(cursor != std::string_view::npos);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->path = "a.py";
  snapshot->language = language;
  snapshot->text = std::string(marked.substr(0, cursor)) + std::string(marked.substr(cursor + 1));
  CompleteRequest request;
  request.snapshot = std::move(snapshot);
  request.cursor = ByteOffset{static_cast<std::uint32_t>(cursor)};
  return request;
}

std::vector<std::string> texts(Engine& engine, const CompleteRequest& request) {
  const Result<std::vector<Completion>> completions = engine.complete(request, {});
  REQUIRE(completions.ok());
  std::vector<std::string> result;
  for (const Completion& completion : completions.value()) {
    CHECK(completion.replaces == ByteRange{request.cursor, request.cursor});
    result.push_back(completion.text);
  }
  return result;
}

void check(std::string_view marked, std::string_view answer, std::vector<std::string> expected,
           std::string_view language = "python") {
  CAPTURE(marked);
  CAPTURE(answer);
  set_answer(answer);
  const std::unique_ptr<Engine> engine = open_engine();
  const std::vector<std::string> found = texts(*engine, at_cursor(marked, language));
  CAPTURE((found.empty() ? std::string("nothing") : found.front()));
  CHECK(found == expected);
}

}  // namespace

TEST_CASE("complete: what fits at the cursor is offered") {
  check("def f(self):\n    return ^\n", "self.name", {"self.name"});
  check("def f(self):\n    ret^\n", " return self", {"urn self"});
  check("x = ^", "(1)", {"(1)"}, "no such language");
}

TEST_CASE("complete: a bracket that the editor closed by itself changes nothing of what the model sees") {
  std::vector<std::vector<TokenId>> contexts;
  const std::vector<TokenId> answer = model()->tokenizer->encode("self.name)\n");
  set_script([&](std::span<const TokenId> cached, std::span<const TokenId> block, int index) {
    contexts.emplace_back(cached.begin(), cached.end());
    return knows(answer, special::kMiddle, special::kEnd)(cached, block, index);
  });
  for (const char* marked : {"def f(self):\n    print(^\n", "def f(self):\n    print(^)\n"}) {
    const bool is_closed = std::string_view(marked).find("^)") != std::string_view::npos;
    contexts.clear();
    CHECK(texts(*open_engine(), at_cursor(marked)).front() == (is_closed ? "self.name" : "self.name)"));
    static std::vector<TokenId> first = contexts.front();
    CHECK(contexts.front() == first);
  }
}

TEST_CASE("complete: a completion ends with its paragraph") {
  check("def f():\n    ^\n", "a = 1\n    return a\n\n    b = 2", {"a = 1\n    return a"});
}

TEST_CASE("complete: silence beats noise") {
  check("def f(self):\n    return ^\n", "", {});
  check("def f(self):\n    return ^\n", "  \n ", {});
  check("x = ^\n", "1)", {"1"});          // nothing closes a bracket that is not open
  check("x = 1\n^y = 2\n", "y = 2", {});  // stands there anyway
  check("x = ^\n",
        "a\xFF"
        "b",
        {});  // no text at all
}

TEST_CASE("complete: a name that nothing declares is not offered") {
  check("name = 1\nx = ^\n", "name", {"name"});
  check("x = ^\n", "name", {});
  check("x = ^\n", "int(1)\ny = name", {"int(1)"});
  check("int x = ^;\n", "name", {}, "cpp");
  check("#include <a>\nint x = ^;\n", "name", {"name"}, "cpp");  // anything may be declared there
}

TEST_CASE("complete: as many lines as still parse") {
  check("x = 0^\n", " 0 + 1\n= = 5", {" + 1"});
}

TEST_CASE("complete: while typing, one statement where more would push something aside") {
  const auto offered = [](std::string_view marked, std::string_view answer, bool is_automatic) {
    set_answer(answer);
    CompleteRequest request = at_cursor(marked);
    request.is_automatic = is_automatic;
    return texts(*open_engine(), request);
  };
  using Texts = std::vector<std::string>;
  const std::string_view before_more = "def f(a):\n    ^\n    return a\n";
  CHECK(offered(before_more, "a = 1\n    a = 2", true) == Texts{"a = 1"});
  CHECK(offered(before_more, "a = 1\n    a = 2", false) == Texts{"a = 1\n    a = 2"});
  CHECK(offered(before_more, "if a:\n        a = 1\n    a = 2", true) == Texts{"if a:\n        a = 1"});
  CHECK(offered(before_more, "a = [\n        a,\n    ]\n    a = 2", true) ==
        Texts{"a = [\n        a,\n    ]"});
  CHECK(offered("def f(a):\n    ^\n", "a = 1\n    return a", true) == Texts{"a = 1\n    return a"});
}

TEST_CASE("complete: what closes a bracket itself and goes on takes the place of the editor's") {
  set_answer("x) {\n    x = 1;\n  }");
  const CompleteRequest request = at_cursor("void f(int x) {\n  if (^)\n}\n", "cpp");
  const Result<std::vector<Completion>> completions = open_engine()->complete(request, {});
  REQUIRE(completions.ok());
  REQUIRE(completions.value().size() == 1);
  CHECK(completions.value()[0].text == "x) {\n    x = 1;\n  }");
  CHECK(completions.value()[0].replaces == ByteRange{request.cursor, ByteOffset{request.cursor.value + 1}});
  check("void f(int x) {\n  g(^)\n}\n", "x)", {"x"}, "cpp");  // nothing behind it: inserted as ever
}

TEST_CASE("complete: typing asks for more confidence than a hand does") {
  set_answer("self.name", 0.6f);
  CompleteRequest request = at_cursor("def f(self):\n    return ^\n");
  CHECK(texts(*open_engine(), request).size() == 1);
  request.is_automatic = true;
  request.least_confidence = 0.7f;
  CHECK(texts(*open_engine(), request).empty());
  request.least_confidence = 0.5f;
  CHECK(texts(*open_engine(), request).size() == 1);
}

TEST_CASE("complete: candidates differ, and the surest comes first") {
  set_answer("self.name", 0.3f);
  const std::unique_ptr<Engine> engine = open_engine();
  // In a comment nearly everything parses.
  CompleteRequest request = at_cursor("# ^\n");
  request.limits.candidates = 12;
  const std::vector<std::string> found = texts(*engine, request);
  REQUIRE(found.size() >= 2);
  CHECK(found.size() <= 12);
  CHECK(found.front() == "self.name");
  CHECK(std::set<std::string>(found.begin(), found.end()).size() == found.size());
  CHECK(texts(*open_engine(), request) == found);
}

TEST_CASE("complete: candidates in every mode, where the first token is open") {
  // Whatever the first token is, the rest of the line follows.
  const std::vector<TokenId> rest = model()->tokenizer->encode("(name)");
  set_script([rest](std::span<const TokenId> cached, std::span<const TokenId>, int index) -> Scripted {
    int start = static_cast<int>(cached.size());
    while (start > 0 && cached[start - 1] != special::kMiddle) --start;
    const std::size_t at = cached.size() - start + index;
    if (at == 0) return {model()->tokenizer->encode("self")[0], 0.3f};
    return {at <= rest.size() ? rest[at - 1] : special::kEnd, 0.99f};
  });
  for (const Mode mode : {Mode::diffusion, Mode::causal, Mode::hybrid}) {
    CompleteRequest request = at_cursor("# ^\n");
    request.mode = mode;
    request.limits.candidates = 12;
    const std::vector<std::string> found = texts(*open_engine(), request);
    REQUIRE(found.size() >= 5);  // half of the tokens are no characters and leave nothing to show
    CHECK(found.front() == "self(name)");
    CHECK(std::set<std::string>(found.begin(), found.end()).size() == found.size());
  }
}

TEST_CASE("complete: what is less sure than asked for is not shown") {
  set_answer("self.name", 0.3f);
  EngineOptions options;
  options.least_confidence = 0.5f;
  CHECK(texts(*open_engine(options), at_cursor("def f(self):\n    return ^\n")).empty());
}

TEST_CASE("complete: a cursor outside of the text or inside a character is refused") {
  set_answer("x");
  const std::unique_ptr<Engine> engine = open_engine();
  CompleteRequest request = at_cursor("caf\xC3\xA9 = ^\n");
  for (const std::uint32_t offset : {4u, 100u}) {
    request.cursor = ByteOffset{offset};
    const Result<std::vector<Completion>> result = engine->complete(request, {});
    REQUIRE(!result.ok());
    CHECK(result.error().code == ErrorCode::invalid_input);
  }
}

TEST_CASE("complete: it can be stopped and watched") {
  set_answer("self.name", 0.3f);
  const std::unique_ptr<Engine> engine = open_engine();
  std::stop_source source;
  int steps = 0;
  const Result<std::vector<Completion>> result =
      engine->complete(at_cursor("x = ^\n"), source.get_token(), [&](const StepView& view) {
        CHECK(view.step == steps++);
        source.request_stop();
      });
  REQUIRE(!result.ok());
  CHECK(result.error().code == ErrorCode::stopped);
  CHECK(steps == 1);
}
