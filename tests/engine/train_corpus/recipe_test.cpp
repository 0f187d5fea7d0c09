// The recipe: what is read, what is refused, and that ours obeys its own rules.
#include "engine/train/corpus/recipe.h"

#include <doctest/doctest.h>

#include <set>

#include "engine/train/corpus/filter.h"

using namespace seedling;

namespace {

std::string entry(const std::string& fields) {
  return "[{\"name\": \"a\", \"source\": \"deb\", \"languages\": [\"python\"], \"licence\": \"MIT\"" +
         fields + "}]";
}

}  // namespace

TEST_CASE("fields and their defaults") {
  const auto packages = parse_recipe(entry(", \"megabytes\": 0.5, \"validation\": true"), "recipe");
  REQUIRE(packages.ok());
  REQUIRE(packages->size() == 1);
  CHECK(packages->front().megabytes == 0.5);
  CHECK(packages->front().validation);
  CHECK(parse_recipe(entry(""), "recipe")->front().megabytes == 3);
  CHECK_FALSE(parse_recipe(entry(""), "recipe")->front().validation);
}

TEST_CASE("what cannot be used is refused with the package's name") {
  const std::string bad[] = {
      "not json",
      "[{\"name\": \"a\"}]",
      "[{\"name\": \"a\", \"source\": \"pip\", \"languages\": [], \"licence\": \"MIT\"}]",
      "[{\"name\": \"a\", \"source\": \"npm\", \"languages\": [], \"licence\": \"MIT\"}]",  // no version
      "[{\"name\": \"a\", \"source\": \"deb\", \"languages\": [], \"licence\": \"GPL-3.0-only\"}]",
      "[{\"name\": \"-o=x\", \"source\": \"deb\", \"languages\": [], \"licence\": \"MIT\"}]",
      "[{\"name\": \"a;b\", \"source\": \"deb\", \"languages\": [], \"licence\": \"MIT\"}]",
  };
  for (const std::string& text : bad) {
    const auto packages = parse_recipe(text, "my-recipe.json");
    INFO(text);
    REQUIRE_FALSE(packages.ok());
    CHECK(packages.error().code == ErrorCode::invalid_input);
    CHECK(packages.error().message.find("my-recipe.json") == 0);
  }
  CHECK(load_recipe("/nonexistent/recipe.json").error().code == ErrorCode::not_found);
}

TEST_CASE("our recipe holds no package of the evaluation's unseen ground and validates every language") {
  const auto packages = load_recipe(SEEDLING_SOURCE_DIR "/engine/train/corpus/recipe.json");
  REQUIRE(packages.ok());
  std::set<std::string> validated;
  for (const Package& package : *packages) {
    INFO(package.name);
    std::string bare = package.name;
    if (bare.starts_with("python3-")) bare = bare.substr(8);
    CHECK_FALSE(is_unseen_ground(bare + "/file"));
    CHECK(is_permissive(package.licence));
    CHECK_FALSE(package.languages.empty());
    if (package.validation) validated.insert(package.languages.begin(), package.languages.end());
  }
  CHECK(validated ==
        std::set<std::string>{"c", "cpp", "javascript", "python", "typescript", "typescriptreact"});
}
