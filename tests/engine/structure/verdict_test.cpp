#include "engine/structure/verdict.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "engine/structure/parser.h"
#include "tests/engine/structure/annotated.h"

using namespace seedling;
using namespace seedling::testing;

namespace {

Verdict verdict_of(std::string_view text, std::string_view language) {
  const Result<Verdict> verdict = judge(text, language);
  REQUIRE(verdict.ok());
  return *verdict;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("judge: sound text is clean, broken text is not") {
  struct Row {
    std::string_view language;
    std::string_view text;
    bool is_clean;
  };
  const Row rows[] = {
      {"python", "", true},
      {"python", "def f(x):\n    return x\n", true},
      {"python", "def f(x)\n    return x\n", false},
      {"python", "print(1\n", false},
      {"python", "x = \n", false},
      {"python", "async def f():\n    async with a as b, c as d:\n        await b\n", true},
      {"python", "match x:\n    case [1, *rest] if rest:\n        pass\n", true},
      {"python", "def f[T](x: T) -> T: return x\ntype A = int\n", true},
      {"c", "int main(void) { return 0; }\n", true},
      {"c", "int main(void) { return 0 }\n", false},
      {"cpp", "template <class T> auto f(T&& x) { return [&]<class U>(U u) { return u; }; }\n", true},
      {"cpp", "int f() { return (1; }\n", false},
      {"javascript", "const f = async ({a, b = 1}, ...r) => a?.b ?? r;\n", true},
      {"javascript", "const f = (a => a;\n", false},
      {"typescript",
       "export abstract class A<T extends B> { private x!: T; get y(): T { return this.x as T } }\n", true},
      {"typescript", "interface A { x: ; }\n", false},
      {"typescriptreact", "const v = <A b={1}>{c}</A>;\n", true},
      {"typescriptreact", "const v = <A b={1}>{c}</B;\n", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.language);
    CAPTURE(row.text);
    CHECK(verdict_of(row.text, row.language).is_clean() == row.is_clean);
  }
}

TEST_CASE("judge: a candidate is compared with the text it replaces") {
  const Verdict broken = verdict_of("def f(x):\n    y = (x\n    return y\n", "python");
  const Verdict fixed = verdict_of("def f(x):\n    y = (x)\n    return y\n", "python");
  const Verdict worse = verdict_of("def f(x:\n    y = (x\n    return [y\n", "python");
  CHECK(fixed.is_clean());
  CHECK(fixed.parses_better_than(broken));
  CHECK(fixed.parses_no_worse_than(broken));
  CHECK(fixed.parses_no_worse_than(fixed));
  CHECK_FALSE(fixed.parses_better_than(fixed));
  CHECK_FALSE(broken.parses_no_worse_than(fixed));
  CHECK_FALSE(broken.parses_better_than(broken));
  CHECK(broken.parses_no_worse_than(broken));
  CHECK_FALSE(worse.parses_better_than(broken));
}

TEST_CASE("judge: text added inside a stretch that was broken before is not held against it") {
  const Verdict before{1, 0, 10, 100};
  CHECK(Verdict{1, 0, 30, 120}.parses_no_worse_than(before));
  CHECK_FALSE(Verdict{1, 0, 31, 120}.parses_no_worse_than(before));
  CHECK_FALSE(Verdict{1, 1, 5, 120}.parses_no_worse_than(before));
  CHECK(Verdict{0, 1, 0, 90}.parses_no_worse_than(before));
  CHECK(Verdict{1, 0, 9, 100}.parses_better_than(before));
}

TEST_CASE("judge: unknown languages and stopped requests are errors") {
  const Result<Verdict> unknown = judge("x", "cobol");
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().code == ErrorCode::unsupported);
  std::stop_source source;
  source.request_stop();
  const Result<Verdict> stopped_verdict = judge("x = 1\n", "python", source.get_token());
  REQUIRE_FALSE(stopped_verdict.ok());
  CHECK(stopped_verdict.error().code == ErrorCode::stopped);
}

TEST_CASE("parser: a stopped parse is not resumed by the next one") {
  // Large enough that the parser polls the token; stopped from another thread at an unknown point.
  std::string large;
  for (int i = 0; i < 200'000; ++i) large += "value = compute(first, second)[3] + {1: 2}\n";
  Parser parser(*grammar_of("python"));
  int stopped_count = 0;
  for (int round = 0; round < 3; ++round) {
    std::stop_source source;
    std::jthread stopper([&] { source.request_stop(); });
    const Result<SyntaxTree> first = parser.parse(large, source.get_token());
    if (!first.ok()) ++stopped_count;
    const Result<SyntaxTree> second = parser.parse("x = 1\n", {});
    REQUIRE(second.ok());
    CHECK(ts_node_end_byte(second->root()) == 6);
    CHECK_FALSE(ts_node_has_error(second->root()));
  }
  CHECK(stopped_count > 0);
}

TEST_CASE("syntax_problems: position and message") {
  const Annotated missing = annotated("c", "int main(void) {\n  /* é */ return 0\n}\n");
  const auto problems = syntax_problems(missing.snapshot.text, "c");
  REQUIRE(problems.ok());
  REQUIRE(problems->size() == 1);
  CHECK(problems->front().line == 2);
  CHECK(problems->front().column == 19);
  CHECK(problems->front().message == "missing ';'");

  const auto near = syntax_problems("x = 1\ny = = 2\n", "python");
  REQUIRE(near.ok());
  REQUIRE(near->size() == 1);
  CHECK(near->front().line == 2);
  CHECK(near->front().message.starts_with("syntax error near '"));

  const auto none = syntax_problems("x = 1\n", "python");
  REQUIRE(none.ok());
  CHECK(none->empty());

  std::string many;
  for (int i = 0; i < 300; ++i) many += "x = = 1\n";
  const auto limited = syntax_problems(many, "python", {}, 7);
  REQUIRE(limited.ok());
  CHECK(limited->size() == 7);
}

TEST_CASE("judge: real files of the Python library are clean, and deleting a line never makes them better") {
  const std::filesystem::path library = "/usr/lib/python3.11";
  if (!std::filesystem::exists(library / "argparse.py")) {
    MESSAGE("no Python library at " << library.string() << ": skipped");
    return;
  }
  std::mt19937 random(20261123);
  MESSAGE("seed 20261123");
  for (std::string_view name :
       {"abc.py", "argparse.py", "ast.py", "bisect.py", "calendar.py", "contextlib.py", "copy.py",
        "dataclasses.py", "enum.py", "functools.py", "heapq.py", "inspect.py", "json/decoder.py", "random.py",
        "shlex.py", "statistics.py", "textwrap.py", "typing.py"}) {
    CAPTURE(name);
    const std::string text = read(library / name);
    const Verdict whole = verdict_of(text, "python");
    CHECK(whole.is_clean());
    for (int round = 0; round < 3; ++round) {
      const std::size_t from = text.find('\n', random() % text.size());
      if (from == std::string::npos) continue;
      const std::size_t to = std::min(text.find('\n', from + 1), text.size());
      const Verdict cut = verdict_of(text.substr(0, from) + text.substr(to), "python");
      CHECK_FALSE(cut.parses_better_than(whole));
    }
  }
}
