#include "engine/structure/scope.h"

#include <algorithm>

#include "engine/structure/lexical.h"
#include "engine/structure/parser.h"
#include "engine/structure/scopes.h"
#include "grammars/words.h"

namespace seedling {
namespace {

// A blank line at the end of an indented block belongs to no node; a statement in it shows which block it
// would be in.
std::string with_statement_at(const Snapshot& snapshot, ByteOffset offset) {
  std::string text = snapshot.text;
  const auto is_blank_up_to_newline = [&](std::size_t at, int step) {
    for (; at < text.size() && text[at] != '\n'; at += static_cast<std::size_t>(step))
      if (text[at] != ' ' && text[at] != '\t' && text[at] != '\r') return false;
    return true;
  };
  const bool is_blank_line =
      is_blank_up_to_newline(offset.value, 1) && is_blank_up_to_newline(offset.value - 1ull, -1);
  if (is_blank_line && is_word(*grammar_of(snapshot.language), "layout", "indented"))
    text.insert(offset.value, "pass");
  return text;
}

}  // namespace

Result<std::vector<std::string>> names_visible_at(const Snapshot& snapshot, ByteOffset offset) {
  if (grammar_of(snapshot.language) == nullptr)
    return unsupported("language '" + snapshot.language + "' is not parsed");
  offset.value = std::min(offset.value, static_cast<std::uint32_t>(snapshot.text.size()));
  const std::string text = with_statement_at(snapshot, offset);
  const SyntaxTree tree = TRY(parse(text, snapshot.language));
  const ScopeTable table = scopes_of(tree, text);
  std::vector<DeclarationIndex> visible;
  table.visible_at(offset, visible);
  std::vector<std::string> names;
  for (const DeclarationIndex index : visible) {
    const ByteRange name = table.declarations()[index].name;
    names.push_back(text.substr(name.begin.value, name.size()));
  }
  std::ranges::sort(names);
  return names;
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
