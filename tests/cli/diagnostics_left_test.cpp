#include "cli/diagnostics_left.h"

#include "cli/diagnostics_input.h"
#include "tests/cli/program.h"

using namespace seedling;
using namespace seedling::cli;

namespace {

Snapshot source(std::string text) {
  Snapshot snapshot;
  snapshot.language = "cpp";
  snapshot.path = "a.cpp";
  snapshot.text = std::move(text);
  return snapshot;
}

Diagnostic said(std::uint32_t at, std::string message) {
  return {{ByteOffset{at}, ByteOffset{at}}, std::move(message), "", ""};
}

Edit insertion(std::uint32_t at, std::string text) {
  return {{ByteOffset{at}, ByteOffset{at}}, std::move(text)};
}

}  // namespace

DOCTEST_TEST_CASE("diagnostics: g++ counts a tab as the columns up to the next stop, others as one") {
  const Snapshot snapshot = source("\tcin >> m ;\n\tx = y ;\n");
  DOCTEST_CHECK(reported_offset(snapshot, 1, 16, "‘m’ was not declared in this scope").value == 8);
  DOCTEST_CHECK(reported_offset(snapshot, 1, 9, "‘m’ was not declared in this scope").value == 8);
  DOCTEST_CHECK(reported_offset(snapshot, 1, 9, "use of undeclared identifier 'm'").value == 8);
  DOCTEST_CHECK(reported_offset(snapshot, 2, 9, "expected ‘;’ before something").value ==
                13);  // g++'s quotes
  DOCTEST_CHECK(reported_offset(snapshot, 2, 2, "expected ';' before something").value == 13);
  DOCTEST_CHECK(reported_offset(snapshot, 2, 99, "‘y’").value == 20);
  DOCTEST_CHECK(reported_offset(source("  m;"), 1, 3, "‘m’").value == 2);
}

DOCTEST_TEST_CASE("diagnostics: after a fix those behind it move and its consequences go") {
  const Snapshot before = source("int f() { return x + 1; } int g() { return x; } int h() { return z; }");
  const Diagnostic first = said(17, "'x' was not declared");
  const auto left = diagnostics_left({said(43, "'x' was not declared"), said(65, "'z' was not declared")},
                                     first, insertion(0, "int x; "), before, source("int x; " + before.text));
  DOCTEST_REQUIRE(left.size() == 1);
  DOCTEST_CHECK(left[0].range.begin.value == 72);

  const Snapshot broken = source("int f() { int a = 1 int b = 2; return c; }");
  const auto rest = diagnostics_left({said(4, "unused 'f'"), said(38, "'c' was not declared")},
                                     said(20, "expected ';' before 'int'"), insertion(19, ";"), broken,
                                     source("int f() { int a = 1; int b = 2; return c; }"));
  DOCTEST_REQUIRE(rest.size() == 1);  // what was said behind a place that nothing explained
  DOCTEST_CHECK(rest[0].range.begin.value == 4);
}
