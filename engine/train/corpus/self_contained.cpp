#include "engine/train/corpus/self_contained.h"

#include <algorithm>
#include <array>
#include <map>
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
constexpr std::size_t kMostNeighbours = 6;

// Modules whose use needs no package around it.
constexpr std::array<std::string_view, 32> kPlainModules = {
    "array",     "base64",      "binascii", "bisect",     "calendar",   "cmath",  "collections",
    "copy",      "dataclasses", "datetime", "decimal",    "difflib",    "enum",   "fractions",
    "functools", "hashlib",     "heapq",    "itertools",  "json",       "math",   "operator",
    "os",        "queue",       "random",   "re",         "statistics", "string", "struct",
    "sys",       "textwrap",    "typing",   "unicodedata"};

constexpr std::array<std::string_view, 4> kDecidingWords = {"for", "while", "if", "switch"};

std::ptrdiff_t line_count(std::string_view text) {
  return std::count(text.begin(), text.end(), '\n') + 1;
}

bool is_of_interest(std::string_view function) {
  const auto has_word = [&](std::string_view word) { return find_word(function, word) != function.npos; };
  const std::ptrdiff_t lines = line_count(function);
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

bool is_outermost_function(const Scope& scope) {
  return scope.kind == ScopeKind::function && scope.parent == 0;
}

// The lines of the one function or one-line statement that declares the name for the whole file; nothing if
// there is none, or more than one.
std::optional<ByteRange> neighbour(const ScopeTable& table, std::string_view text, NameKey name) {
  std::optional<ByteRange> found;
  for (const Declaration& declaration : table.declarations()) {
    if (declaration.key != name || declaration.scope != 0) continue;
    if (found || (declaration.kind != NameKind::function && declaration.kind != NameKind::variable &&
                  declaration.kind != NameKind::constant))
      return std::nullopt;
    found = declaration.name;
    for (const Scope& scope : table.scopes()) {
      if (!is_outermost_function(scope)) continue;
      const std::size_t begin = line_start(text, scope.range.begin.value);
      if (begin <= found->begin.value && found->end <= scope.range.end) found = scope.range;
    }
  }
  return found;
}

// A function and what it needs of its file.
struct Bundle {
  std::set<std::string_view> imports;
  std::map<std::size_t, std::string_view> parts;  // whole lines, by where they begin

  std::string text() const {
    std::string whole;
    for (const std::string_view import : imports) whole.append(import) += '\n';
    for (const auto& [begin, part] : parts) {
      const bool is_one_line = part.find('\n') == part.npos;
      if (!whole.empty()) whole += is_one_line ? "\n" : "\n\n";
      whole.append(part) += '\n';
    }
    return whole;
  }
};

// Adds what the bundle uses and does not declare. Whether it then stands for itself; nothing if it needs more
// than can come along.
std::optional<bool> complete(Bundle& bundle, const ScopeTable& file, std::string_view text,
                             std::string_view language) {
  const std::string so_far = bundle.text();
  const Result<ScopeTable> table = scopes_of(so_far, language);
  if (!table.ok() || !table->includes().empty()) return std::nullopt;
  std::set<NameKey> needed;
  for (const Reference& use : undeclared_references(*table, {.names = {}, .are_complete = true}))
    needed.insert(use.key);
  for (const NameKey name : needed) {
    const std::string_view import =
        language == "python" ? plain_import(file, text, name) : std::string_view();
    if (!import.empty()) {
      if (!bundle.imports.insert(import).second) return std::nullopt;
      continue;
    }
    const std::optional<ByteRange> beside = neighbour(file, text, name);
    if (!beside) return std::nullopt;
    const std::string_view lines = whole_lines_of(text, *beside);
    if (lines.empty() || lines.front() == ' ' || lines.front() == '\t') return std::nullopt;
    if (!bundle.parts.emplace(line_start(text, beside->begin.value), lines).second) return std::nullopt;
  }
  // What cannot be seen may declare anything: nothing was asked of the names there.
  if (needed.empty() && std::ranges::any_of(table->scopes(), [](const Scope& scope) {
        return scope.is_open || scope.is_broken;
      }))
    return std::nullopt;
  return needed.empty();
}

// Nothing if the function leans on more than what can come along.
std::optional<Bundle> on_its_own(const ScopeTable& file, std::string_view text, ByteRange function,
                                 std::string_view language) {
  Bundle bundle;
  bundle.parts.emplace(line_start(text, function.begin.value), whole_lines_of(text, function));
  while (bundle.parts.size() <= kMostNeighbours + 1) {
    const std::optional<bool> is_complete = complete(bundle, file, text, language);
    if (!is_complete) return std::nullopt;
    if (!*is_complete) continue;
    const std::string whole = bundle.text();
    if (line_count(whole) > kMostLines) return std::nullopt;
    const Result<Verdict> verdict = judge(whole, language);
    if (!verdict.ok() || !verdict->is_clean()) return std::nullopt;
    return bundle;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> self_contained_functions(std::string_view text, std::string_view language) {
  std::vector<std::string> functions;
  const Result<ScopeTable> table = scopes_of(text, language);
  if (!table.ok()) return functions;
  std::set<std::size_t> taken;  // where what came along with another begins
  // From the last one on: what is used stands before what uses it, most often.
  const std::span<const Scope> scopes = table->scopes();
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
    if (!is_outermost_function(*scope) || taken.contains(line_start(text, scope->range.begin.value)))
      continue;
    const std::string_view function = whole_lines_of(text, scope->range);
    if (!is_identifier_byte(function.empty() ? ' ' : function.front()) || !is_of_interest(function)) continue;
    const std::optional<Bundle> bundle = on_its_own(*table, text, scope->range, language);
    if (!bundle) continue;
    for (const auto& [begin, part] : bundle->parts) taken.insert(begin);
    functions.push_back(bundle->text());
  }
  std::ranges::reverse(functions);
  return functions;
}

}  // namespace seedling
