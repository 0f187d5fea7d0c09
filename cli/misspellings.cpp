#include "cli/misspellings.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/structure/undeclared.h"

namespace seedling::cli {
namespace {

constexpr int kMostInAFile = 3;

// splitmix64
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A slip of the fingers: two letters change places; a short or even word gets a letter doubled.
std::string misspelt(std::string_view name, std::uint64_t random) {
  std::string word(name);
  for (std::size_t i = 0; i + 1 < word.size(); ++i) {
    const std::size_t at = (random + i) % (word.size() - 1);
    if (!is_letter(word[at]) || !is_letter(word[at + 1]) || word[at] == word[at + 1]) continue;
    std::swap(word[at], word[at + 1]);
    return word;
  }
  return word + word.back();
}

// Uses inside of a scope that may be misspelt: of names that are known.
std::vector<Reference> uses_in(const ScopeTable& table, ByteRange range) {
  std::vector<Reference> uses;
  for (const Reference& use : table.references()) {
    if (use.name.begin < range.begin || range.end < use.name.end) continue;
    if (use.role == UseRole::member || use.role == UseRole::label || use.name.size() < 2) continue;
    if (table.find(use.key, use.scope) != kNoIndex || table.is_builtin(use.key)) uses.push_back(use);
  }
  return uses;
}

bool is_reported(const Snapshot& snapshot, ByteOffset at, const Surroundings& around) {
  const auto problems = undeclared_uses(snapshot, {}, around);
  return problems.ok() && std::ranges::any_of(*problems, [&](const SyntaxProblem& problem) {
           return problem.range.begin == at;
         });
}

}  // namespace

void add_misspellings(const Snapshot& snapshot, std::uint64_t seed, std::uint64_t number, int most,
                      WorkspaceReader* reader, Misspellings& sum) {
  const auto table = scopes_of(snapshot.text, snapshot.language);
  const auto followed =
      reader != nullptr ? reader->surroundings_of(snapshot) : Result<Surroundings>(Surroundings{});
  if (!table.ok() || !followed.ok() || table->scopes().front().is_broken) return;
  const Surroundings& around = *followed;
  std::vector<ScopeIndex> closed;
  for (ScopeIndex i = 0; i < table->scopes().size(); ++i) {
    if (table->scopes()[i].kind != ScopeKind::function) continue;
    ++sum.functions;
    if (!table->is_closed(i, around.are_complete)) continue;
    ++sum.closed_functions;
    closed.push_back(i);
  }
  std::uint64_t random = mixed(seed ^ mixed(number));
  for (int i = 0; i < kMostInAFile && !closed.empty() && sum.tried < most; ++i) {
    const std::size_t chosen = random % closed.size();
    const std::vector<Reference> uses = uses_in(*table, table->scopes()[closed[chosen]].range);
    closed.erase(closed.begin() + static_cast<std::ptrdiff_t>(chosen));
    random = mixed(random);
    if (uses.empty()) continue;
    const Reference& use = uses[random % uses.size()];
    random = mixed(random);
    Snapshot changed = snapshot;
    changed.text.replace(
        use.name.begin.value, use.name.size(),
        misspelt(std::string_view(snapshot.text).substr(use.name.begin.value, use.name.size()), random));
    ++sum.tried;
    if (is_reported(changed, use.name.begin, around)) ++sum.caught;
  }
}

}  // namespace seedling::cli
