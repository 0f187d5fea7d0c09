#include "engine/structure/at_hole.h"

#include <algorithm>

#include "engine/structure/layout.h"
#include "engine/structure/lexical.h"
#include "engine/structure/syntax.h"
#include "engine/structure/undeclared.h"

namespace seedling {
namespace {

// Stands in the hole while the text is parsed. Nobody writes it.
constexpr std::string_view kPlaceholder = "qzhole";

// The text with a name in the hole, which is where the hole begins.
struct Filled {
  std::string text;
  ByteRange name;  // the whole word: what stands right before or behind the hole belongs to it
  bool is_word_begun = false;
};

Filled filled(std::string_view text, ByteRange hole) {
  Filled result;
  result.text.reserve(text.size() + kPlaceholder.size());
  result.text.append(text.substr(0, hole.begin.value))
      .append(kPlaceholder)
      .append(text.substr(hole.end.value));
  std::uint32_t begin = hole.begin.value;
  auto end = hole.begin.value + static_cast<std::uint32_t>(kPlaceholder.size());
  while (begin > 0 && is_identifier_byte(result.text[begin - 1])) --begin;
  while (end < result.text.size() && is_identifier_byte(result.text[end])) ++end;
  result.name = {ByteOffset{begin}, ByteOffset{end}};
  result.is_word_begun = begin < hole.begin.value;
  return result;
}

template <class Item>
const Item* item_at(std::span<const Item> items, ByteRange name) {
  const auto found =
      std::ranges::lower_bound(items, name.begin, {}, [](const Item& item) { return item.name.begin; });
  return found != items.end() && found->name == name ? &*found : nullptr;
}

Written written_by_role(UseRole role) {
  switch (role) {
    case UseRole::member:
      return Written::member;
    case UseRole::type:
      return Written::type;
    case UseRole::label:
      return Written::label;
    default:
      return Written::expression;
  }
}

// Whether a statement begins with the name: `path` leads from the root to it.
bool starts_statement(const std::vector<TSNode>& path, const Roles& roles, ByteOffset at) {
  for (auto node = path.rbegin(); node != path.rend() && range_of(*node).begin == at; ++node)
    if (roles.has(*node, Role::statement)) return true;
  return false;
}

// A name alone is no statement where one ends with a semicolon: what stands before it has to say so.
bool is_behind_statement(const Filled& filled) {
  const std::string_view before = std::string_view(filled.text).substr(0, filled.name.begin.value);
  const std::size_t last = before.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ||
         std::string_view("{};").find(before[last]) != std::string_view::npos;
}

Written written_at(const SyntaxTree& tree, const ScopeTable& table, const Filled& filled) {
  const std::vector<TSNode> path = path_to(tree.root(), filled.name);
  const Declaration* declared = item_at(table.declarations(), filled.name);
  const Reference* used = item_at(table.references(), filled.name);
  const bool is_in_error = std::ranges::any_of(path, [](TSNode node) { return ts_node_is_error(node); });
  if (used != nullptr && used->role == UseRole::member) return Written::member;
  if (is_in_error || (declared == nullptr && used == nullptr))
    return is_behind_statement(filled) ? Written::statement : Written::other;
  const Roles roles = roles_in(tree, filled.name, {QueryFile::statements});
  if (starts_statement(path, roles, filled.name.begin)) return Written::statement;
  return declared != nullptr ? Written::name : written_by_role(used->role);
}

std::vector<VisibleName> named(const std::vector<DeclarationIndex>& indexes, const ScopeTable& table,
                               const Filled& filled) {
  std::vector<VisibleName> names;
  for (const DeclarationIndex index : indexes) {
    const Declaration& declaration = table.declarations()[index];
    if (declaration.name == filled.name) continue;
    names.push_back(
        {filled.text.substr(declaration.name.begin.value, declaration.name.size()), declaration.kind});
  }
  return names;
}

// The last token that begins before the end of the text; null if there is none.
TSNode last_leaf(TSNode root) {
  TSNode node = root;
  while (true) {
    const std::uint32_t count = ts_node_child_count(node);
    TSNode next{};
    // Empty nodes (a block's end, a missing token) say nothing of what was read.
    for (std::uint32_t i = count; i-- > 0;) {
      const TSNode child = ts_node_child(node, i);
      if (ts_node_end_byte(child) == ts_node_start_byte(child)) continue;
      next = child;
      break;
    }
    if (ts_node_is_null(next)) return count == 0 && !same_node(node, root) ? node : TSNode{};
    node = next;
  }
}

// Kinds of tokens that can come next in a state of the parser.
std::vector<std::string_view> terminals_in(const TSLanguage* language, TSStateId state) {
  std::vector<std::string_view> terminals;
  if (state == 0 || state >= ts_language_state_count(language)) return terminals;
  TSLookaheadIterator* next = ts_lookahead_iterator_new(language, state);
  if (next == nullptr) return terminals;
  while (ts_lookahead_iterator_next(next)) {
    const TSSymbol symbol = ts_lookahead_iterator_current_symbol(next);
    if (ts_language_symbol_type(language, symbol) == TSSymbolTypeAuxiliary) continue;
    terminals.emplace_back(ts_lookahead_iterator_current_symbol_name(next));
  }
  ts_lookahead_iterator_delete(next);
  std::ranges::sort(terminals);
  terminals.erase(std::unique(terminals.begin(), terminals.end()), terminals.end());
  return terminals;
}

// The state in which the name in the hole was read says most. If the parser did not come through, what stands
// before the hole is read alone: its last token that was understood says what follows.
Result<std::vector<std::string_view>> terminals_at(const std::vector<TSNode>& path, const Filled& filled,
                                                   const Grammar& grammar, std::stop_token stop) {
  const bool is_read = range_of(path.back()) == filled.name && ts_node_child_count(path.back()) == 0 &&
                       std::ranges::none_of(path, [](TSNode node) { return ts_node_is_error(node); });
  if (is_read) return terminals_in(grammar.language(), ts_node_parse_state(path.back()));
  const SyntaxTree prefix = TRY(
      parse(std::string_view(filled.text).substr(0, filled.name.begin.value), grammar.id, std::move(stop)));
  const TSNode leaf = last_leaf(prefix.root());
  const TSStateId state = ts_node_is_null(leaf) ? TSStateId{1} : ts_node_next_parse_state(leaf);
  return terminals_in(grammar.language(), state);
}

std::string closers_of(const std::string& open) {
  std::string closers;
  for (auto bracket = open.rbegin(); bracket != open.rend(); ++bracket)
    closers += *bracket == '(' ? ')' : *bracket == '[' ? ']' : '}';
  return closers;
}

}  // namespace

Result<AtHole> at_hole(const Snapshot& snapshot, ByteRange hole, std::stop_token stop) {
  const auto size = static_cast<std::uint32_t>(snapshot.text.size());
  hole.begin.value = std::min(hole.begin.value, size);
  hole.end.value = std::clamp(hole.end.value, hole.begin.value, size);

  AtHole result;
  const Layout layout = layout_at(snapshot, hole.begin);
  result.indent = layout.indent;
  result.open_brackets = layout.open_brackets;
  result.expected_closers = closers_of(layout.open_brackets);

  const Filled with_name = filled(snapshot.text, hole);
  result.is_word_begun = with_name.is_word_begun;
  const SyntaxTree tree = TRY(parse(with_name.text, snapshot.language, stop));
  const ScopeTable table = scopes_of(tree, with_name.text);
  const std::vector<TSNode> path = path_to(tree.root(), with_name.name);
  for (const TSNode node : path)
    if (ts_node_is_named(node) && range_of(node) != with_name.name) result.enclosing = kind_of(node);
  result.written = layout.in_comment  ? Written::comment
                   : layout.in_string ? Written::string
                                      : written_at(tree, table, with_name);

  std::vector<DeclarationIndex> found;
  table.visible_at(with_name.name.begin, found);
  result.names = named(found, table, with_name);
  const ScopeIndex scope = table.scope_at(with_name.name.begin);
  table.members_at(scope, found);
  result.members = named(found, table, with_name);
  const bool is_ambient = result.written == Written::type && may_be_ambient(UseRole::type, tree.grammar());
  result.is_closed = table.is_closed(scope) && !is_ambient && !is_included(snapshot.path, tree.grammar());

  if (layout.in_comment || layout.in_string) return result;
  result.terminals = TRY(terminals_at(path, with_name, tree.grammar(), stop));
  return result;
}

}  // namespace seedling
