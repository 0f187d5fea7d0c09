// engine/structure/syntax.h
//
// What a node means, as said by the queries of its grammar. Internal to engine/structure (shows tree-sitter).
//   Roles are found for a range of the text in one pass over each query file; a node that no query mentions
//   has no role. Compiled queries are immutable and shared; a Roles map lives no longer than its tree.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/structure/parser.h"
#include "engine/types.h"

namespace seedling {

// One bit per capture name of grammars/*/*.scm; python/*.scm says what each of them means.
enum class Role : std::uint32_t {
  statement = 1u << 0,
  body = 1u << 1,
  block = 1u << 2,
  expression = 1u << 3,
  worthwhile = 1u << 4,
  impure = 1u << 5,
  fallible = 1u << 6,
  target = 1u << 7,
  closed = 1u << 8,
  deferred = 1u << 9,
  place = 1u << 10,
  comment = 1u << 11,
  string = 1u << 12,
};

// The files of queries that every language has. Compiling one takes up to 80 ms, so who needs only some asks
// for those.
enum class QueryFile { statements, expressions };
inline constexpr std::initializer_list<QueryFile> kAllQueries = {QueryFile::statements,
                                                                 QueryFile::expressions};

// Compiles a query now, so that the first to ask for it need not wait. Any thread; who asks meanwhile waits.
void compile_query(const Grammar& grammar, QueryFile file);

class Roles {
 public:
  bool has(TSNode node, Role role) const {
    const auto found = bits_.find(node.id);
    return found != bits_.end() && (found->second & static_cast<std::uint32_t>(role)) != 0;
  }
  void add(TSNode node, std::uint32_t bits) { bits_[node.id] |= bits; }

 private:
  std::unordered_map<const void*, std::uint32_t> bits_;
};

// Roles of the nodes that touch the range. A node whose role depends on text outside of it may be missed.
Roles roles_in(const SyntaxTree& tree, ByteRange range, std::initializer_list<QueryFile> files = kAllQueries);

// Roles of all nodes in the top-level constructs that touch the range: enough to judge any place in it.
Roles roles_around(const SyntaxTree& tree, ByteRange range);

inline ByteRange range_of(TSNode node) {
  return {ByteOffset{ts_node_start_byte(node)}, ByteOffset{ts_node_end_byte(node)}};
}
inline bool same_node(TSNode a, TSNode b) {
  return ts_node_eq(a, b);
}
inline std::string_view kind_of(TSNode node) {
  return ts_node_type(node);
}
inline std::string_view text_of(TSNode node, std::string_view text) {
  return text.substr(ts_node_start_byte(node), ts_node_end_byte(node) - ts_node_start_byte(node));
}

// The nodes from the root down to the smallest one that contains the range (its bounds included).
std::vector<TSNode> path_to(TSNode root, ByteRange range);

// The nodes from the root down to `node`.
std::vector<TSNode> path_to_node(TSNode root, TSNode node);

// Every node under `top` (itself first), in the order of the text. Not recursive: input may nest deeper than
// a stack.
//   `visit` returns whether to go into the node's children.
void walk(TSNode top, const std::function<bool(TSNode)>& visit);

}  // namespace seedling
