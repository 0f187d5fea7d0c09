#include "engine/structure/gap_names.h"

#include <doctest/doctest.h>

#include "engine/structure/scopes.h"

using namespace seedling;

namespace {

// '^' stands where the gap is.
GapNames names_in(std::string marked, std::string_view language) {
  const std::size_t at = marked.find('^');
  marked.erase(at, 1);
  return gap_names(scopes_of(marked, language).value(), marked, {static_cast<std::uint32_t>(at)});
}

std::string spelt(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : " ") + name;
  return all;
}

std::string missing(std::string marked, std::string_view language = "python") {
  return spelt(names_in(std::move(marked), language).missing);
}

std::string unread(std::string marked, std::string_view language = "python") {
  return spelt(names_in(std::move(marked), language).unread);
}

}  // namespace

TEST_CASE("gap names: what the text behind a gap uses and nothing declares") {
  CHECK(missing("def f(xs):\n^\n    for x in xs:\n        total.append(x)\n    return total\n") == "total");
  CHECK(missing("def f(xs):\n    n = 0\n^\n        n = x\n    return n\n") == "x");  // of a loop
  CHECK(missing("function f(xs) {\n^\n  return total + xs;\n}\n", "javascript") == "total");
  CHECK(missing("export function f(xs: number) {\n^\n  return total + xs;\n}\n", "typescript") == "total");
}

TEST_CASE("gap names: a name is missing too that is declared too late") {
  CHECK(missing("def f(xs):\n^\n    for x in xs:\n        n += x\n    return n\n") == "n");
  CHECK(missing("def f(xs):\n^\n    n = n + 1\n    return n\n") == "n");
  CHECK(missing("def f(xs):\n    n = 0\n^\n    n += 1\n    return n\n").empty());
  CHECK(missing("def f(xs):\n^\n    n = 1\n    return n\n").empty());
  CHECK(missing("def f(xs):\n^\n    for n in xs:\n        g = n\n    return g\n").empty());
}

TEST_CASE("gap names: what is declared around, imported or built in is not missing") {
  CHECK(missing("import os\nLIMIT = 1\ndef f(xs):\n^\n    return os, LIMIT, xs, len\n").empty());
  CHECK(missing("from m import *\ndef f(xs):\n^\n    return total\n").empty());       // may bring in anything
  CHECK(missing("def f(xs):\n^\n    return 1\n\ndef g():\n    return y\n").empty());  // not in this function
  CHECK(missing("^\nprint(a, b, c, d)\n").empty());                                   // not written yet
  CHECK(missing("def f(xs):\n^\n    return xs.total\n").empty());
}

TEST_CASE("gap names: at the outermost level names may be imported") {
  CHECK(names_in("^\nos.getcwd()\n", "python").is_outermost);
  CHECK(!names_in("def f():\n^\n    return os\n", "python").is_outermost);
}

TEST_CASE("gap names: variables and parameters that nothing reads") {
  CHECK(unread("def f(xs, ys):\n    n = 0\n^\n    return ys\n") == "xs n");
  CHECK(unread("def f(self, _x):\n^\n    return 1\n").empty());
  CHECK(unread("def f(xs):\n    out = []\n    for x in xs:\n        out.append(x)\n^\n") == "out");
  CHECK(unread("def f(xs):\n    out = []\n    y = out.pop()\n^\n    return xs, y\n").empty());
  CHECK(unread("function f(a, b) {\n  const c = a;\n^\n}\n", "javascript") == "b c");
  CHECK(unread("a = 1\n^\n").empty());  // other files may read it
}

TEST_CASE("gap names: what the end of a function returns") {
  const auto returned = [](std::string marked, std::string_view language = "python") {
    return spelt(names_in(std::move(marked), language).returned);
  };
  CHECK(returned("def f(xs):\n    n = 0\n    for x in xs:\n        n += 1\n^\n") == "n");
  CHECK(returned("def f(xs):\n    n = 0\n^\n    return 1\n").empty());
  CHECK(returned("def f():\n    try:\n        g = 1\n    except E as e:\n^\n") == "g");
  CHECK(returned("function f(xs) {\n  let n = 0;\n^\n}\n", "javascript") == "n");
  CHECK(returned("def f(xs):\n    n = 0\n\n\n^\nclass A:\n    pass\n").empty());  // behind the function
}

TEST_CASE("gap names: whether the end of a function may return something") {
  const auto may_return = [](std::string marked, std::string_view language = "python") {
    return names_in(std::move(marked), language).may_return;
  };
  CHECK(may_return("def f(x) -> int:\n    g(x)\n^\n"));
  CHECK(!may_return("def f(x) -> None:\n    g(x)\n^\n"));
  CHECK(!may_return("def f(x):\n    g(x)\n^\n"));
  CHECK(may_return("def f(x):\n    if x:\n        return 1\n^\n"));
  CHECK(!may_return("def f(x):\n    if x:\n        return\n^\n"));
  CHECK(!may_return("def f(x) -> int:\n^\n    return x\n"));
  CHECK(may_return("function f(x) {\n  if (x)\n    return 1;\n^\n}\n", "javascript"));
}

TEST_CASE("gap names: what is counted and what is collected") {
  const auto began_as = [](std::string marked, std::string_view language = "python") {
    const GapNames names = names_in(std::move(marked), language);
    return spelt(names.counted) + "; " + spelt(names.collected);
  };
  CHECK(began_as("def f(xs):\n^\n    for x in xs:\n        n += 1\n    return n\n") == "n; ");
  CHECK(began_as("def f(xs):\n^\n    for x in xs:\n        n += x\n    return n\n") == "; ");
  CHECK(began_as("def f(xs):\n^\n    for x in xs:\n        out.append(x)\n    return out\n") == "; out");
  CHECK(began_as("def f(xs):\n    n = 0\n^\n    n += 1\n    return n\n") == "; ");
  CHECK(began_as("function f(xs) {\n^\n  for (const x of xs) { n++; out.push(x); }\n}\n", "javascript") ==
        "n; out");
}
