#include "engine/structure/document_tree.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "engine/structure/parser.h"
#include "tests/support/random.h"

using namespace seedling;

namespace {

struct Source {
  std::string_view language, text;
};
constexpr Source kSources[] = {
    {"python",
     "import os\n\nclass A(B):\n    x = 1\n\n    def f(self, a, *b):\n        return [self.x + y for y in b "
     "if y]\n\n"
     "def g(n):\n    '''doc'''\n    for i in range(n):\n        if i: print(f'{i}')\n    else:\n        "
     "return None\n"},
    {"python", "def f(:\n    x = = 1\n  return (\n\nclass A\n    pass\n"},  // broken
    {"javascript",
     "import {a} from 'b';\nconst f = (x, ...y) => `${x}`;\nfunction g() { return {a, b: [1, 2]}; }\n"},
    {"javascript", "function ( { return x +; }\nconst = 3 }\n"},
    {"cpp",
     "#include <x>\nnamespace n {\ntemplate <class T>\nstruct A { int f(T t) const { return t * 2; } "
     "};\n}\n"},
    {"cpp", "int main( { return 0 \n#if X\n} else }\n"},
    {"c", "static int f(int a, char **b) {\n  for (int i = 0; i < a; ++i) g(b[i]);\n  return 0;\n}\n"},
    {"typescript",
     "interface A<T> { x: T; }\nexport class B implements A<number> { x = 1; f(y?: string): void {} }\n"},
};
constexpr std::string_view kPieces[] = {
    "",    "x", "(", ")",  "{\n", "}",       "\n", "    ", ":", "'", "\"", "def f():\n    pass\n",
    "= 1", ",", "é", "/*", "#",   "if x:\n", ";",  "[",    "`"};

DocumentTree opened(std::string_view text, std::string_view language) {
  Result<DocumentTree> tree = DocumentTree::open(text, language);
  REQUIRE(tree.ok());
  return std::move(tree.value());
}

std::string listed(const ScopeTable& table) {
  std::string all;
  const auto add = [&](std::initializer_list<std::uint64_t> numbers) {
    for (const std::uint64_t number : numbers) all += std::to_string(number) + " ";
    all += "\n";
  };
  for (const Scope& s : table.scopes())
    add({s.range.begin.value, s.range.end.value, s.parent, std::uint64_t(s.kind), s.is_open, s.is_broken,
         s.is_hidden, s.last, s.owner});
  for (const Declaration& d : table.declarations())
    add({d.name.begin.value, d.name.end.value, d.key, d.scope, std::uint64_t(d.kind), d.is_bare,
         d.visible_from.value});
  for (const Reference& r : table.references())
    add({r.name.begin.value, r.name.end.value, r.key, r.scope, std::uint64_t(r.role), r.is_lenient,
         r.object.begin.value, r.object.end.value});
  for (const Include& i : table.includes()) add({i.path.begin.value, i.path.end.value, i.is_quoted});
  add({table.depends_on_files()});
  return all;
}

// Everything that is said of the text.
std::string said(DocumentTree& tree) {
  std::string all = tree.expression().value();
  const LocatedVerdict verdict = tree.judge().value();
  all += "\n" + std::to_string(verdict.verdict.error_nodes) + " " +
         std::to_string(verdict.verdict.missing_nodes) + " " + std::to_string(verdict.verdict.error_bytes);
  for (const ByteRange& problem : verdict.problems)
    all += " " + std::to_string(problem.begin.value) + "-" + std::to_string(problem.end.value);
  return all + "\n" + listed(*tree.scopes().value());
}

std::string with_random_edit(std::string_view text, std::mt19937_64& random) {
  const std::size_t begin = pick(random, text.size() + 1);
  const std::size_t length =
      std::min<std::size_t>(pick(random, 4) == 0 ? pick(random, 30) : pick(random, 3), text.size() - begin);
  std::string edited(text.substr(0, begin));
  edited += kPieces[pick(random, std::size(kPieces))];
  edited += text.substr(begin + length);
  return edited;
}

}  // namespace

TEST_CASE("document tree: the difference of two texts is what lies between what they share") {
  CHECK(!difference("abc", "abc").has_value());
  const auto check = [](std::string_view before, std::string_view text, Edit expected) {
    CAPTURE(before);
    CAPTURE(text);
    const std::optional<Edit> edit = difference(before, text);
    REQUIRE(edit.has_value());
    CHECK(*edit == expected);
  };
  check("abc", "abxc", {{ByteOffset{2}, ByteOffset{2}}, "x"});
  check("abc", "ac", {{ByteOffset{1}, ByteOffset{2}}, ""});
  check("aaa", "aaaa", {{ByteOffset{3}, ByteOffset{3}}, "a"});
  check("", "a", {{ByteOffset{0}, ByteOffset{0}}, "a"});
  check("é", "è", {{ByteOffset{0}, ByteOffset{2}}, "è"});  // no character is cut
}

TEST_CASE("document tree: after edits and their inverses the same is said as at first") {
  const std::uint64_t seed = test_seed();
  INFO(repeat_with(seed));
  std::mt19937_64 random(seed);
  for (const Source& source : kSources) {
    CAPTURE(source.text);
    DocumentTree tree = opened(source.text, source.language);
    const std::string at_first = said(tree);
    for (int round = 0; round < 25; ++round) {
      std::vector<std::string> texts{std::string(source.text)};
      for (int i = 0; i < 6; ++i) {
        texts.push_back(with_random_edit(texts.back(), random));
        CAPTURE(texts.back());
        REQUIRE(tree.update(texts.back()).ok());
        CHECK(tree.text() == texts.back());
        // Whatever led to a text, what is said of it is what is said where it is opened.
        DocumentTree fresh = opened(texts.back(), source.language);
        if (round % 5 == 0) CHECK(said(tree) == said(fresh));
      }
      while (!texts.empty()) {
        REQUIRE(tree.update(texts.back()).ok());
        texts.pop_back();
      }
      CHECK(said(tree) == at_first);
    }
  }
}

