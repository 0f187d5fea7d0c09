#include "engine/structure/scope.h"

#include <algorithm>
#include <set>
#include <span>

#include "engine/structure/lexical.h"
#include "engine/structure/syntax.h"
#include "grammars/words.h"

namespace seedling {
namespace {

// A scope that contains the position.
struct Around {
  ByteRange range;
  bool is_class;
  bool is_unordered;  // a comprehension names its variables after their use
};

bool is_scope(TSNode node, const Roles& roles) {
  return roles.has(node, Role::scope) || roles.has(node, Role::class_scope);
}

bool is_comprehension(TSNode node) {
  return kind_of(node).ends_with("comprehension") || kind_of(node) == "generator_expression";
}

// A blank line at the end of a Python block belongs to no node; a statement in it shows which block it would
// be in.
std::string with_statement_at(const Snapshot& snapshot, ByteOffset offset) {
  std::string text = snapshot.text;
  const auto is_blank_up_to_newline = [&](std::size_t at, int step) {
    for (; at < text.size() && text[at] != '\n'; at += static_cast<std::size_t>(step))
      if (text[at] != ' ' && text[at] != '\t' && text[at] != '\r') return false;
    return true;
  };
  const bool is_blank_line =
      is_blank_up_to_newline(offset.value, 1) && is_blank_up_to_newline(offset.value - 1ull, -1);
  if (is_blank_line && grammar_of(snapshot.language)->id == "python") text.insert(offset.value, "pass");
  return text;
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
  const bool is_ordered = is_innermost && depth > 0 && !around[depth - 1].is_unordered;
  return names_scope || !is_ordered || name.end < at;
}

}  // namespace

Result<std::vector<std::string>> names_visible_at(const Snapshot& snapshot, ByteOffset offset) {
  if (grammar_of(snapshot.language) == nullptr)
    return unsupported("language '" + snapshot.language + "' is not parsed");
  offset.value = std::min(offset.value, static_cast<std::uint32_t>(snapshot.text.size()));
  const std::string text = with_statement_at(snapshot, offset);
  const SyntaxTree tree = TRY(parse(text, snapshot.language));
  const Roles roles = roles_in(tree, {ByteOffset{0}, ByteOffset{static_cast<std::uint32_t>(text.size())}});

  std::vector<Around> around;
  for (const TSNode node : path_to(tree.root(), {offset, offset}))
    if (is_scope(node, roles))
      around.push_back({range_of(node), roles.has(node, Role::class_scope), is_comprehension(node)});

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
  const bool has_dollar = is_word(*grammar, "naming", "dollar");
  const bool is_well_formed =
      std::ranges::all_of(name, [&](char c) { return is_identifier_byte(c) || (has_dollar && c == '$'); });
  return is_well_formed && !is_word(*grammar, "keywords", name);
}

}  // namespace seedling
