// tests/fuzz/scopes_exercise.h
//
// What a table of scopes promises of any text, and every question asked of it; aborts where a promise is
// broken.
//   exercise_scopes reads fuzz input: first byte language, next two an offset, the rest is the text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/assert.h"
#include "engine/structure/at_hole.h"
#include "engine/structure/scopes.h"
#include "engine/structure/undeclared.h"
#include "grammars/registry.h"

namespace seedling::testing {

template <class Item>
void check_order(std::span<const Item> items, std::size_t size) {
  std::uint32_t begin = 0;
  for (const Item& item : items) {
    SEEDLING_ASSERT(begin <= item.name.begin.value && item.name.begin < item.name.end);
    SEEDLING_ASSERT(item.name.end.value <= size);
    begin = item.name.begin.value;
  }
}

inline void check_table(const ScopeTable& table, std::string_view text) {
  const auto scopes = table.scopes();
  for (ScopeIndex i = 0; i < scopes.size(); ++i) {
    SEEDLING_ASSERT(scopes[i].parent <= i && (i == 0 || scopes[i].parent < i));
    SEEDLING_ASSERT(scopes[i].range.end.value <= text.size() && scopes[i].range.begin <= scopes[i].range.end);
    SEEDLING_ASSERT(i == 0 || scopes[scopes[i].parent].range.begin <= scopes[i].range.begin);
    SEEDLING_ASSERT(i == 0 || scopes[i].range.end <= scopes[scopes[i].parent].range.end);
    SEEDLING_ASSERT(scopes[i].last >= i && scopes[i].last < scopes.size());
  }
  check_order(table.declarations(), text.size());
  check_order(table.references(), text.size());
  for (const Declaration& declaration : table.declarations()) {
    SEEDLING_ASSERT(declaration.scope < scopes.size());
    SEEDLING_ASSERT(declaration.key ==
                    name_key(text.substr(declaration.name.begin.value, declaration.name.size())));
    SEEDLING_ASSERT(table.declares(declaration.key));
    SEEDLING_ASSERT(!declaration.is_bare || table.find(declaration.key, declaration.scope) != kNoIndex);
  }
  for (const Reference& use : table.references()) {
    SEEDLING_ASSERT(use.scope < scopes.size() && use.object.end.value <= text.size());
    table.is_closed(use.scope);
  }
}

inline void exercise_scopes(std::string_view bytes) {
  constexpr std::size_t kHeader = 3;
  if (bytes.size() < kHeader) return;
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
  const Grammar& grammar = all_grammars()[byte(0) % all_grammars().size()];
  const Snapshot snapshot{"fuzz", std::string(grammar.id), 0, std::string(bytes.substr(kHeader))};
  const ByteOffset at{(byte(1) | byte(2) << 8) % (static_cast<std::uint32_t>(snapshot.text.size()) + 2)};

  const auto table = scopes_of(snapshot.text, snapshot.language);
  SEEDLING_ASSERT(table.ok());
  check_table(*table, snapshot.text);
  std::vector<DeclarationIndex> found;
  table->visible_at(at, found);
  for (const DeclarationIndex index : found) SEEDLING_ASSERT(table->declarations()[index].is_bare);
  table->members_at(table->scope_at(at), found);
  for (const Reference& use : undeclared_references(*table))
    SEEDLING_ASSERT(table->is_closed(use.scope) && table->find(use.key, use.scope) == kNoIndex);
  const auto hole = at_hole(snapshot, {at, at});
  SEEDLING_ASSERT(hole.ok() && hole->open_brackets.size() == hole->expected_closers.size());
}

}  // namespace seedling::testing
