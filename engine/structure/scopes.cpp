#include "engine/structure/scopes.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_set>

#include "engine/assert.h"
#include "grammars/words.h"

namespace seedling {
namespace {

struct Builtins {
  std::unordered_set<NameKey> names;
  bool is_late = false;  // a function may use what is declared behind it
};

const Builtins& builtins_of(const Grammar& grammar) {
  static constexpr std::size_t kMaxGrammars = 64;
  static std::array<std::once_flag, kMaxGrammars> once;
  static std::array<Builtins, kMaxGrammars> all;
  const std::size_t at = static_cast<std::size_t>(&grammar - all_grammars().data());
  SEEDLING_ASSERT(at < kMaxGrammars);
  std::call_once(once[at], [&] {
    for (const std::string_view section : {"builtins", "globals", "keywords"})
      for (const std::string_view word : words_of(grammar, section)) all[at].names.insert(name_key(word));
    all[at].is_late = is_word(grammar, "scoping", "late");
  });
  return all[at];
}

}  // namespace

NameKey name_key(std::string_view name) {
  // FNV-1a, then mixed: names are short.
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

void ScopeTable::index() {
  for (ScopeIndex i = 0; i < scopes_.size(); ++i) scopes_[i].last = i;
  for (ScopeIndex i = static_cast<ScopeIndex>(scopes_.size()); i-- > 1;)
    scopes_[scopes_[i].parent].last = std::max(scopes_[scopes_[i].parent].last, scopes_[i].last);

  std::size_t size = 16;
  while (size < declarations_.size() * 2) size *= 2;
  buckets_.assign(size, kNoIndex);
  next_.assign(declarations_.size(), kNoIndex);
  for (std::size_t i = declarations_.size(); i-- > 0;) {
    std::uint32_t& bucket = buckets_[declarations_[i].key & (size - 1)];
    next_[i] = bucket;
    bucket = static_cast<std::uint32_t>(i);
  }
}

ScopeIndex ScopeTable::scope_at(ByteOffset at) const {
  const auto after =
      std::upper_bound(scopes_.begin() + 1, scopes_.end(), at,
                       [](ByteOffset offset, const Scope& s) { return offset < s.range.begin; });
  ScopeIndex scope = static_cast<ScopeIndex>(after - scopes_.begin()) - 1;
  while (scope != 0 && !scopes_[scope].range.contains(at)) scope = scopes_[scope].parent;
  return scope;
}

// Whether a bare name in `from` looks into the scope `declared_in`.
bool ScopeTable::reaches(ScopeIndex from, ScopeIndex declared_in) const {
  if (!encloses(declared_in, from)) return false;
  if (!scopes_[declared_in].is_hidden) return true;
  for (; from != declared_in; from = scopes_[from].parent)
    if (scopes_[from].kind == ScopeKind::function) return false;
  return true;
}

DeclarationIndex ScopeTable::find(NameKey name, ScopeIndex from) const {
  DeclarationIndex best = kNoIndex;
  for (std::uint32_t i = buckets_[name & (buckets_.size() - 1)]; i != kNoIndex; i = next_[i]) {
    const Declaration& declaration = declarations_[i];
    if (declaration.key != name || !declaration.is_bare || !encloses(declaration.scope, from)) continue;
    if (best == kNoIndex || declaration.scope > declarations_[best].scope) best = i;
  }
  return best;
}

bool ScopeTable::declares(NameKey name) const {
  for (std::uint32_t i = buckets_[name & (buckets_.size() - 1)]; i != kNoIndex; i = next_[i])
    if (declarations_[i].key == name) return true;
  return false;
}

bool ScopeTable::is_visible(const Declaration& declaration, ScopeIndex from, ByteOffset at) const {
  if (!declaration.is_bare || !reaches(from, declaration.scope)) return false;
  if (declaration.visible_from <= at || scopes_[declaration.scope].kind == ScopeKind::comprehension)
    return true;
  if (!builtins_of(*grammar_).is_late) return false;
  for (; from != declaration.scope; from = scopes_[from].parent)
    if (scopes_[from].kind == ScopeKind::function) return true;
  return false;
}

void ScopeTable::visible_at(ByteOffset at, std::vector<DeclarationIndex>& found) const {
  found.clear();
  const ScopeIndex from = scope_at(at);
  for (DeclarationIndex i = 0; i < declarations_.size(); ++i)
    if (is_visible(declarations_[i], from, at)) found.push_back(i);
  // Of equal names the innermost stays, and of these the last one before the place.
  std::ranges::sort(found, [&](DeclarationIndex a, DeclarationIndex b) {
    const Declaration &x = declarations_[a], &y = declarations_[b];
    if (x.key != y.key) return x.key < y.key;
    return x.scope != y.scope ? x.scope > y.scope : a > b;
  });
  const auto end = std::unique(found.begin(), found.end(), [&](DeclarationIndex a, DeclarationIndex b) {
    return declarations_[a].key == declarations_[b].key;
  });
  found.erase(end, found.end());
  std::ranges::sort(found, [&](DeclarationIndex a, DeclarationIndex b) {
    const Declaration &x = declarations_[a], &y = declarations_[b];
    return x.scope != y.scope ? x.scope > y.scope : a < b;
  });
}

bool ScopeTable::is_closed(ScopeIndex scope, bool are_files_known) const {
  if (depends_on_files() && !are_files_known) return false;
  for (;; scope = scopes_[scope].parent) {
    if (scopes_[scope].is_open || scopes_[scope].is_broken) return false;
    if (scope == 0) return true;
  }
}

NameKey ScopeTable::members_at(ScopeIndex scope, std::vector<DeclarationIndex>& found) const {
  found.clear();
  while (scope != 0 && scopes_[scope].owner == 0) scope = scopes_[scope].parent;
  const NameKey owner = scopes_[scope].owner;
  if (owner == 0) return 0;
  for (DeclarationIndex i = 0; i < declarations_.size(); ++i) {
    const Declaration& declaration = declarations_[i];
    const Scope& holder = scopes_[declaration.scope];
    if (holder.owner != owner) continue;
    if (holder.kind == ScopeKind::type || !declaration.is_bare) found.push_back(i);
  }
  return owner;
}

bool ScopeTable::is_builtin(NameKey name) const {
  return builtins_of(*grammar_).names.contains(name);
}

}  // namespace seedling
