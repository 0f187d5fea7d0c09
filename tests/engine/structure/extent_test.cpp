#include "engine/structure/extent.h"

#include <doctest/doctest.h>

#include <string>

namespace seedling {
namespace {

// '^' is the cursor.
struct At {
  Snapshot snapshot;
  ByteOffset cursor;
};

At at(std::string marked, std::string language = "python") {
  const std::size_t cursor = marked.find('^');
  REQUIRE(cursor != std::string::npos);
  marked.erase(cursor, 1);
  return {{"a", std::move(language), 0, std::move(marked)}, {static_cast<std::uint32_t>(cursor)}};
}

bool wants_block(const char* marked, const char* language) {
  CAPTURE(marked);
  const At place = at(marked, language);
  const Result<Extent> extent = extent_at(place.snapshot, place.cursor);
  REQUIRE(extent.ok());
  return *extent == Extent::block;
}

TEST_CASE("extent: a block is wanted where one begins or ends, and no statement stands in the way") {
  CHECK(wants_block("def f():\n    ^\n", "python"));
  CHECK(wants_block("def f():^", "python"));
  CHECK(wants_block("def f():\n    x = 1\n    ^\n\ndef g():\n    pass\n", "python"));
  CHECK(wants_block("^", "python"));
  CHECK(wants_block("import os\n^\ndef f():\n    pass\n", "python"));
  CHECK(wants_block("void f() {^}\n", "cpp"));
  CHECK(wants_block("void f() {\n  g();\n  ^\n}\n", "cpp"));
  CHECK(wants_block("const f = () => {\n  ^\n};\n", "javascript"));
  CHECK(wants_block("do {\n  ^\n", "no such language"));
}

TEST_CASE("extent: elsewhere one statement is enough") {
  CHECK(!wants_block("def f():\n    ^\n    return x\n", "python"));
  CHECK(!wants_block("def f():^\n    return x\n", "python"));
  CHECK(!wants_block("x = ^\n", "python"));
  CHECK(!wants_block("x = ^ + 1\n", "python"));
  CHECK(!wants_block("  ^x\n", "python"));
  CHECK(!wants_block("# why: ^\n", "python"));
  CHECK(!wants_block("\"\"\"\n^\n\"\"\"\n", "python"));
  CHECK(!wants_block("void f() {\n  ^\n  g();\n}\n", "cpp"));
  CHECK(!wants_block("f(a,\n  ^\n);\n", "javascript"));
}

TEST_CASE("extent: a text is unfinished while a bracket of its own is open, or a block begins") {
  const auto ends_early = [](const char* marked, const char* text, const char* language) {
    const At place = at(marked, language);
    return is_unfinished(place.snapshot, place.cursor, text);
  };
  CHECK(ends_early("x = ^", "f(a,", "python"));
  CHECK(ends_early("^", "if x:", "python"));
  CHECK(ends_early("^", "if (x) {", "cpp"));
  CHECK(ends_early("f(^)", "g(", "cpp"));
  CHECK(!ends_early("x = ^", "f(a)", "python"));
  CHECK(!ends_early("f(^)", "a, b", "cpp"));
  CHECK(!ends_early("f(^", "a)", "cpp"));
  CHECK(!ends_early("x = ^", "\"(", "python"));
  CHECK(!ends_early("case 1^", ":", "cpp"));
  CHECK(!ends_early("x = ^", "", "python"));
}

TEST_CASE("extent: the first statement of nothing is nothing, at any place") {
  const At place = at("a(\n^\n)", "cpp");
  CHECK(first_statement(place.snapshot, place.cursor, "") == 0);
  CHECK(first_statement(place.snapshot, place.cursor, " \n ") == 3);
  CHECK(first_statement(place.snapshot, {999}, "x\ny") == 1);
}

TEST_CASE("extent: a stopped parse is an error") {
  std::stop_source stop;
  stop.request_stop();
  const At place = at("def f():\n    ^\n");
  const Result<Extent> extent = extent_at(place.snapshot, place.cursor, stop.get_token());
  REQUIRE(!extent.ok());
  CHECK(extent.error().code == ErrorCode::stopped);
}

}  // namespace
}  // namespace seedling
