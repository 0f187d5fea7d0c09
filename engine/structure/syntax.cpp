#include "engine/structure/syntax.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <mutex>
#include <string>

#include "engine/assert.h"

namespace seedling {
namespace {

struct CaptureName {
  std::string_view name;
  Role role;
};
constexpr CaptureName kCaptures[] = {
    {"statement", Role::statement},   {"body", Role::body},
    {"block", Role::block},           {"expression", Role::expression},
    {"worthwhile", Role::worthwhile}, {"impure", Role::impure},
    {"fallible", Role::fallible},     {"target", Role::target},
    {"closed", Role::closed},         {"deferred", Role::deferred},
    {"place", Role::place},           {"comment", Role::comment},
    {"string", Role::string},
};

// In the order of QueryFile.
constexpr std::array<std::string_view, 2> kQueryNames = {"statements", "expressions"};

struct CompiledQuery {
  TSQuery* query = nullptr;         // immutable once compiled; kept for the whole program
  std::vector<std::uint32_t> bits;  // by capture index
};

std::uint32_t bit_of(std::string_view capture) {
  for (const CaptureName& row : kCaptures)
    if (row.name == capture) return static_cast<std::uint32_t>(row.role);
  return 0;
}

CompiledQuery compile(const Grammar& grammar, QueryFile file) {
  const std::string_view text = grammar.query(kQueryNames[static_cast<std::size_t>(file)]);
  CompiledQuery compiled;
  std::uint32_t error_at = 0;
  TSQueryError error = TSQueryErrorNone;
  compiled.query = ts_query_new(grammar.language(), text.data(), static_cast<std::uint32_t>(text.size()),
                                &error_at, &error);
  SEEDLING_ASSERT(error == TSQueryErrorNone);
  for (std::uint32_t i = 0; i < ts_query_capture_count(compiled.query); ++i) {
    std::uint32_t length = 0;
    const char* name = ts_query_capture_name_for_id(compiled.query, i, &length);
    compiled.bits.push_back(bit_of({name, length}));
    SEEDLING_ASSERT(compiled.bits.back() != 0);
  }
  return compiled;
}

// Compiling takes tens of milliseconds, so it is done once for each file, when first asked for.
const CompiledQuery& compiled_query(const Grammar& grammar, QueryFile file) {
  static constexpr std::size_t kMaxGrammars = 64;
  static std::array<std::array<std::once_flag, kQueryNames.size()>, kMaxGrammars> once;
  static std::array<std::array<CompiledQuery, kQueryNames.size()>, kMaxGrammars> queries;
  const std::size_t index = static_cast<std::size_t>(&grammar - all_grammars().data());
  SEEDLING_ASSERT(index < kMaxGrammars);
  CompiledQuery& query = queries[index][static_cast<std::size_t>(file)];
  std::call_once(once[index][static_cast<std::size_t>(file)], [&] { query = compile(grammar, file); });
  return query;
}

void add_roles(const SyntaxTree& tree, ByteRange range, QueryFile file, Roles& roles) {
  const CompiledQuery& compiled = compiled_query(tree.grammar(), file);
  TSQueryCursor* cursor = ts_query_cursor_new();
  // A range that is empty would touch nothing.
  const std::uint32_t begin = range.begin.value == 0 ? 0 : range.begin.value - 1;
  ts_query_cursor_set_byte_range(cursor, begin, range.end.value + 1);
  ts_query_cursor_exec(cursor, compiled.query, tree.root());
  TSQueryMatch match;
  while (ts_query_cursor_next_match(cursor, &match))
    for (std::uint16_t i = 0; i < match.capture_count; ++i)
      roles.add(match.captures[i].node, compiled.bits[match.captures[i].index]);
  ts_query_cursor_delete(cursor);
}

}  // namespace

void compile_query(const Grammar& grammar, QueryFile file) {
  compiled_query(grammar, file);
}

Roles roles_in(const SyntaxTree& tree, ByteRange range, std::initializer_list<QueryFile> files) {
  Roles roles;
  for (const QueryFile file : files) add_roles(tree, range, file, roles);
  return roles;
}

Roles roles_around(const SyntaxTree& tree, ByteRange range) {
  if (range.begin.value > 0) --range.begin.value;
  const ByteRange asked = range;
  for (const ByteOffset at : {asked.begin, asked.end}) {
    const std::vector<TSNode> path = path_to(tree.root(), {at, at});
    if (path.size() < 2) continue;
    range.begin = std::min(range.begin, range_of(path[1]).begin);
    range.end = std::max(range.end, range_of(path[1]).end);
  }
  return roles_in(tree, range);
}

std::vector<TSNode> path_to(TSNode root, ByteRange range) {
  const TSNode smallest = ts_node_descendant_for_byte_range(root, range.begin.value, range.end.value);
  if (ts_node_is_null(smallest)) return {root};
  return path_to_node(root, smallest);
}

std::vector<TSNode> path_to_node(TSNode root, TSNode target) {
  std::vector<TSNode> path{root};
  for (TSNode node = root; !same_node(node, target);) {
    node = ts_node_child_with_descendant(node, target);
    if (ts_node_is_null(node)) break;
    path.push_back(node);
  }
  return path;
}

void walk(TSNode top, const std::function<bool(TSNode)>& visit) {
  TSTreeCursor cursor = ts_tree_cursor_new(top);
  bool is_done = false;
  while (!is_done) {
    if (visit(ts_tree_cursor_current_node(&cursor)) && ts_tree_cursor_goto_first_child(&cursor)) continue;
    while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
      if (!ts_tree_cursor_goto_parent(&cursor)) {
        is_done = true;
        break;
      }
    }
  }
  ts_tree_cursor_delete(&cursor);
}

}  // namespace seedling
