// The test cases of the grammars themselves as input: what is odd in a language stands there.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/scopes_exercise.h"

using namespace seedling;
using namespace seedling::testing;

namespace {

namespace fs = std::filesystem;

// "tree-sitter-python/test/corpus/a.txt" is Python.
std::string language_of_case(const fs::path& file) {
  const std::string path = file.generic_string();
  std::string longest;
  for (const Grammar& grammar : all_grammars()) {
    const std::string id(grammar.id);
    const bool names_it = path.find("tree-sitter-" + id + "/") != std::string::npos;
    if (names_it && id.size() > longest.size()) longest = id;
  }
  return longest;
}

// The texts of a corpus file: between a title in bars of '=' and a line of '-' that the tree follows.
std::vector<std::string> cases_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::vector<std::string> cases;
  std::string text;
  int bars = 0;
  bool is_text = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("====")) {
      is_text = ++bars % 2 == 0;
      text.clear();
    } else if (is_text && line.starts_with("---")) {
      cases.push_back(text);
      is_text = false;
    } else if (is_text) {
      text += line + "\n";
    }
  }
  return cases;
}

}  // namespace

TEST_CASE("scopes: the corpora of the grammars, whole and cut anywhere") {
  const char* folder = std::getenv("SEEDLING_TREE_SITTER_CORPUS");
  if (folder == nullptr) {
    MESSAGE(
        "SEEDLING_TREE_SITTER_CORPUS names no folder with tree-sitter-LANGUAGE/test/corpus/*.txt: skipped");
    return;
  }
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string language = language_of_case(entry.path());
    if (entry.path().extension() != ".txt" || language.empty()) continue;
    CAPTURE(entry.path().string());
    for (const std::string& text : cases_of(entry.path())) {
      CAPTURE(text);
      ++count;
      const auto table = scopes_of(text, language);
      REQUIRE(table.ok());
      check_table(*table, text);
      CHECK(undeclared_uses({"", language, 0, text}).ok());
      for (std::size_t cut = 0; cut < text.size(); cut += 1 + text.size() / 16) {
        const std::string start = text.substr(0, cut);
        check_table(*scopes_of(start, language), start);
        const auto at = static_cast<std::uint32_t>(cut);
        CHECK(at_hole({"", language, 0, text}, {ByteOffset{at}, ByteOffset{at}}).ok());
      }
    }
  }
  MESSAGE(count, " cases");
  CHECK(count > 0);
}
