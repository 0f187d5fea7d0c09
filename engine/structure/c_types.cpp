#include <algorithm>
#include <string>

#include "engine/structure/extractable.h"

namespace seedling {
namespace {

std::string number_type(std::string_view literal) {
  std::string lower(literal);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const bool is_hex = lower.starts_with("0x");
  if (!is_hex && lower.find_first_of(".e") != std::string::npos)
    return lower.ends_with('f') ? "float " : "double ";
  const bool is_unsigned = lower.find('u') != std::string::npos;
  const auto longs = std::ranges::count(lower, 'l');
  const std::string_view size = longs >= 2 ? "long long " : longs == 1 ? "long " : is_unsigned ? "" : "int ";
  // A literal without a suffix that is too long for an int has a type that depends on the machine.
  if (longs == 0 && lower.size() > 9) return {};
  std::string type = is_unsigned ? "unsigned " : "";
  return type.append(size);
}

std::optional<std::string> cast_type(TSNode cast, std::string_view text) {
  const TSNode type = ts_node_child_by_field_name(cast, "type", 4);
  if (ts_node_is_null(type)) return std::nullopt;
  const std::string_view written = text_of(type, text);
  // `(int (*)(void)) f` would need the name in the middle.
  if (written.find_first_of("([\n") != std::string_view::npos) return std::nullopt;
  std::string declared(written);
  if (!declared.ends_with('*')) declared += ' ';
  return declared;
}

std::optional<std::string> operator_type(TSNode expression, std::string_view text) {
  const TSNode operation = ts_node_child_by_field_name(expression, "operator", 8);
  const std::string_view sign = ts_node_is_null(operation) ? std::string_view() : text_of(operation, text);
  for (std::string_view truth : {"==", "!=", "<", "<=", ">", ">=", "&&", "||", "!"})
    if (sign == truth) return "int ";
  std::optional<std::string> common;
  for (std::string_view field : {"left", "right", "argument"}) {
    const TSNode operand =
        ts_node_child_by_field_name(expression, field.data(), static_cast<std::uint32_t>(field.size()));
    if (ts_node_is_null(operand)) continue;
    const std::optional<std::string> type = evident_c_type(operand, text);
    if (!type || type->find('*') != std::string::npos || type->starts_with("char")) return std::nullopt;
    if (common && *common != *type) return std::nullopt;
    common = type;
  }
  return common;
}

}  // namespace

std::optional<std::string> evident_c_type(TSNode expression, std::string_view text) {
  // Parentheses and signs may nest deeper than a stack; an evident type is never far down.
  if (ts_node_end_byte(expression) - ts_node_start_byte(expression) > 2000) return std::nullopt;
  const std::string_view kind = kind_of(expression);
  if (kind == "number_literal") {
    std::string type = number_type(text_of(expression, text));
    return type.empty() ? std::nullopt : std::optional(std::move(type));
  }
  if (kind == "string_literal" || kind == "concatenated_string") {
    const bool is_plain = text_of(expression, text).starts_with('"');
    return is_plain ? std::optional<std::string>("const char *") : std::nullopt;
  }
  if (kind == "char_literal")
    return text_of(expression, text).starts_with('\'') ? std::optional<std::string>("char ") : std::nullopt;
  if (kind == "true" || kind == "false") return "bool ";
  if (kind == "parenthesized_expression") return evident_c_type(ts_node_named_child(expression, 0), text);
  if (kind == "cast_expression") return cast_type(expression, text);
  if (kind == "binary_expression" || kind == "unary_expression") return operator_type(expression, text);
  return std::nullopt;
}

}  // namespace seedling
