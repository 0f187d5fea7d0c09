// engine/structure/parser.h
//
// Parses a text into a tree. Internal to engine/structure, like all headers there that show tree-sitter.
//   A tree owns nothing of the text: the caller keeps the text alive as long as it reads pieces of it.
//   A Parser and its trees stay on one thread.
//   Parsing never fails on content: broken text gives ERROR and MISSING nodes.
//   Errors: unsupported for an unknown language or a text over kMaxTextBytes; stopped when the token was set,
//   after which the same parser starts afresh with the next text.
#pragma once

#include <tree_sitter/api.h>

#include <memory>
#include <stop_token>
#include <string_view>

#include "engine/result.h"
#include "grammars/registry.h"

namespace seedling {

inline constexpr std::size_t kMaxTextBytes = std::size_t{256} << 20;

class SyntaxTree {
 public:
  SyntaxTree(TSTree* tree, const Grammar& grammar) : tree_(tree), grammar_(&grammar) {}
  TSNode root() const { return ts_tree_root_node(tree_.get()); }
  const Grammar& grammar() const { return *grammar_; }

 private:
  struct Delete {
    void operator()(TSTree* tree) const { ts_tree_delete(tree); }
  };
  std::unique_ptr<TSTree, Delete> tree_;
  const Grammar* grammar_;
};

class Parser {
 public:
  explicit Parser(const Grammar& grammar);
  Result<SyntaxTree> parse(std::string_view text, std::stop_token stop);

 private:
  struct Delete {
    void operator()(TSParser* parser) const { ts_parser_delete(parser); }
  };
  std::unique_ptr<TSParser, Delete> parser_;
  const Grammar* grammar_;
};

// One text with a parser of its own.
Result<SyntaxTree> parse(std::string_view text, std::string_view language, std::stop_token stop = {});

}  // namespace seedling
