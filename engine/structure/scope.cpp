#include "engine/structure/scope.h"

#include <algorithm>
#include <set>
#include <span>

#include "engine/structure/keywords.h"
#include "engine/structure/lexical.h"
#include "engine/structure/syntax.h"

namespace seedling {
namespace {

// A scope that contains the position.
struct Around {
  ByteRange range;
  bool is_class;
};

bool is_scope(TSNode node, const Roles& roles) {
  return roles.has(node, Role::scope) || roles.has(node, Role::class_scope);
}

bool encloses(ByteRange outer, ByteRange inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

// `around` is outermost first. A name that `names_scope` lies in the scope it names and belongs to the one
// around that.
bool is_visible(ByteRange name, bool names_scope, bool is_inside_its_scope, std::span<const Around> around,
                ByteOffset at) {
  std::size_t depth = 0;
  while (depth < around.size() && encloses(around[depth].range, name)) ++depth;
  if (names_scope && is_inside_its_scope && depth > 0) --depth;
  const bool is_innermost = depth == around.size();
  if (depth > 0 && !is_innermost && around[depth - 1].is_class) return false;
  return names_scope || !is_innermost || name.end < at;
}

}  // namespace

Result<std::vector<std::string>> names_visible_at(const Snapshot& snapshot, ByteOffset offset) {
  const std::string_view text = snapshot.text;
  const SyntaxTree tree = TRY(parse(text, snapshot.language));
  offset.value = std::min(offset.value, static_cast<std::uint32_t>(text.size()));
  const Roles roles = roles_in(tree, {ByteOffset{0}, ByteOffset{static_cast<std::uint32_t>(text.size())}});

  std::vector<Around> around;
  for (const TSNode node : path_to(tree.root(), {offset, offset}))
    if (is_scope(node, roles)) around.push_back({range_of(node), roles.has(node, Role::class_scope)});

  std::set<std::string, std::less<>> names;
  walk(tree.root(), [&](TSNode node) {
    const bool names_scope = roles.has(node, Role::declared_outer);
    if (names_scope || roles.has(node, Role::declared))
      if (is_visible(range_of(node), names_scope, true, around, offset)) names.emplace(text_of(node, text));
    if (!is_scope(node, roles) || range_of(node).contains(offset)) return true;
    // A scope elsewhere: of what it declares, only its own name is visible here.
    walk(node, [&](TSNode part) {
      if (roles.has(part, Role::declared_outer) && is_visible(range_of(part), true, false, around, offset))
        names.emplace(text_of(part, text));
      return !roles.has(part, Role::body) && !roles.has(part, Role::block);
    });
    return false;
  });
  names.erase("");
  return std::vector<std::string>(names.begin(), names.end());
}

bool is_valid_identifier(std::string_view name, std::string_view language) {
  const Grammar* grammar = grammar_of(language);
  if (grammar == nullptr || name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  const bool has_dollar = grammar->line_comment == "//" && grammar->id != "c" && grammar->id != "cpp";
  const bool is_word =
      std::ranges::all_of(name, [&](char c) { return is_identifier_byte(c) || (has_dollar && c == '$'); });
  return is_word && !is_keyword(name, grammar->id);
}

}  // namespace seedling
