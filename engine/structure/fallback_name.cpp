#include "engine/structure/fallback_name.h"

#include <algorithm>

#include "engine/structure/scope.h"
#include "grammars/words.h"

namespace seedling {
namespace {

struct KindName {
  std::string_view kind;
  std::string_view name;
};
constexpr KindName kNames[] = {
    {"comparison_operator", "is_match"},
    {"boolean_operator", "condition"},
    {"not_operator", "condition"},
    {"string", "text"},
    {"concatenated_string", "text"},
    {"template_string", "text"},
    {"string_literal", "text"},
    {"raw_string_literal", "text"},
    {"char_literal", "letter"},
    {"integer", "number"},
    {"float", "number"},
    {"number", "number"},
    {"number_literal", "number"},
    {"list", "items"},
    {"array", "items"},
    {"list_comprehension", "items"},
    {"generator_expression", "items"},
    {"set", "items"},
    {"set_comprehension", "items"},
    {"tuple", "pair"},
    {"dictionary", "mapping"},
    {"dictionary_comprehension", "mapping"},
    {"object", "options"},
    {"lambda", "callback"},
    {"arrow_function", "callback"},
    {"function_expression", "callback"},
    {"lambda_expression", "callback"},
    {"regex", "pattern"},
    {"call", "result"},
    {"call_expression", "result"},
    {"new_expression", "instance"},
};
constexpr std::string_view kComparisons[] = {"==", "!=", "<", "<=", ">", ">=", "===", "!=="};
constexpr std::string_view kLogic[] = {"&&", "||", "!", "??"};

// The name that the expression ends in: `b` of `a.b`, `load` of `a.load(x)`. Empty if it does not end in one.
std::string_view last_word(TSNode node, std::string_view text) {
  while (!ts_node_is_null(node)) {
    const std::string_view kind = kind_of(node);
    if (kind.ends_with("identifier")) return text_of(node, text);
    const char* field = kind == "call" || kind == "call_expression"         ? "function"
                        : kind == "new_expression"                          ? "constructor"
                        : kind == "attribute"                               ? "attribute"
                        : kind == "member_expression"                       ? "property"
                        : kind == "field_expression"                        ? "field"
                        : kind == "subscript" || kind == "await_expression" ? "value"
                        : kind == "qualified_identifier"                    ? "name"
                                                                            : nullptr;
    if (kind == "await" || kind == "await_expression" || kind == "parenthesized_expression" ||
        kind == "non_null_expression")
      node = ts_node_named_child(node, 0);
    else if (field != nullptr)
      node = ts_node_child_by_field_name(node, field,
                                         static_cast<std::uint32_t>(std::string_view(field).size()));
    else
      return {};
  }
  return {};
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
char lowered(char c) {
  return is_upper(c) ? static_cast<char>(c + 32) : c;
}

// `HTTPServer`, `httpServer` and `http_server` all become `http_server`.
std::string to_snake(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool starts_part = is_upper(word[i]) && i > 0 &&
                             (!is_upper(word[i - 1]) || (i + 1 < word.size() && is_lower(word[i + 1])));
    if (starts_part && !out.empty() && out.back() != '_') out += '_';
    if (word[i] != '$') out += lowered(word[i]);
  }
  const std::size_t first = out.find_first_not_of('_');
  return first == std::string::npos ? std::string() : out.substr(first);
}

std::string to_camel(std::string_view snake) {
  std::string out;
  bool starts_part = false;
  for (const char c : snake) {
    if (c == '_')
      starts_part = !out.empty();
    else
      out += starts_part && is_lower(c) ? static_cast<char>(c - 32) : c;
    if (c != '_') starts_part = false;
  }
  return out;
}

std::string without_verb(std::string snake) {
  for (std::string_view verb :
       {"get_", "make_", "create_", "compute_", "find_", "fetch_", "load_", "build_", "read_"})
    if (snake.starts_with(verb) && snake.size() > verb.size()) return snake.substr(verb.size());
  return snake;
}

std::string base_name(TSNode expression, std::string_view text) {
  const std::string_view kind = kind_of(expression);
  const std::string word = without_verb(to_snake(last_word(expression, text)));
  if (word.size() > 1) return word;
  const TSNode operation = ts_node_child_by_field_name(expression, "operator", 8);
  if (!ts_node_is_null(operation) && kind != "comparison_operator") {
    const std::string_view sign = text_of(operation, text);
    if (std::ranges::find(kComparisons, sign) != std::end(kComparisons)) return "is_match";
    if (std::ranges::find(kLogic, sign) != std::end(kLogic)) return "condition";
  }
  for (const KindName& row : kNames)
    if (row.kind == kind) return std::string(row.name);
  return "value";
}

}  // namespace

std::string fallback_name(TSNode expression, std::string_view text, const Grammar& grammar,
                          std::span<const std::string> taken) {
  const bool is_camel = is_word(grammar, "naming", "camel");
  const auto is_free = [&](const std::string& name) {
    return is_valid_identifier(name, grammar.id) && !is_word(grammar, "builtins", name) &&
           !std::ranges::binary_search(taken, name);
  };
  std::string base = base_name(expression, text);
  if (!is_free(is_camel ? to_camel(base) : base)) base += "_value";
  if (is_camel) base = to_camel(base);
  std::string name = base;
  for (int i = 2; !is_free(name) && i < 1000; ++i) name = base + std::to_string(i);
  return is_free(name) ? name : std::string("extracted_value");
}

}  // namespace seedling
