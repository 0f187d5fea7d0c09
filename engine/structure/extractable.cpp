#include "engine/structure/extractable.h"

#include <algorithm>
#include <span>

#include "engine/structure/lexical.h"

namespace seedling {
namespace {

// Replacing `(a + b)` in `not(a + b)` by a name would glue two words together.
bool would_glue(ByteRange range, std::string_view text) {
  const bool before = range.begin.value > 0 && is_identifier_byte(text[range.begin.value - 1]);
  const bool after = range.end.value < text.size() && is_identifier_byte(text[range.end.value]);
  return before || after;
}

// `a?.b` in `a?.b.c` decides whether `.c` is read at all.
bool is_part_of_optional_chain(TSNode node, TSNode parent, std::string_view text) {
  const std::string_view kind = kind_of(parent);
  if (kind != "member_expression" && kind != "subscript_expression" && kind != "call_expression")
    return false;
  return same_node(ts_node_named_child(parent, 0), node) &&
         text_of(node, text).find("?.") != std::string_view::npos;
}

// The arguments of `a?.f(x)` and the index of `a?.b[x]` are not evaluated if there is no `a`.
bool is_behind_optional_chain(TSNode node, TSNode parent, std::string_view text) {
  if (kind_of(parent) != "call_expression" && kind_of(parent) != "subscript_expression") return false;
  const std::uint32_t begin = ts_node_start_byte(parent);
  return text.substr(begin, ts_node_start_byte(node) - begin).find("?.") != std::string_view::npos;
}

// The part of a list, in the order of the text, whose names begin in a range.
template <class Item>
std::span<const Item> stretch_of(std::span<const Item> items, ByteRange range) {
  const auto begin_of = [](const Item& item) { return item.name.begin; };
  const auto first = std::ranges::lower_bound(items, range.begin, {}, begin_of);
  const auto last = std::ranges::lower_bound(items, range.end, {}, begin_of);
  return {first, last};
}

// Whether a name that the expression uses is bound inside the statement itself (loop variables, walrus, init
// parts).
bool uses_name_bound_in(TSNode statement, TSNode expression, const ScopeTable& scopes) {
  const ByteRange inside = range_of(expression);
  for (const Declaration& bound : stretch_of(scopes.declarations(), range_of(statement))) {
    if (inside.begin <= bound.name.begin && bound.name.end <= inside.end) continue;
    for (const Reference& use : stretch_of(scopes.references(), inside))
      if (use.role != UseRole::member && use.key == bound.key &&
          scopes.is_visible(bound, use.scope, inside.begin))
        return true;
  }
  return false;
}

}  // namespace

bool any_has(TSNode top, const Roles& roles, Role role) {
  bool found = false;
  walk(top, [&](TSNode node) {
    found = found || roles.has(node, role);
    return !found;
  });
  return found;
}

std::optional<Place> place_to_extract(std::vector<TSNode> path, const Roles& roles, const ScopeTable& scopes,
                                      std::string_view text) {
  if (path.size() < 3) return std::nullopt;
  const TSNode expression = path.back();
  if (!roles.has(expression, Role::expression) || ts_node_has_error(expression)) return std::nullopt;
  if (roles.has(expression, Role::target) || would_glue(range_of(expression), text)) return std::nullopt;

  bool is_deferred = false;
  std::size_t at = path.size() - 1;
  for (;; --at) {
    if (at == 0) return std::nullopt;
    const TSNode node = path[at];
    const TSNode parent = path[at - 1];
    if (roles.has(node, Role::closed) || ts_node_is_error(node)) return std::nullopt;
    is_deferred =
        is_deferred || roles.has(node, Role::deferred) || is_behind_optional_chain(node, parent, text);
    if (roles.has(parent, Role::block)) break;
    if (roles.has(node, Role::body)) return std::nullopt;
    if (is_part_of_optional_chain(node, parent, text)) return std::nullopt;
  }
  const TSNode statement = path[at];
  if (!roles.has(statement, Role::statement)) return std::nullopt;
  // An expression statement has no use for the value.
  if (at + 1 == path.size() - 1 && kind_of(statement) == "expression_statement") return std::nullopt;
  if (is_deferred && (any_has(expression, roles, Role::impure) || any_has(expression, roles, Role::fallible)))
    return std::nullopt;
  if (uses_name_bound_in(statement, expression, scopes)) return std::nullopt;
  return Place{std::move(path), at};
}

std::vector<ByteRange> equal_uses(const Place& place, const Roles& roles, const ScopeTable& scopes,
                                  std::string_view text) {
  const TSNode chosen = place.expression();
  const std::string_view expression = text_of(chosen, text);
  std::vector<ByteRange> uses{range_of(chosen)};
  if (any_has(chosen, roles, Role::impure)) return uses;

  // What an effect between two uses may have changed is not equal any more.
  const bool may_change = any_has(chosen, roles, Role::fallible);
  std::vector<ByteOffset> effects;
  std::vector<TSNode> same;
  walk(place.owner(), [&](TSNode node) {
    if (roles.has(node, Role::block) && !same_node(node, place.owner())) return false;
    if (roles.has(node, Role::impure)) effects.push_back(range_of(node).end);
    if (kind_of(node) == kind_of(chosen) && !same_node(node, chosen) && text_of(node, text) == expression)
      same.push_back(node);
    return true;
  });
  const ByteRange here = range_of(chosen);
  for (const TSNode node : same) {
    const ByteRange there = range_of(node);
    const ByteRange between{std::min(here.end, there.end), std::max(here.begin, there.begin)};
    const bool is_apart = std::ranges::any_of(
        effects, [&](ByteOffset end) { return between.begin < end && end <= between.end; });
    if (is_apart && may_change) continue;
    const std::optional<Place> other =
        place_to_extract(path_to_node(place.path.front(), node), roles, scopes, text);
    if (other && same_node(other->owner(), place.owner())) uses.push_back(there);
  }
  std::ranges::sort(uses);
  return uses;
}

}  // namespace seedling
