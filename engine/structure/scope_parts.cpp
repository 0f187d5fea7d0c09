#include "engine/structure/scope_parts.h"

#include "engine/structure/scope_rules.h"

namespace seedling {
namespace {

void move(ByteRange& range, std::uint32_t by) {
  range.begin.value += by;
  range.end.value += by;
}

}  // namespace

// Unsigned arithmetic wraps: moving back by what lies before a construct is moving on by its negative. What
// is visible from before the construct is visible from the start of the file: that is 0, everything else 1
// more.
void ScopeParts::make_relative(ScopeTable& table, std::uint32_t begin) {
  for (std::size_t i = 1; i < table.scopes_.size(); ++i) move(table.scopes_[i].range, 0 - begin);
  for (Declaration& declaration : table.declarations_) {
    move(declaration.name, 0 - begin);
    std::uint32_t& from = declaration.visible_from.value;
    from = from < begin ? 0 : from - begin + 1;
  }
  for (Reference& reference : table.references_) {
    move(reference.name, 0 - begin);
    if (reference.object.size() > 0) move(reference.object, 0 - begin);
  }
  for (Include& include : table.includes_) move(include.path, 0 - begin);
}

void ScopeParts::append(const ScopeTable& part, std::uint32_t begin) {
  const auto before = static_cast<ScopeIndex>(table_.scopes_.size()) - 1;
  const auto placed = [&](ScopeIndex scope) { return scope == 0 ? 0 : scope + before; };
  table_.scopes_[0].is_open |= part.scopes_[0].is_open;
  table_.scopes_[0].is_broken |= part.scopes_[0].is_broken;
  if (part.scopes_[0].owner != 0) table_.scopes_[0].owner = part.scopes_[0].owner;
  for (std::size_t i = 1; i < part.scopes_.size(); ++i) {
    Scope& scope = table_.scopes_.emplace_back(part.scopes_[i]);
    move(scope.range, begin);
    scope.parent = placed(scope.parent);
  }
  for (const Declaration& declaration : part.declarations_) {
    Declaration& copy = table_.declarations_.emplace_back(declaration);
    move(copy.name, begin);
    copy.scope = placed(copy.scope);
    if (copy.visible_from.value > 0) copy.visible_from.value += begin - 1;
  }
  for (const Reference& reference : part.references_) {
    Reference& copy = table_.references_.emplace_back(reference);
    move(copy.name, begin);
    copy.scope = placed(copy.scope);
    if (copy.object.size() > 0) move(copy.object, begin);
  }
  for (const Include& include : part.includes_) move(table_.includes_.emplace_back(include).path, begin);
}

void ScopeParts::assemble(const Scope& file, const Grammar& grammar) {
  table_.scopes_.clear();
  table_.declarations_.clear();
  table_.references_.clear();
  table_.includes_.clear();
  table_.grammar_ = &grammar;
  table_.scopes_.push_back(file);
  bool is_separate = false;
  for (const Placed& placed : parts_) {
    append(placed.part->table, placed.begin);
    is_separate = is_separate || placed.part->is_separate;
  }
  table_.shares_names_ = scope_rules_of(grammar).are_files_shared && !is_separate;
  table_.index();
}

}  // namespace seedling
