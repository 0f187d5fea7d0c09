#include "engine/cache/document_trees.h"

#include <algorithm>

namespace seedling {

Result<DocumentTree*> DocumentTrees::at(std::string_view document, std::string_view path,
                                        std::string_view language, std::string_view text,
                                        std::stop_token stop) {
  const auto found = std::ranges::find_if(trees_, [&](const Kept& kept) {
    return kept.document == document && kept.path == path && kept.language == language;
  });
  if (found == trees_.end()) {
    DocumentTree tree = TRY(DocumentTree::open(text, language, path, stop));
    trees_.push_front({std::string(document), std::string(path), std::string(language), std::move(tree)});
    if (trees_.size() > kMostTrees) trees_.pop_back();
    return &trees_.front().tree;
  }
  TRY(found->tree.update(text, stop));
  trees_.splice(trees_.begin(), trees_, found);
  return &trees_.front().tree;
}

void DocumentTrees::forget(std::string_view document) {
  trees_.remove_if([&](const Kept& kept) { return kept.document == document; });
}

}  // namespace seedling
