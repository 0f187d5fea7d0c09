#include "engine/tokenizer/token_index.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace seedling {
namespace {

TEST_CASE("token index: finds what was inserted, however many were expected") {
  for (const std::size_t expected : {std::size_t{0}, std::size_t{1}, std::size_t{1000}}) {
    std::vector<std::string> texts;
    for (int i = 0; i < 1000; ++i) texts.push_back("text " + std::to_string(i));
    TokenIndex index(expected);
    CHECK(index.find("text 0") == -1);
    for (int i = 0; i < 1000; ++i) CHECK(index.insert(texts[i], i));
    for (int i = 0; i < 1000; ++i) CHECK(index.find("text " + std::to_string(i)) == i);
    CHECK(index.find("text") == -1);
    CHECK(index.find("") == -1);
  }
}

TEST_CASE("token index: the first of two equal texts stays, an empty one is a text too") {
  TokenIndex index(2);
  CHECK(index.insert("", 3));
  CHECK(index.insert("a", 4));
  CHECK_FALSE(index.insert("a", 5));
  CHECK(index.find("a") == 4);
  CHECK(index.find("") == 3);
}

}  // namespace
}  // namespace seedling
