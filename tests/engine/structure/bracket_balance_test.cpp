#include "engine/structure/bracket_balance.h"

#include <doctest/doctest.h>

#include <string_view>

using namespace seedling;

namespace {

// '^' stands where the hole is.
BracketBalance balance(std::string_view marked, std::string_view language = "javascript") {
  const std::size_t at = marked.find('^');
  return {marked.substr(0, at), marked.substr(at + 1), language};
}

}  // namespace

TEST_CASE("bracket balance: what is even needs nothing") {
  for (const std::string_view text :
       {"f(^);\n", "function f() {\n  ^\n}\n", "^\nx();\n", "if (a) {\n  b();\n^\n} else {\n}\n"}) {
    CAPTURE(text);
    CHECK(balance(text).is_even());
    CHECK(balance(text).missing_closers().empty());
    CHECK(!balance(text).misses_openers());
  }
  CHECK(balance("f([^]);\n").is_even("(["));
  CHECK(!balance("f([^]);\n").is_even("[("));
}

TEST_CASE("bracket balance: a line that closes is missing where the next one is no deeper than the block's") {
  CHECK(balance("for (;;) {\n  a();\n^\nreturn 1;\n").missing_closers() == "}");
  CHECK(balance("function f() {\n  for (;;) {\n    a();\n^\n}\n").missing_closers() == "}");
  CHECK(balance("x.map(function (a) {\n  return a;\n^\ny();\n").missing_closers() == "})");
  CHECK(balance("\tif (a) {\n\t\tb();\n^\n\telse {\n\t\tc();\n\t}\n").missing_closers() == "}");
}

TEST_CASE("bracket balance: a line that opens is missing before one that is deeper") {
  CHECK(balance("a();\n^\n  b();\n}\n").misses_openers());
  CHECK(balance("function f() {\n  var a;\n^\n    b();\n  }\n}\n").misses_openers());
  CHECK(balance("function f() {\n^\n    b();\n  }\n  c();\n}\n").misses_openers());
  CHECK(balance("int f() {\n^\n    b();\n  }\n  c();\n}\n", "cpp").misses_openers());
}

TEST_CASE("bracket balance: brackets alone or indentation alone prove nothing") {
  for (const std::string_view text : {
           "function f() {\n  a();\n^",            // the end of a text that is written from above
           "function f() {\n  a();\n^\n  b();\n",  // closed later, if at all
           "switch (a) {\n^\ncase 1:\n}\n",        // no deeper, but even
           "a();\n^\nb();\n}\n",                   // a bracket too many somewhere
           "a();\n^\n    .b();\n",                 // deeper, but even
       }) {
    CAPTURE(text);
    CHECK(balance(text).missing_closers().empty());
    CHECK(!balance(text).misses_openers());
  }
}

TEST_CASE("bracket balance: comments and strings hold no brackets and no lines") {
  CHECK(balance("if (a) {\n  b('}');  // }\n^\n  // deeper {\nc();\n").missing_closers() == "}");
  CHECK(balance("if (a) {\n  b(`\nx }\n`);\n^\nc();\n").missing_closers() == "}");
}

TEST_CASE("bracket balance: nothing is said of what does not read like code") {
  CHECK(!balance("a)\n^\n").is_known());
  CHECK(!balance("^\nf(\n").is_known());
  CHECK(!balance("f(^" + std::string(100'000, ' ') + ")").is_known());
}
