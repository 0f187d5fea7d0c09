#include "grammars/registry.h"

#include <doctest/doctest.h>
#include <tree_sitter/api.h>

#include <string>

#include "grammars/words.h"

using namespace seedling;

TEST_CASE("languages are found by id, alias and path") {
  struct Row {
    std::string_view path;
    std::string_view language;
  };
  const Row rows[] = {{"a/b.py", "python"},
                      {"x.C", "c"},
                      {"src/main.cpp", "cpp"},
                      {"include/x.h", "cpp"},
                      {"a.mjs", "javascript"},
                      {"a.jsx", "javascript"},
                      {"a.d.ts", "typescript"},
                      {"View.tsx", "typescriptreact"},
                      {"a.go", "go"},
                      {"a.rs", "rust"},
                      {"A.java", "java"},
                      {"a.j", ""},
                      {"a.", ""},
                      {"README", ""},
                      {"dir.py/README", ""},
                      {"archive.tar.gz", ""},
                      {"", ""},
                      {"C:\\work\\a.py", "python"},
                      {".py", "python"}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(language_of_path(row.path) == row.language);
  }
  CHECK(grammar_of("javascriptreact") == grammar_of("javascript"));
  CHECK(grammar_of("python") == grammar_of_path("a.py"));
  CHECK(grammar_of("cobol") == nullptr);
  CHECK(grammar_of("") == nullptr);
}

TEST_CASE("every language parses a line and every embedded query compiles") {
  struct Row {
    std::string_view language;
    std::string_view text;
  };
  const Row rows[] = {{"python", "def f(x):\n    return x\n"},
                      {"c", "int f(int x) { return x; }\n"},
                      {"cpp", "auto f(int x) -> int { return [&] { return x; }(); }\n"},
                      {"javascript", "const f = (x) => <b>{x}</b>;\n"},
                      {"typescript", "const f = <T>(x: T): T => x as T;\n"},
                      {"typescriptreact", "const f = (x: number) => <b>{x}</b>;\n"},
                      {"go", "package a\n\nfunc f(x int) int { return x }\n"},
                      {"rust", "fn f(x: i32) -> i32 { x }\n"},
                      {"java", "class A { int f(int x) { return x; } }\n"}};
  CHECK(std::size(rows) == all_grammars().size());
  for (const Row& row : rows) {
    CAPTURE(row.language);
    const Grammar* grammar = grammar_of(row.language);
    REQUIRE(grammar != nullptr);
    CHECK(!grammar->extensions.empty());
    CHECK_FALSE(words_of(*grammar, "keywords").empty());

    TSParser* parser = ts_parser_new();
    REQUIRE(ts_parser_set_language(parser, grammar->language()));
    TSTree* tree =
        ts_parser_parse_string(parser, nullptr, row.text.data(), static_cast<std::uint32_t>(row.text.size()));
    REQUIRE(tree != nullptr);
    CHECK_FALSE(ts_node_has_error(ts_tree_root_node(tree)));
    ts_tree_delete(tree);
    ts_parser_delete(parser);

    for (std::string_view name : {"statements", "expressions"}) {
      CAPTURE(name);
      const std::string_view text = grammar->query(name);
      CHECK_FALSE(text.empty());
      std::uint32_t offset = 0;
      TSQueryError error = TSQueryErrorNone;
      TSQuery* query = ts_query_new(grammar->language(), text.data(), static_cast<std::uint32_t>(text.size()),
                                    &offset, &error);
      CAPTURE(offset);
      CAPTURE(text.substr(offset, 40));
      CHECK(error == TSQueryErrorNone);
      if (query != nullptr) ts_query_delete(query);
    }
    CHECK(grammar->query("no-such-query").empty());
  }
}
