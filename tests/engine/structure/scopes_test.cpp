#include "engine/structure/scopes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "engine/structure/parser.h"
#include "grammars/words.h"
#include "tests/engine/structure/annotated.h"

using namespace seedling;
using namespace seedling::testing;

namespace {

constexpr std::string_view kKinds[] = {"variable", "constant", "parameter", "function", "type",   "space",
                                       "import",   "member",   "label",     "macro",    "builtin"};
constexpr std::string_view kRoles[] = {"read", "write", "call", "type", "member", "label", "macro"};

struct Made {
  std::string text;
  ScopeTable table;
};

Made made(std::string_view language, std::string_view text) {
  Made result{std::string(text), {}};
  auto tree = parse(result.text, language);
  REQUIRE(tree.ok());
  result.table = scopes_of(*tree, result.text);
  return result;
}

std::string_view name_in(const Made& made, ByteRange range) {
  return std::string_view(made.text).substr(range.begin.value, range.size());
}

// "name:kind" of every declaration; a dot before one that needs an object, a number behind one that is not in
// the file.
std::string declared(const Made& made) {
  std::string all;
  for (const Declaration& d : made.table.declarations()) {
    all += (all.empty() ? "" : " ") + std::string(d.is_bare ? "" : ".");
    all.append(name_in(made, d.name)).append(":").append(kKinds[static_cast<std::size_t>(d.kind)]);
    if (d.scope != 0) all += "@" + std::to_string(d.scope);
  }
  return all;
}

std::string used(const Made& made) {
  std::string all;
  for (const Reference& use : made.table.references()) {
    all += all.empty() ? "" : " ";
    all.append(name_in(made, use.name)).append(":").append(kRoles[static_cast<std::size_t>(use.role)]);
    if (use.is_lenient) all += "?";
    if (use.object.size() > 0) all.append("<").append(name_in(made, use.object));
  }
  return all;
}

}  // namespace