TEST_CASE("document tree: scopes that followed edits are those of the whole text") {
  const std::uint64_t seed = test_seed() + 1;
  INFO(repeat_with(seed));
  std::mt19937_64 random(seed);
  for (const Source& source : kSources) {
    std::string text(source.text);
    DocumentTree tree = opened(text, source.language);
    REQUIRE(tree.scopes().ok());
    for (int i = 0; i < 60; ++i) {
      text = with_random_edit(text, random);
      CAPTURE(text);
      REQUIRE(tree.update(text).ok());
      const Result<SyntaxTree> whole = parse(text, source.language);
      REQUIRE(whole.ok());
      CHECK(listed(*tree.scopes().value()) == listed(scopes_of(*whole, text)));
      if (text.size() > 600) text = source.text;
    }
  }
}

TEST_CASE("document tree: a name that an edit uses and nothing declares") {
  DocumentTree tree = opened("value = 1\nx = \n", "python");
  const auto undeclared = [&](std::string_view text) {
    return tree.undeclared_with({{ByteOffset{14}, ByteOffset{14}}, std::string(text)}).value();
  };
  CHECK(!undeclared("value").has_value());
  CHECK(!undeclared("len(value)").has_value());
  REQUIRE(undeclared("values").has_value());
  CHECK(*undeclared("1 + values") == ByteRange{ByteOffset{18}, ByteOffset{24}});
}

TEST_CASE("document tree: the names that may be used, where all of them can be seen") {
  DocumentTree tree = opened("def f(first):\n    return \n\ndef g(): pass\n", "python");
  const HoleNames found = tree.names_around({25}).value();
  REQUIRE(found.are_all);
  for (const char* name : {"f", "first", "g", "len", "None", "return"})
    CHECK(std::ranges::binary_search(found.names, name));
  CHECK(!std::ranges::binary_search(found.names, "second"));
  DocumentTree open = opened("from a import *\nx = \n", "python");
  CHECK(!open.names_around({20}).value().are_all);
}

TEST_CASE("document tree: file endings among a language's words are no names") {
  const struct {
    const char *language, *text;
  } samples[] = {{"c", "int f(int first) {\n  return ;\n}\n"},
                 {"cpp", "int f(int first) {\n  return ;\n}\n"},
                 {"javascript", "export function f(first) {\n  return ;\n}\n"},
                 {"typescript", "export function f(first: number) {\n  return ;\n}\n"}};
  for (const auto& [language, text] : samples) {
    CAPTURE(language);
    DocumentTree tree = opened(text, language);
    const auto at = static_cast<std::uint32_t>(std::string_view(text).find(";"));
    const HoleNames found = tree.names_around({at}).value();
    CHECK(found.are_all);
    CHECK(std::ranges::binary_search(found.names, "first"));
  }
}

TEST_CASE("document tree: an edit is judged as if it had been made, and is not made") {
  DocumentTree tree = opened("x = \ny = 2\n", "python");
  const std::string before = said(tree);
  const Edit good{{ByteOffset{4}, ByteOffset{4}}, "1"}, bad{{ByteOffset{4}, ByteOffset{4}}, "(1"};
  CHECK(tree.judge_with(good).value().verdict.is_clean());
  const LocatedVerdict broken = tree.judge_with(bad).value();
  CHECK(!broken.verdict.is_clean());
  CHECK(!broken.problems.empty());
  CHECK(said(tree) == before);
  REQUIRE(tree.update("x = 1\ny = 2\n").ok());
  CHECK(tree.judge().value().problems.empty());
}

TEST_CASE("document tree: what a macro brings about counts where it was parsed only") {
  DocumentTree tree = opened("void f(int *list) {\n  for_each_item(item, list)\n    use(item);\n}\n", "c");
  const LocatedVerdict before = tree.judge().value();
  CHECK(before.verdict.is_clean());
  CHECK(!before.parsed.is_clean());
  CHECK(before.parses_no_worse_than(before));
  LocatedVerdict after = before;
  after.verdict.error_nodes = 1;  // what was explained is not any more
  CHECK(after.parses_no_worse_than(before));
  ++after.parsed.error_nodes;
  CHECK_FALSE(after.parses_no_worse_than(before));
}

TEST_CASE("document tree: a stopped update leaves everything as it was") {
  DocumentTree tree = opened("x = 1\n", "python");
  std::stop_source stop;
  stop.request_stop();
  const Status stopped = tree.update("x = 2\n", stop.get_token());
  REQUIRE(!stopped.ok());
  CHECK(stopped.error().code == ErrorCode::stopped);
  CHECK(tree.text() == "x = 1\n");
  CHECK(tree.update("x = 2\n").ok());
  CHECK(said(tree) == said(*std::make_unique<DocumentTree>(opened("x = 2\n", "python"))));
}

TEST_CASE("document tree: a place outside of everything that is open") {
  const std::string text = "a = 1\n\ndef f():\n    return (1,\n2)\n\nb = 2\n";
  const DocumentTree tree = opened(text, "python");
  const auto calm = [&](std::string_view word) {
    return tree.calm_before({static_cast<std::uint32_t>(text.find(word))});
  };
  CHECK(calm("a = 1") == 0);
  CHECK(calm("2)") == text.find("def"));
  CHECK(calm("b = 2") <= text.find("b = 2"));
  CHECK(opened("x = (\n", "python").calm_before({5}) == 0);
  CHECK(!DocumentTree::open("x", "cobol").ok());
}
