// engine/cache/document_trees.h
//
// DocumentTrees: the syntax trees of the documents that were asked about last, kept between requests so that
// a keystroke costs what it changed.
//   One thread. What a tree says depends on the text alone. Memory: kMostTrees trees; the longest unused one
//   goes first. Errors: those of DocumentTree.
#pragma once

#include <list>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/structure/document_tree.h"

namespace seedling {

class DocumentTrees {
 public:
  static constexpr std::size_t kMostTrees = 4;

  // The document's tree, at `text`. Valid until the next call.
  Result<DocumentTree*> at(std::string_view document, std::string_view path, std::string_view language,
                           std::string_view text, std::stop_token stop = {});
  void forget(std::string_view document);
  std::size_t size() const { return trees_.size(); }

 private:
  struct Kept {
    std::string document, path, language;
    DocumentTree tree;
  };
  std::list<Kept> trees_;  // the last used first
};

}  // namespace seedling
