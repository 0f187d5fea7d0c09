#include "engine/train/corpus/parses.h"

#include <tree_sitter/api.h>

#include <memory>
#include <vector>

#include "grammars/registry.h"

namespace seedling {
namespace {

// Bytes below the outermost ERROR nodes. A stack of our own: broken texts can nest deeper than the thread's.
std::size_t error_bytes(TSNode root) {
  std::size_t bytes = 0;
  std::vector<TSNode> open{root};
  while (!open.empty()) {
    const TSNode node = open.back();
    open.pop_back();
    if (!ts_node_has_error(node)) continue;
    if (ts_node_is_error(node)) {
      bytes += ts_node_end_byte(node) - ts_node_start_byte(node);
      continue;
    }
    for (std::uint32_t i = 0; i < ts_node_child_count(node); ++i) open.push_back(ts_node_child(node, i));
  }
  return bytes;
}

}  // namespace

bool parses(std::string_view text, std::string_view language) {
  const Grammar* grammar = grammar_of(language);
  if (grammar == nullptr) return true;
  std::unique_ptr<TSParser, decltype(&ts_parser_delete)> parser(ts_parser_new(), &ts_parser_delete);
  if (!ts_parser_set_language(parser.get(), grammar->language())) return true;
  std::unique_ptr<TSTree, decltype(&ts_tree_delete)> tree(
      ts_parser_parse_string(parser.get(), nullptr, text.data(), static_cast<std::uint32_t>(text.size())),
      &ts_tree_delete);
  return error_bytes(ts_tree_root_node(tree.get())) * 100 <= text.size();
}

}  // namespace seedling
