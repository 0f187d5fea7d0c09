#include "engine/structure/extract_variable.h"

#include <algorithm>
#include <set>

#include "engine/assert.h"
#include "engine/structure/extractable.h"
#include "engine/structure/fallback_name.h"
#include "engine/structure/lexical.h"
#include "engine/structure/scope.h"
#include "engine/structure/verdict.h"
#include "grammars/words.h"

namespace seedling {
namespace {

// Expressions around a cursor that are tried, from the inside out: nobody wants the fortieth.
constexpr int kMaxTries = 40;

constexpr std::string_view kBlank = " \t\r\n\f\v";

// The right side of `x = ...` has a name already; only an explicit selection asks for another.
bool has_name_already(TSNode node, TSNode parent) {
  for (std::string_view kind :
       {"assignment", "variable_declarator", "init_declarator", "assignment_expression"})
    if (kind_of(parent) == kind) {
      const std::string_view field =
          kind == "assignment" || kind == "assignment_expression" ? "right" : "value";
      const TSNode value =
          ts_node_child_by_field_name(parent, field.data(), static_cast<std::uint32_t>(field.size()));
      return !ts_node_is_null(value) && same_node(value, node);
    }
  return false;
}

// The smallest expression on the path that is worth a name, inside one statement.
std::optional<Place> place_around(const std::vector<TSNode>& path, const Roles& roles,
                                  const ScopeTable& scopes, std::string_view text) {
  int tries = 0;
  for (std::size_t size = path.size(); size >= 2; --size) {
    const TSNode node = path[size - 1];
    if (roles.has(node, Role::statement) || roles.has(node, Role::block)) return std::nullopt;
    if (!roles.has(node, Role::worthwhile) || has_name_already(node, path[size - 2])) continue;
    if (++tries > kMaxTries) return std::nullopt;
    std::optional<Place> place = place_to_extract(
        {path.begin(), path.begin() + static_cast<std::ptrdiff_t>(size)}, roles, scopes, text);
    if (place) return place;
  }
  return std::nullopt;
}

std::optional<Place> place_at_cursor(TSNode root, ByteOffset cursor, const Roles& roles,
                                     const ScopeTable& scopes, std::string_view text) {
  std::optional<Place> behind = place_around(path_to(root, {cursor, cursor}), roles, scopes, text);
  if (cursor.value == 0) return behind;
  // A cursor right after an expression means that expression.
  std::optional<Place> before =
      place_around(path_to(root, {ByteOffset{cursor.value - 1}, cursor}), roles, scopes, text);
  if (!before || !behind) return before ? before : behind;
  return range_of(before->expression()).size() < range_of(behind->expression()).size() ? before : behind;
}

// Several nodes may cover the selection exactly: the innermost one that can be extracted is taken.
std::optional<Place> place_of_selection(TSNode root, ByteRange selection, const Roles& roles,
                                        const ScopeTable& scopes, std::string_view text) {
  std::vector<TSNode> path = path_to(root, selection);
  while (path.size() > 2 && range_of(path.back()) == selection) {
    std::optional<Place> place = place_to_extract(path, roles, scopes, text);
    if (place) return place;
    path.pop_back();
  }
  return std::nullopt;
}

std::optional<ByteRange> trimmed(std::string_view text, ByteRange range) {
  const std::string_view piece = text.substr(range.begin.value, range.size());
  const std::size_t first = piece.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t last = piece.find_last_not_of(kBlank);
  const std::uint32_t base = range.begin.value;
  return ByteRange{ByteOffset{base + static_cast<std::uint32_t>(first)},
                   ByteOffset{base + static_cast<std::uint32_t>(last) + 1}};
}

// What separates the declaration from the statement behind it; nullopt where no declaration can stand.
std::optional<std::string> separator_before(TSNode statement, std::string_view text, const Grammar& grammar) {
  const std::size_t start = ts_node_start_byte(statement);
  const std::size_t newline = start == 0 ? std::string_view::npos : text.rfind('\n', start - 1);
  const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
  const std::string_view lead = text.substr(line, start - line);
  if (lead.find_first_not_of(" \t") != std::string_view::npos) {
    if (is_word(grammar, "layout", "indented")) return std::nullopt;
    const char last = lead[lead.find_last_not_of(" \t")];
    return last == '{' || last == ';' || last == '}' ? std::optional<std::string>(" ") : std::nullopt;
  }
  const std::size_t end = text.find('\n', start);
  const bool has_carriage_return = end != std::string_view::npos && end > 0 && text[end - 1] == '\r';
  std::string separator = has_carriage_return ? "\r\n" : "\n";
  return separator.append(lead);
}

// An indented language ends a statement at a newline that stands in no bracket.
bool breaks_outside_brackets(std::string_view expression, const Grammar& grammar) {
  Scanner scanner(grammar.id);
  for (std::size_t at = 0; at < expression.size();) {
    if (expression[at] == '\n' && !scanner.is_in_string() && scanner.open_brackets().empty()) return true;
    at = scanner.step(expression, at);
  }
  return false;
}

// Some files end no statement with a semicolon; there the declaration needs none either.
std::string_view end_in_style(TSNode statement, std::string_view text) {
  const bool has_semicolons = text_of(statement, text).ends_with(';') ||
                              text.find(";\n") != std::string_view::npos ||
                              text.find(";\r\n") != std::string_view::npos;
  const std::string_view kContinuesALine = "([`/+-*.,";
  const char first = text[ts_node_start_byte(statement)];
  return has_semicolons || kContinuesALine.find(first) != std::string_view::npos ? ";" : "";
}

struct DeclarationText {
  std::string before_name;
  std::string after_name;
};

// Fills [variable] of the language: `const NAME = VALUE?;`. TYPE stands for a type that has to be evident,
// `?;` for a semicolon where the file uses them.
std::optional<DeclarationText> declaration_of(const Place& place, const Roles& roles, std::string_view text,
                                              const Grammar& grammar) {
  const TSNode expression = place.expression();
  const std::string_view value = text_of(expression, text);
  const std::string_view own =
      roles.has(expression, Role::place) ? section_of(grammar, "variable of a place") : std::string_view();
  const std::string_view pattern = own.empty() ? section_of(grammar, "variable") : own;
  constexpr std::string_view kName = "NAME", kValue = "VALUE", kMaybeEnd = "?;";
  const std::size_t name = pattern.find(kName), value_at = pattern.find(kValue);
  if (name == std::string_view::npos || value_at == std::string_view::npos) return std::nullopt;

  DeclarationText declaration;
  declaration.before_name = pattern.substr(0, name);
  if (declaration.before_name == "TYPE ") {
    std::optional<std::string> type = evident_c_type(expression, text);
    if (!type) return std::nullopt;
    declaration.before_name = std::move(*type);
  }
  const bool is_indented = is_word(grammar, "layout", "indented");
  const bool needs_brackets = is_indented && breaks_outside_brackets(value, grammar);
  const std::string_view end = pattern.substr(value_at + kValue.size());
  declaration.after_name = pattern.substr(name + kName.size(), value_at - name - kName.size());
  declaration.after_name.append(needs_brackets ? "(" : "").append(value).append(needs_brackets ? ")" : "");
  declaration.after_name += end == kMaybeEnd ? end_in_style(place.owner(), text) : end;
  return declaration;
}

// Visible names, and every name used in the outermost function around the place: a new name among them could
// capture.
std::vector<std::string> taken_names(const Place& place, const ScopeTable& scopes, std::string_view text,
                                     std::vector<std::string> visible) {
  std::set<std::string, std::less<>> names(visible.begin(), visible.end());
  ScopeIndex around = scopes.scope_at(range_of(place.expression()).begin);
  while (around != 0 && scopes.scopes()[around].parent != 0) around = scopes.scopes()[around].parent;
  const ByteRange range = scopes.scopes()[around].range;
  const auto add = [&](ByteRange name) {
    if (range.contains(name.begin)) names.emplace(text.substr(name.begin.value, name.size()));
  };
  for (const Declaration& declaration : scopes.declarations())
    if (declaration.is_bare) add(declaration.name);
  for (const Reference& use : scopes.references())
    if (use.role != UseRole::member) add(use.name);
  return {names.begin(), names.end()};
}

std::string applied(std::string text, const std::vector<Edit>& edits) {
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit)
    text.replace(edit->range.begin.value, edit->range.size(), edit->text);
  return text;
}

}  // namespace

