// The rules for what is offered: a folder of examples for each, in tests/golden/offer/RULE/*.txt:
//
//     language: python
//     lines: 8
//     --- document            with "^" at the cursor
//     --- text                what the model wrote
//     --- offered             what the rule leaves of it
//
//   The newline before a line of dashes belongs to the dashes. "statement: yes" wants one statement only.
//   With UPDATE_GOLDEN=1 in the environment what is offered is written anew.
#include "engine/offer_rules.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

namespace seedling {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(SEEDLING_SOURCE_DIR) / "tests/golden/offer";

struct Example {
  std::map<std::string, std::string> settings;
  std::map<std::string, std::string> parts;
};

Example read_example(const fs::path& path) {
  Example example;
  std::ifstream file(path);
  std::string part;
  bool is_first_line = true;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("--- ")) {
      part = line.substr(4);
      example.parts[part];
      is_first_line = true;
    } else if (part.empty()) {
      example.settings[line.substr(0, line.find(": "))] = line.substr(line.find(": ") + 2);
    } else {
      example.parts[part] += (is_first_line ? "" : "\n") + line;
      is_first_line = false;
    }
  }
  return example;
}

void write_example(const fs::path& path, const Example& example) {
  std::ofstream file(path);
  for (const auto& [name, value] : example.settings) file << name << ": " << value << "\n";
  for (const char* part : {"document", "text", "offered"}) {
    file << "--- " << part << "\n";
    if (const std::string& text = example.parts.at(part); !text.empty()) file << text << "\n";
  }
}

std::string apply_rule(const OfferRule& rule, const Example& example) {
  const std::string& marked = example.parts.at("document");
  const std::size_t cursor = marked.find('^');
  REQUIRE(cursor != std::string::npos);
  Snapshot snapshot;
  snapshot.language = example.settings.at("language");
  snapshot.text = marked.substr(0, cursor) + marked.substr(cursor + 1);
  OfferPlace place{snapshot, {static_cast<std::uint32_t>(cursor)}};
  if (example.settings.contains("lines")) place.max_lines = std::stoi(example.settings.at("lines"));
  place.is_one_statement = example.settings.contains("statement");
  return std::string(rule.apply(place, example.parts.at("text")));
}

std::vector<fs::path> examples_of(const std::string& rule) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kFolder / rule)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST_CASE("offer rules: every example of every rule") {
  const bool is_updating = std::getenv("UPDATE_GOLDEN") != nullptr;
  for (const OfferRule& rule : offer_rules()) {
    CAPTURE(rule.name);
    const std::vector<fs::path> paths = examples_of(rule.name);
    CHECK(paths.size() >= 2);
    std::size_t untouched = 0;
    for (const fs::path& path : paths) {
      CAPTURE(path.filename().string());
      Example example = read_example(path);
      const std::string offered = apply_rule(rule, example);
      untouched += offered == example.parts.at("text") ? 1 : 0;
      if (is_updating && offered != example.parts["offered"]) {
        example.parts["offered"] = offered;
        write_example(path, example);
        MESSAGE("rewritten: ", path.string());
      }
      CHECK(offered == example.parts.at("offered"));
    }
    // A rule must be seen to act, and to leave alone what is right.
    CHECK(untouched > 0);
    CHECK(untouched < paths.size());
  }
}

TEST_CASE("offer rules: each folder belongs to a rule") {
  std::set<std::string> names, folders;
  for (const OfferRule& rule : offer_rules()) names.insert(rule.name);
  for (const auto& entry : fs::directory_iterator(kFolder)) folders.insert(entry.path().filename().string());
  CHECK(names == folders);
}

TEST_CASE("offer rules: all of them, one after the other") {
  Snapshot snapshot{"a.py", "python", 0, "def f(items):\n    total = 0\n    \n    return total\n"};
  const OfferPlace place{snapshot, {32}, 8, true};
  CHECK(offerable_part(place, "for item in items:\n        total += item\n    return total\n") ==
        "for item in items:\n        total += item");
  CHECK(offerable_part(place, "  \n").empty());
  CHECK(offerable_part(place, "").empty());
  CHECK(offerable_part(place, "<|end|>").empty());
}

TEST_CASE("offer rules: any bytes at any place are borne") {
  Snapshot snapshot{"a", "no such language", 0, "a(\"\n\t\xC3\xA9 /* {\r\n```\n'"};
  const std::string text = "\xFF\n)}]\n\n\"\n\t /*\r\nx\n<|";
  for (std::uint32_t cursor = 0; cursor <= snapshot.text.size(); ++cursor) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
      for (const bool is_one_statement : {false, true}) {
        const OfferPlace place{snapshot, {cursor}, 3, is_one_statement};
        CHECK(text.find(offerable_part(place, std::string_view(text).substr(0, size))) != std::string::npos);
      }
    }
  }
}

}  // namespace
}  // namespace seedling
