#include "engine/structure/undeclared.h"

#include <set>
#include <string>

#include "engine/structure/syntax.h"
#include "grammars/words.h"

namespace seedling {
namespace {

using Names = std::set<std::string_view>;

// Every word that could be a binding, wherever it stands: patterns and targets nest, and too many are no
// harm.
void add_bindings(TSNode node, const Roles& roles, std::string_view text, Names& bound) {
  const bool is_identifier = kind_of(node) == "identifier";
  if (is_identifier && (roles.has(node, Role::declared) || roles.has(node, Role::declared_outer)))
    bound.insert(text_of(node, text));
  for (std::string_view kind :
       {"case_pattern", "as_pattern_target", "pattern_list", "tuple_pattern", "list_pattern",
        "delete_statement", "type_parameter", "parameters", "lambda_parameters", "aliased_import",
        "type_alias_statement", "future_import_statement"}) {
    if (kind_of(node) != kind) continue;
    walk(node, [&](TSNode inner) {
      if (kind_of(inner) == "identifier") bound.insert(text_of(inner, text));
      return true;
    });
  }
}

bool hides_bindings(TSNode node, std::string_view text) {
  const std::string_view kind = kind_of(node);
  if (kind == "wildcard_import" || kind == "exec_statement") return true;
  if (kind != "call") return false;
  const TSNode function = ts_node_child_by_field_name(node, "function", 8);
  if (ts_node_is_null(function)) return false;
  const std::string_view called = text_of(function, text);
  return called == "globals" || called == "locals" || called == "vars" || called == "exec" ||
         called == "eval" || called.ends_with("._convert_");
}

// Whether the identifier reads a variable: not what follows a dot, nor the name of an argument or of a
// module.
bool is_read(TSNode node, const Roles& roles) {
  if (kind_of(node) != "identifier" || roles.has(node, Role::member) || ts_node_is_missing(node))
    return false;
  const std::string_view parent = kind_of(ts_node_parent(node));
  for (std::string_view kind :
       {"dotted_name", "aliased_import", "keyword_pattern", "keyword_separator", "member_type",
        "global_statement", "nonlocal_statement", "type_conversion", "print_statement"})
    if (parent == kind) return false;
  return true;
}

}  // namespace

void prepare_undeclared_uses() {
  compile_query(*grammar_of("python"), QueryFile::declarations);
}

Result<std::vector<SyntaxProblem>> undeclared_uses(const Snapshot& snapshot, std::stop_token stop) {
  std::vector<SyntaxProblem> problems;
  const std::string_view text = snapshot.text;
  const SyntaxTree tree = TRY(parse(text, snapshot.language, stop));
  if (tree.grammar().id != "python" || ts_node_has_error(tree.root())) return problems;

  const Roles roles = roles_in(tree, {ByteOffset{0}, ByteOffset{static_cast<std::uint32_t>(text.size())}},
                               {QueryFile::declarations});
  Names bound;
  bool is_hidden = false;
  walk(tree.root(), [&](TSNode node) {
    add_bindings(node, roles, text, bound);
    is_hidden = is_hidden || hides_bindings(node, text);
    return !is_hidden;
  });
  if (is_hidden) return problems;

  walk(tree.root(), [&](TSNode node) {
    if (!is_read(node, roles)) return true;
    const std::string_view name = text_of(node, text);
    if (bound.contains(name) || is_word(tree.grammar(), "builtins", name) ||
        is_word(tree.grammar(), "keywords", name))
      return true;
    std::string message = "'";
    message.append(name).append("' is not declared");
    problems.push_back(problem_at(text, range_of(node), std::move(message)));
    return true;
  });
  return problems;
}

}  // namespace seedling