Result<std::optional<ExtractVariable>> plan_extract_variable(const Snapshot& snapshot, ByteRange selection) {
  using Plan = std::optional<ExtractVariable>;
  const std::string_view text = snapshot.text;
  const SyntaxTree tree = TRY(parse(text, snapshot.language));
  const auto size = static_cast<std::uint32_t>(text.size());
  selection.begin.value = std::min(selection.begin.value, size);
  selection.end.value = std::clamp(selection.end.value, selection.begin.value, size);

  // Which expression.
  const Roles roles = roles_around(tree, selection);
  const ScopeTable scopes = scopes_of(tree, text);
  std::optional<Place> place;
  const std::optional<ByteRange> solid = trimmed(text, selection);
  if (selection.size() == 0)
    place = place_at_cursor(tree.root(), selection.begin, roles, scopes, text);
  else if (solid)
    place = place_of_selection(tree.root(), *solid, roles, scopes, text);
  if (!place || ts_node_has_error(place->owner())) return Plan();

  // Where its declaration goes and how it is written.
  const std::optional<std::string> separator = separator_before(place->owner(), text, tree.grammar());
  std::optional<DeclarationText> declaration = declaration_of(*place, roles, text, tree.grammar());
  if (!separator || !declaration) return Plan();

  ExtractVariable plan;
  plan.before_name = std::move(declaration->before_name);
  plan.after_name = std::move(declaration->after_name) + *separator;
  plan.insert_at = range_of(place->owner()).begin;
  plan.chosen = range_of(place->expression());
  plan.uses = equal_uses(*place, roles, scopes, text);
  plan.expression = text_of(place->expression(), text);
  plan.names_in_scope = taken_names(*place, scopes, text, TRY(names_visible_at(snapshot, plan.insert_at)));
  plan.suggested_fallback_name =
      fallback_name(place->expression(), text, tree.grammar(), plan.names_in_scope);

  // The last word is the parser's.
  const Verdict before = TRY(judge(text, snapshot.language));
  const std::string after = applied(snapshot.text, apply_name(plan, snapshot, plan.suggested_fallback_name));
  if (!TRY(judge(after, snapshot.language)).parses_no_worse_than(before)) return Plan();
  return Plan(std::move(plan));
}

bool is_name_free(const ExtractVariable& plan, const Snapshot& snapshot, std::string_view name) {
  return is_valid_identifier(name, snapshot.language) &&
         !std::ranges::binary_search(plan.names_in_scope, name);
}

std::vector<Edit> apply_name(const ExtractVariable& plan, const Snapshot& snapshot, std::string_view name) {
  SEEDLING_ASSERT(plan.insert_at.value <= snapshot.text.size());
  std::vector<Edit> edits;
  std::string declaration = plan.before_name;
  declaration.append(name).append(plan.after_name);
  edits.push_back({{plan.insert_at, plan.insert_at}, std::move(declaration)});
  for (const ByteRange& use : plan.uses) {
    SEEDLING_ASSERT(use.end.value <= snapshot.text.size());
    edits.push_back({use, std::string(name)});
  }
  // A use that starts the statement makes one edit with the declaration: edits never touch at one offset.
  if (edits.size() > 1 && edits[1].range.begin == plan.insert_at) {
    edits[0] = {edits[1].range, edits[0].text + edits[1].text};
    edits.erase(edits.begin() + 1);
  }
  return edits;
}

}  // namespace seedling
