#include "engine/train/corpus/self_contained.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "engine/structure/exports.h"
#include "engine/structure/lexical.h"
#include "engine/structure/lines.h"
#include "engine/structure/scopes.h"
#include "engine/structure/undeclared.h"
#include "engine/structure/verdict.h"

namespace seedling {
namespace {

constexpr std::ptrdiff_t kFewestLines = 4, kMostLines = 60;

// Modules that compute and do nothing else.
constexpr std::array<std::string_view, 14> kPlainModules = {
    "bisect", "collections", "copy",   "fractions", "functools",  "heapq",  "itertools",
    "math",   "operator",    "random", "re",        "statistics", "string", "typing"};

constexpr std::array<std::string_view, 4> kDecidingWords = {"for", "while", "if", "switch"};

bool is_of_interest(std::string_view function) {
  const auto has_word = [&](std::string_view word) { return find_word(function, word) != function.npos; };
  const std::ptrdiff_t lines = std::count(function.begin(), function.end(), '\n') + 1;
  return lines >= kFewestLines && lines <= kMostLines && has_word("return") &&
         std::ranges::any_of(kDecidingWords, has_word);
}

std::string_view whole_lines_of(std::string_view text, ByteRange range) {
  const std::size_t begin = line_start(text, range.begin.value), end = line_end(text, range.end.value);
  return text.substr(begin, end - begin);
}

// The one-line import of a plain module that declares the name; empty if there is none.
std::string_view plain_import(const ScopeTable& table, std::string_view text, NameKey name) {
  for (const Declaration& declaration : table.declarations()) {
    if (declaration.key != name || declaration.scope != 0 || declaration.kind != NameKind::import) continue;
    const std::string_view line = whole_lines_of(text, declaration.name);
    for (const std::string_view opening : {"import ", "from "}) {
      if (!line.starts_with(opening) || line.find_first_of("(\\,;") != line.npos) continue;
      const std::string_view module = word_at(line.substr(opening.size()));
      if (std::ranges::find(kPlainModules, module) != kPlainModules.end()) return line;
    }
  }
  return {};
}

// The function with the imports it needs; nothing if it needs more.
std::optional<std::string> on_its_own(const ScopeTable& file, std::string_view text,
                                      std::string_view function, std::string_view language) {
  const Result<ScopeTable> table = scopes_of(function, language);
  if (!table.ok() || !table->includes().empty()) return std::nullopt;
  std::set<std::string_view> imports;
  for (const Reference& use : undeclared_references(*table, {.names = {}, .are_complete = true})) {
    const std::string_view import =
        language == "python" ? plain_import(file, text, use.key) : std::string_view();
    if (import.empty()) return std::nullopt;
    imports.insert(import);
  }
  // What cannot be seen may declare anything: nothing was asked of the names there.
  if (std::ranges::any_of(table->scopes(),
                          [](const Scope& scope) { return scope.is_open || scope.is_broken; }))
    return std::nullopt;
  std::string whole;
  for (const std::string_view import : imports) whole.append(import) += '\n';
  if (!imports.empty()) whole += "\n\n";
  return whole.append(function) + '\n';
}

}  // namespace

std::vector<std::string> self_contained_functions(std::string_view text, std::string_view language) {
  std::vector<std::string> functions;
  const Result<ScopeTable> table = scopes_of(text, language);
  if (!table.ok()) return functions;
  std::size_t end = 0;  // of the last one taken
  for (const Scope& scope : table->scopes()) {
    if (scope.kind != ScopeKind::function || scope.parent != 0 || scope.range.begin.value < end) continue;
    const std::string_view function = whole_lines_of(text, scope.range);
    if (!is_identifier_byte(function.empty() ? ' ' : function.front()) || !is_of_interest(function)) continue;
    const Result<Verdict> verdict = judge(function, language);
    if (!verdict.ok() || !verdict->is_clean()) continue;
    std::optional<std::string> whole = on_its_own(*table, text, function, language);
    if (!whole) continue;
    end = scope.range.end.value;
    functions.push_back(std::move(*whole));
  }
  return functions;
}

}  // namespace seedling
