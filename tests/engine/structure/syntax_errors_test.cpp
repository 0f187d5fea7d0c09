#include "engine/structure/syntax_errors.h"

#include <doctest/doctest.h>

#include <string>

#include "engine/structure/verdict.h"

using namespace seedling;

namespace {

std::size_t problems(std::string_view text, std::string_view language = "c") {
  const auto found = syntax_problems(text, language);
  REQUIRE(found.ok());
  CHECK((found->empty() == judge(text, language).value().is_clean()));
  return found->size();
}

}  // namespace

TEST_CASE("syntax errors: what a macro brings about is none") {
  for (const std::string_view text : {
           "struct state FAR *f(struct state FAR *s) { return s; }\n",
           "int ZEXPORT inflate(int strm) { return strm; }\n",
           "static void f(int *now UNUSED, int *num) { *num = 1; }\n",
           "typedef int (WINAPI *F)(int a, int b);\n",
           "int f OF((int a));\n",
           "#define local static\nlocal int x;\nlocal int f(void) { return x; }\n",
           "void f(int n) {\n  printf(\"%\" PRIu64 \" and\" PRId32, n, n);\n}\n",
           "void f(int *list) {\n  for_each_item(item, list)\n    use(item);\n}\n",
           "void f(int a) {\n  if (a) {\n#if X\n  } else {\n#endif\n    g();\n  }\n}\n",
       }) {
    CAPTURE(text);
    CHECK(problems(text) == 0);
  }
  CHECK(problems("class EXPORT A : public B { Q_OBJECT public: int f(); };\n", "cpp") == 0);
}

TEST_CASE("syntax errors: a mistake beside a macro or a constant is one") {
  for (const std::string_view text : {
           "int f(int a) { if (a == NULL { return 1; } return 0; }\n",
           "int f(void) { return MAX_SIZE\n}\n",
           "int f(void) {\n  int a = LIMIT\n  return a;\n}\n",
           "int f(int a { return a; }\n",
           "int f(void) { return (1 + ; }\n",
           "void f(void) {\n  g(1)\n  h(2);\n}\n",
       }) {
    CAPTURE(text);
    CHECK(problems(text) > 0);
  }
}

TEST_CASE("syntax errors: languages without a preprocessor have no macros") {
  CHECK(problems("var a = 1\nvar FAR b = 2;\n", "javascript") > 0);
  CHECK(problems("x = FOO bar\n", "python") > 0);
}
