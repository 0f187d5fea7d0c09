// engine/structure/scope_parts.h
//
// ScopeParts: the scopes of a document that follow its edits. What an outermost construct says of its names
// is kept by its node; a tree that was edited shares the nodes that did not change with the one before, so
// only the constructs that an edit touches are walked again.
//   Internal to engine/structure (shows tree-sitter). One thread. A copy shares the parts: an edit can be
//   tried on it. The trees: every tree since the last update() must still live during the next one, because a
//   construct is known by its address. Guarantees: table() is what scopes_of() says of the tree.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/structure/scopes.h"
#include "engine/structure/syntax.h"

namespace seedling {

class ScopeParts {
 public:
  // REQUIRES: `root` is the root of the tree of `text`.
  void update(TSNode root, const Grammar& grammar, std::string_view text);
  const ScopeTable& table() const { return table_; }
  bool is_empty() const { return parts_.empty(); }

 private:
  // Offsets count from where the construct begins; scope 0 is the file.
  struct Part {
    ScopeTable table;
    bool is_separate = false;
  };
  struct Placed {
    std::uintptr_t subtree = 0;  // what the tree says there; 0: a leaf
    std::uint32_t begin = 0;
    bool is_first = false, is_last = false;  // of the named constructs
    std::shared_ptr<const Part> part;
  };
  friend class ScopeWalk;
  static void make_relative(ScopeTable& table, std::uint32_t begin);
  void assemble(const Scope& file, const Grammar& grammar);
  void append(const ScopeTable& part, std::uint32_t begin);

  std::uint16_t root_symbol_ = 0;
  std::vector<Placed> parts_;
  ScopeTable table_;
};

}  // namespace seedling
