#include "engine/structure/undeclared.h"

#include <algorithm>
#include <set>
#include <string>

#include "engine/structure/scope_rules.h"
#include "engine/structure/syntax.h"
#include "grammars/words.h"

namespace seedling {
namespace {

// A text that includes nothing and uses more names which nothing declares is a piece that other files
// include.
constexpr std::size_t kMostUnknownNames = 2;

bool is_piece(const ScopeTable& table, const std::vector<Reference>& undeclared) {
  if (!table.includes().empty() || !is_word(table.grammar(), "lexical", "preprocessor")) return false;
  std::set<NameKey> names;
  for (const Reference& use : undeclared) names.insert(use.key);
  return names.size() > kMostUnknownNames;
}

bool is_judged(const Reference& use) {
  return use.role != UseRole::member && use.role != UseRole::label && !use.is_lenient;
}

}  // namespace

bool is_included(std::string_view path, const Grammar& grammar) {
  return std::ranges::any_of(words_of(grammar, "included"),
                             [&](std::string_view ending) { return path.ends_with(ending); });
}

bool may_be_ambient(UseRole role, const Grammar& grammar) {
  return role == UseRole::type && !words_of(grammar, "ambient").empty();
}

void prepare_undeclared_uses() {
  for (const Grammar& grammar : all_grammars()) scope_rules_of(grammar);
}

std::vector<Reference> undeclared_references(const ScopeTable& table, const Surroundings& around) {
  std::vector<Reference> uses;
  if (table.depends_on_files() && !around.are_complete) return uses;
  // Where names are also found through types (argument-dependent look-up, inherited members), anything of
  // that name will do.
  const bool are_types_known = around.are_complete || !may_be_ambient(UseRole::type, table.grammar());
  const bool is_anywhere = is_word(table.grammar(), "scoping", "anywhere");
  for (const Reference& use : table.references()) {
    if (!is_judged(use) || table.find(use.key, use.scope) != kNoIndex || table.is_builtin(use.key)) continue;
    if (use.role == UseRole::type && !are_types_known) continue;
    if (is_anywhere && table.declares(use.key)) continue;
    if (std::ranges::binary_search(around.names, use.key)) continue;
    if (table.is_closed(use.scope, around.are_complete)) uses.push_back(use);
  }
  if (is_piece(table, uses)) uses.clear();
  return uses;
}

Result<std::vector<SyntaxProblem>> undeclared_uses(const Snapshot& snapshot, std::stop_token stop,
                                                   const Surroundings& around) {
  std::vector<SyntaxProblem> problems;
  const std::string_view text = snapshot.text;
  const SyntaxTree tree = TRY(parse(text, snapshot.language, stop));
  if (ts_node_has_error(tree.root()) || is_included(snapshot.path, tree.grammar())) return problems;
  for (const Reference& use : undeclared_references(scopes_of(tree, text), around)) {
    std::string message = "'";
    message.append(text.substr(use.name.begin.value, use.name.size())).append("' is not declared");
    problems.push_back(problem_at(text, use.name, std::move(message)));
  }
  return problems;
}

}  // namespace seedling
