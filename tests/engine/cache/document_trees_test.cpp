#include "engine/cache/document_trees.h"

#include <doctest/doctest.h>

using namespace seedling;

TEST_CASE("document trees: a document's tree follows it; the longest unused one goes first") {
  DocumentTrees trees;
  const auto at = [&](const std::string& path, std::string_view text) {
    const Result<DocumentTree*> tree = trees.at(path, path, "python", text);
    REQUIRE(tree.ok());
    return tree.value();
  };
  DocumentTree* const first = at("a.py", "x = 1\n");
  CHECK(at("a.py", "x = 2\n") == first);
  CHECK(first->text() == "x = 2\n");
  for (std::size_t i = 0; i + 1 < DocumentTrees::kMostTrees; ++i)
    at("b" + std::to_string(i) + ".py", "y = 1\n");
  CHECK(trees.size() == DocumentTrees::kMostTrees);
  CHECK(at("a.py", "x = 2\n") == first);
  at("c.py", "z\n");
  CHECK(trees.size() == DocumentTrees::kMostTrees);
  CHECK(at("a.py", "x = 2\n") == first);
  trees.forget("a.py");
  CHECK(trees.size() == DocumentTrees::kMostTrees - 1);
  CHECK(!trees.at("a.txt", "a.txt", "no such language", "x").ok());
}
