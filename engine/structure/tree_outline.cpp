#include "engine/structure/tree_outline.h"

#include <algorithm>

#include "engine/structure/parser.h"
#include "engine/structure/syntax.h"

namespace seedling {

Result<TreeOutline> tree_outline(std::string_view text, std::string_view language) {
  const SyntaxTree tree = TRY(parse(text, language));
  TreeOutline outline;
  TSTreeCursor cursor = ts_tree_cursor_new(tree.root());
  const auto enter = [&] {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    outline.events.push_back(2 * ts_node_symbol(node));
    if (kind_of(node) == "ERROR" && text_of(node, text) != ";") ++outline.errors;
  };
  const auto leave = [&] {
    outline.events.push_back(2 * ts_node_symbol(ts_tree_cursor_current_node(&cursor)) + 1);
  };
  enter();
  for (bool is_inside = true; is_inside;) {
    if (ts_tree_cursor_goto_first_child(&cursor)) {
      enter();
      continue;
    }
    leave();
    while (is_inside && !ts_tree_cursor_goto_next_sibling(&cursor)) {
      is_inside = ts_tree_cursor_goto_parent(&cursor);
      if (is_inside) leave();
    }
    if (is_inside) enter();
  }
  ts_tree_cursor_delete(&cursor);
  return outline;
}

bool adds_only(const TreeOutline& empty, const TreeOutline& filled, std::size_t left_out) {
  const std::vector<std::int32_t>&a = empty.events, &b = filled.events;
  if (a.size() > b.size()) return false;
  const auto from_left = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  const auto from_right = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin();
  // What repeats its neighbours is matched from both sides.
  return static_cast<std::size_t>(from_left + from_right) + left_out >= a.size();
}

}  // namespace seedling
