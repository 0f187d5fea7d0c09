// engine/structure/scope_rules.h
//
// The rules of grammars/<folder>/scopes.scm, compiled so that a node is matched in a few comparisons.
//   They are tree-sitter queries of a simple kind: each capture is decided by the captured node and the chain
//   of its ancestors in the pattern. Beside it a pattern may name children that must be there: `field:
//   (kind)`, `field: "operator"`, `!field`, and with `#any-of?` or `#eq?` what a `@_name` of these or the
//   captured node says (or how it starts, `#starts-with?`, or what it has in it, `#contains?`,
//   or what it does not say, `#not-any-of?`).
//   Two anchors are known: `.` before the pattern of a
//   child (the first one) and behind it (the last one). Of the rules that match a node the last one counts (a
//   mark counts beside it).
//   `; inherits: FOLDER` on the first line puts the rules of another language before these; of them those
//   whose kinds this grammar does not have are left out. Immutable once compiled; any thread. Internal to
//   engine/structure (shows tree-sitter). Errors: a mistake in a rule is our bug and fails an assertion; a
//   test compiles the rules of every language.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/structure/scopes.h"
#include "engine/structure/syntax.h"

namespace seedling {

enum class Deed : std::uint8_t {
  none,
  opens_scope,  // @scope.KIND
  binds,        // @bind.KIND: this name, or the names of this pattern, are declared
  inherits,     // @inherit: declared if the parent's pattern is
  uses,         // @use.ROLE
  skips,        // @skip: not a name
  // Marks: they count beside what the node is.
  opens,      // @open: what cannot be seen may declare names in the scope around
  includes,   // @include.quoted, @include.system: the path of a file that declares names
  owns,       // @owner: the type whose members the scope around declares
  tolerates,  // @lenient: names inside need not be declared
  guards,     // @guard: what a @lenient.around inside makes lenient
  spells,     // @words: every word in it may be a name that is declared
  separates,  // @module: the names of this file are its own, where files share them else
};

// Where a name is declared.
enum class BindTarget : std::uint8_t { here, lifted, outer, function, type, file };

struct Action {
  Deed deed = Deed::none;
  ScopeKind scope = ScopeKind::block;
  NameKind name = NameKind::variable;
  UseRole role = UseRole::read;
  BindTarget target = BindTarget::here;
  bool is_early = false;      // .early: visible from the start of its scope
  bool is_after = false;      // .after: visible from the end of the statement it is part of
  bool is_bare = true;        // .object clears it
  bool changes_kind = false;  // @inherit.KIND
  bool is_hidden = false;     // @scope.type.hidden: not seen from functions inside
  bool is_open = false;       // @scope.KIND.open
  bool is_around = false;     // @open.file, @lenient.around
  bool is_lenient = false;    // @use.ROLE.lenient
  bool is_quoted = false;
};

struct ScopeRule {
  struct Need {                // of one child of a node in the chain
    std::uint16_t field = 0;   // 0: any child
    std::uint16_t symbol = 0;  // 0: any kind
    bool is_absent = false;
    std::uint16_t first_text = 0, text_count = 0;  // in ScopeRules::texts; none: any text
  };
  struct Step {                // the captured node, then its ancestors
    std::uint16_t symbol = 0;  // 0: any named node
    std::uint16_t field = 0;   // in its parent; 0: any
    bool is_first = false, is_last = false;
    std::uint16_t first_need = 0, need_count = 0;
  };
  std::vector<Step> steps;
  std::uint16_t first_text = 0, text_count = 0;  // what the captured node may say
  Action action;
};

struct ScopeRules {
  std::vector<ScopeRule> rules;  // in the order of the file
  std::vector<ScopeRule::Need> needs;
  struct Text {
    std::string_view text;
    enum class Fit : std::uint8_t { whole, start, inside, other } fit = Fit::whole;
  };
  std::vector<Text> texts;
  // Indexes into `rules` of those that may match, by symbol and symbol of the parent.
  struct Bucket {
    std::uint16_t parent = 0;
    std::vector<std::uint16_t> rules;
  };
  std::vector<std::vector<std::uint16_t>> by_symbol;  // with any parent
  std::vector<std::vector<Bucket>> by_both;           // by symbol, then parent
  std::vector<std::vector<std::uint16_t>> by_parent;  // any named node under it

  bool are_files_shared = false;  // a file sees the names of others, unless it says @module

  bool mentions(std::uint16_t symbol) const { return !by_symbol[symbol].empty() || !by_both[symbol].empty(); }
};

// Compiled when first asked for; who asks meanwhile waits.
const ScopeRules& scope_rules_of(const Grammar& grammar);

}  // namespace seedling
