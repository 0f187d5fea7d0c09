#include "engine/structure/exports.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "engine/structure/lexical.h"
#include "engine/structure/lines.h"
#include "grammars/registry.h"

namespace seedling {
namespace {

// Files that stand for their folder.
constexpr std::array<std::string_view, 3> kFolderFiles = {"__init__", "index", "mod"};

std::string_view last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view module_of(std::string_view path, std::string_view language) {
  const std::string_view file = last_part(path);
  const std::string_view stem = file.substr(0, file.find('.'));
  const bool is_folder = language == "go" || std::ranges::find(kFolderFiles, stem) != kFolderFiles.end();
  return is_folder ? last_part(folder_of(path)) : stem;
}

// The file itself, and what lies in it by way of namespaces only.
bool is_outermost(const ScopeTable& table, ScopeIndex scope) {
  while (scope != 0 && table.scopes()[scope].kind == ScopeKind::space) scope = table.scopes()[scope].parent;
  return scope == 0;
}

// Appends the line of a declaration, unless it stands there already.
void add_line(std::string& outline, std::size_t& last_line, std::string_view text, std::size_t at) {
  const std::size_t begin = line_start(text, at);
  const std::string_view line = text.substr(begin, line_end(text, begin) - begin);
  if (begin == last_line || outline.size() + line.size() >= kMostOutline) return;
  last_line = begin;
  outline += line;
  outline += '\n';
}

}  // namespace

std::size_t find_word(std::string_view text, std::string_view word) {
  if (word.empty()) return std::string_view::npos;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_identifier_byte(text[at - 1]);
    if (begins && (end == text.size() || !is_identifier_byte(text[end]))) return at;
  }
  return std::string_view::npos;
}

bool mentions(std::string_view text, const Exports& exports) {
  return find_word(text, exports.module) != std::string_view::npos;
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

Exports exports_of(const ScopeTable& table, std::string_view text, std::string_view path) {
  Exports exports;
  exports.module = module_of(path, table.grammar().id);
  exports.file = last_part(path);
  std::set<std::string_view> names;
  std::map<NameKey, std::string_view> types;
  std::map<NameKey, std::set<std::string_view>> members;
  std::size_t last_line = std::string_view::npos;
  for (const Declaration& declaration : table.declarations()) {
    const std::string_view name = text.substr(declaration.name.begin.value, declaration.name.size());
    const Scope& holder = table.scopes()[declaration.scope];
    if (holder.owner != 0 && (holder.kind == ScopeKind::type || !declaration.is_bare)) {
      if (members[holder.owner].insert(name).second)
        add_line(exports.outline, last_line, text, declaration.name.begin.value);
      continue;
    }
    if (!declaration.is_bare || declaration.kind == NameKind::import) continue;
    if (!is_outermost(table, declaration.scope)) continue;
    if (names.insert(name).second) add_line(exports.outline, last_line, text, declaration.name.begin.value);
    if (declaration.kind == NameKind::type) types.emplace(declaration.key, name);
  }
  exports.names.assign(names.begin(), names.end());
  for (const auto& [key, name] : types) {
    const auto found = members.find(key);
    if (found == members.end()) continue;
    exports.types.push_back({std::string(name), {found->second.begin(), found->second.end()}});
  }
  std::ranges::sort(exports.types, {}, &ExportedType::name);
  return exports;
}

}  // namespace seedling
