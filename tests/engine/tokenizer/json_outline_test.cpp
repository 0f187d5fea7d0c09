#include "engine/tokenizer/json_outline.h"

#include <doctest/doctest.h>

namespace seedling {
namespace {

using Json = nlohmann::json;
using Row = JsonOutline::VocabularyRow;

JsonOutline outline_of(const std::string& json) {
  auto outline = read_outline(json, "x");
  if (!outline) FAIL(outline.error().message);
  return *outline;
}

TEST_CASE("json outline: the document without its tables, the tables row by row") {
  const JsonOutline outline = outline_of(R"({"a": [1, {"b": -2.5}, []], "model": {"type": "BPE",
      "vocab": {"x": 7, "\u0120y": 0}, "merges": [["x", "\u0120y"], "x x"], "z": null}, "vocab": {"q": true}})");
  CHECK(outline.document == Json::parse(R"({"a": [1, {"b": -2.5}, []], "model": {"type": "BPE", "z": null},
                                            "vocab": {"q": true}})"));
  CHECK(outline.has_vocabulary);
  CHECK(outline.has_merges);
  REQUIRE(outline.vocabulary.size() == 2);
  CHECK(outline.text(outline.vocabulary[0].spelling) == "x");
  CHECK(outline.vocabulary[0].id == 7);
  CHECK(outline.text(outline.vocabulary[1].spelling) == "\u0120y");
  CHECK(outline.vocabulary[1].id == 0);
  REQUIRE(outline.merges.size() == 2);
  CHECK(outline.left(outline.merges[0]) == "x");
  CHECK(outline.right(outline.merges[0]) == "\u0120y");
  CHECK(outline.text(outline.merges[0].both) == "x\u0120y");
  CHECK(outline.text(outline.merges[1].both) == "xx");
}

TEST_CASE("json outline: what a table should not hold is a row that says so") {
  const JsonOutline outline = outline_of(R"({"model": {"vocab": {"a": "1", "b": 1.5, "c": {"d": 4}, "e": [5],
      "f": 99999999999999999999, "g": 18446744073709551615, "h": -3},
      "merges": [1, "a", "a b c", ["a"], ["a", "b", "c"], ["a", 1], [1, "a", "b"], [["a", "b"]], {"a": "b", "c": "d"},
                 null, ["a", {"b": "c"}, "d"], [], " b", ["a", "b"]]}})");
  REQUIRE(outline.vocabulary.size() == 7);
  for (int i = 0; i < 5; ++i) CHECK(outline.vocabulary[i].id == Row::kNoInteger);
  CHECK(outline.vocabulary[5].id == INT64_MAX);
  CHECK(outline.vocabulary[6].id == -3);
  REQUIRE(outline.merges.size() == 14);
  for (int i = 0; i < 13; ++i) CHECK(outline.merges[i].left_size == 0);
  CHECK(outline.merges[13].left_size == 1);
}

TEST_CASE("json outline: tables elsewhere, or of another kind, are values of the document") {
  CHECK(outline_of(R"({"model": {"vocab": [1], "merges": {"a": 1}}})").document["model"]["merges"]["a"] == 1);
  CHECK_FALSE(outline_of(R"({"model": {"vocab": [1], "merges": {"a": 1}}})").has_vocabulary);
  CHECK_FALSE(outline_of(R"({"model": [{"vocab": {"a": 1}}]})").has_vocabulary);
  CHECK_FALSE(outline_of(R"({"x": {"vocab": {"a": 1}}})").has_vocabulary);
  CHECK_FALSE(outline_of(R"([{"model": {"vocab": {"a": 1}}}])").has_vocabulary);
  CHECK(outline_of("3").document == 3);
  // Of two members of one name the last counts.
  const JsonOutline twice = outline_of(R"({"model": {"vocab": {"a": 1}, "vocab": {"b": 2}}})");
  REQUIRE(twice.vocabulary.size() == 1);
  CHECK(twice.text(twice.vocabulary[0].spelling) == "b");
  CHECK_FALSE(outline_of(R"({"model": {"vocab": {"a": 1}}, "model": {}})").has_vocabulary);
}

TEST_CASE("json outline: what is not JSON is told with the byte") {
  for (const char* text : {"", "{", "{\"model\": {\"vocab\": {\"a\": 1,}}}", "[1, ]", "\xFF", "{} x"}) {
    const auto outline = read_outline(text, "some/file");
    REQUIRE_FALSE(outline.ok());
    CHECK(outline.error().message.starts_with("some/file: not JSON (at byte "));
  }
}

}  // namespace
}  // namespace seedling