TEST_CASE("scopes: every language says what is declared and what is used") {
  struct Row {
    std::string_view language, source, declarations, references;
  };
  const Row rows[] = {
      {"python", "import a.b as c\nx: int = c.d(x=1)\n", "c:import x:variable", "int:read c:read d:member<c"},
      {"python", "class A(B):\n  k = 1\n  def m(self, *q): self.z = [i for i in q]\n",
       "A:type k:variable@1 m:function@1 self:parameter@2 q:parameter@2 .z:member@1 i:variable@3",
       "B:read self:read i:read q:read"},
      {"c", "#define N 3\ntypedef struct a { int x; } *b;\nb f(int y) { goto l; l: return y; }\n",
       "N:macro a:type .x:member@1 b:type f:function y:parameter@2 .l:label@4", "b:type l:label y:read"},
      {"cpp", "namespace n { template <class T> class A { T v; A(int x) : v(x) {} }; }\n",
       "n:space T:type@2 A:type@1 v:member@3 A:function@3 x:parameter@4", "T:type v:member x:read"},
      {"javascript", "import a, { b as c } from 'x';\nconst [d, { e: f }] = c(a.g);\nd = 1;\n",
       "a:import c:import d:variable f:variable", "c:call a:read g:member<a d:write"},
      {"typescript", "interface I<T> { p: T }\nfunction f(x: I<E>, y?: string) {}\nenum E { A }\n",
       "I:type T:type@1 .p:member@1 f:function x:parameter@2 y:parameter@2 E:type A:member@4",
       "T:type I:type E:type"},
      {"go", "package a\ntype T struct { x int }\nfunc (t *T) M(y int) int { return t.x + y }\n",
       "T:type .x:member@1 t:parameter@2 .M:member@2 y:parameter@2",
       "int:type T:type int:type int:type t:read? x:member<t y:read"},
      {"rust", "use a::B;\nstruct P { x: u8 }\nimpl P { fn m(&self, y: B) -> u8 { let z = self.x; z } }\n",
       "B:import P:type .x:member@1 m:function@2 y:parameter@3 z:variable@4",
       "a:read? P:type B:type x:member<self z:read"},
      {"java", "import a.B;\nclass A { int k; int f(B b) { return b.g() + k; } }\n",
       "B:import A:type k:member@1 f:member@1 b:parameter@2", "B:type? b:read? g:member<b k:read"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    const Made result = made(row.language, row.source);
    CHECK(declared(result) == row.declarations);
    CHECK(used(result) == row.references);
  }
}

TEST_CASE("scopes: what opens one opens what it holds, and nothing else") {
  const auto is_closed_at = [](std::string_view language, std::string_view source) {
    const Annotated input = annotated(language, source);
    const Made result = made(language, input.snapshot.text);
    return result.table.is_closed(result.table.scope_at(input.range.begin));
  };
  CHECK(is_closed_at("python", "def f():\n    ‸pass\n"));
  CHECK_FALSE(is_closed_at("python", "from a import *\ndef f():\n    ‸pass\n"));
  CHECK_FALSE(is_closed_at("python", "def f():\n    ‸pass\nexec('x')\n"));
  CHECK_FALSE(is_closed_at("javascript", "export function f() { with (a) { ‸ } }\n"));
  CHECK(is_closed_at("javascript", "export function f() { with (a) { } ‸ }\n"));
  CHECK(is_closed_at("javascript", "export function f() { eval('x'); }\nfunction g() { ‸ }\n"));
  CHECK_FALSE(is_closed_at("javascript", "export function f() { eval('x'); ‸ }\n"));
  CHECK_FALSE(is_closed_at("javascript", "function f() { ‸ }\n"));
  CHECK_FALSE(is_closed_at("c", "#include <a.h>\nint f() { ‸ }\n"));
  CHECK(is_closed_at("c", "int f() { ‸ }\n"));
  CHECK_FALSE(is_closed_at("cpp", "struct A : B { int f() { ‸ } };\n"));
  CHECK(is_closed_at("cpp", "struct A : B { }; int f() { ‸ }\n"));
  CHECK_FALSE(is_closed_at("python", "def f(:\n    ‸pass\n"));
}

TEST_CASE("scopes: members of self, this and receivers") {
  const auto members_at = [](std::string_view language, std::string_view source) {
    const Annotated input = annotated(language, source);
    const Made result = made(language, input.snapshot.text);
    std::vector<DeclarationIndex> found;
    result.table.members_at(result.table.scope_at(input.range.begin), found);
    std::string all;
    for (const DeclarationIndex i : found)
      all.append(all.empty() ? "" : " ").append(name_in(result, result.table.declarations()[i].name));
    return all;
  };
  CHECK(members_at("python", "class A:\n  k = 1\n  def m(self):\n    self.x = 1\n    ‸pass\n") == "k m x");
  CHECK(members_at("python", "def f():\n  ‸pass\n") == "");
  CHECK(members_at("javascript", "class A { #p = 1; m() { this.q = 1; ‸ } }\nclass B { n() {} }\n") ==
        "#p m q");
  CHECK(members_at("cpp", "struct A { int v; int f(); };\nint A::f() { ‸ }\n") == "v f");
  CHECK(members_at("go", "package a\ntype T struct { x int }\nfunc (t *T) M() { ‸ }\nfunc (t T) N() {}\n") ==
        "x M N");
  CHECK(members_at("rust", "struct P { x: u8 }\nimpl P { fn m(&self) { ‸ } }\n") == "x m");
  CHECK(members_at("java", "class A { int k; void f() { ‸ } }\n") == "k f");
}

TEST_CASE("scopes: a name means the declaration nearest to it") {
  const Made result = made("python", "x = 1\ndef f(x):\n  return x\ny = x\n");
  const auto& uses = result.table.references();
  REQUIRE(uses.size() == 2);
  CHECK(result.table.declarations()[result.table.find(uses[0].key, uses[0].scope)].kind ==
        NameKind::parameter);
  CHECK(result.table.declarations()[result.table.find(uses[1].key, uses[1].scope)].kind ==
        NameKind::variable);
  CHECK(result.table.find(name_key("z"), 0) == kNoIndex);
  CHECK(result.table.is_builtin(name_key("len")));
  CHECK_FALSE(result.table.is_builtin(name_key("x")));
}

TEST_CASE("scopes: an empty text and a broken one") {
  for (const Grammar& grammar : all_grammars()) {
    CAPTURE(grammar.id);
    CHECK(made(grammar.id, "").table.scopes().size() == 1);
    const Made broken = made(grammar.id, "((((]]] def class { x = \n\"");
    CHECK(std::ranges::any_of(broken.table.scopes(), &Scope::is_broken));
    CHECK_FALSE(words_of(grammar, "keywords").empty());
    CHECK_FALSE(section_of(grammar, "variable").empty());
  }
}
