// engine/structure/scopes.h
//
// What a text says of its names: the scopes it opens, what is declared in them and what is used where.
//   A value, made from a syntax tree in one linear walk (scopes_of) by the rules of
//   grammars/<language>/scopes.scm. It keeps offsets and keys of names, neither tree nor text: it stays true
//   of the text it was made from, on any thread. Read-only once made; every question is answered without
//   allocating, unless it fills a vector. All lists are in the order of the text, so that a changed stretch
//   of it is a stretch of each list. Errors: none. Broken text gives what could be read, and scopes that are
//   broken.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

class SyntaxTree;
struct Grammar;

// Names are compared by this key: equal names have equal keys, and different ones different keys for all
// practical purposes.
using NameKey = std::uint64_t;
NameKey name_key(std::string_view name);

enum class NameKind : std::uint8_t {
  variable,
  constant,
  parameter,
  function,
  type,    // class, struct, enum, interface, alias, type parameter
  space,   // namespace, module or package
  import,  // brought in from elsewhere: may be any of the others
  member,  // field, method, enumerator: named behind an object, or bare where the language allows it
  label,
  macro,
  builtin,  // known without being declared
};

enum class ScopeKind : std::uint8_t { file, space, type, function, block, comprehension };

using ScopeIndex = std::uint32_t;  // in ScopeTable::scopes()
using DeclarationIndex = std::uint32_t;
inline constexpr std::uint32_t kNoIndex = ~std::uint32_t{0};

struct Scope {
  ByteRange range;
  ScopeIndex parent = 0;  // stands before it in the list; the file's is the file itself
  ScopeKind kind = ScopeKind::file;
  // What cannot be seen may declare names in it: a star import, an include that was not followed, eval, a
  // base class from elsewhere.
  bool is_open = false;
  bool is_broken = false;  // it holds a syntax error, which may hide a declaration
  bool is_hidden = false;  // its names are not seen by bare name from the functions it holds
  ScopeIndex last = 0;     // the last scope inside of it; itself if there is none
  NameKey owner = 0;       // of a type or of a method: the key of the type's name; else 0
};

struct Declaration {
  ByteRange name;
  NameKey key = 0;
  ScopeIndex scope = 0;  // where it is declared, which need not be the scope it is written in
  NameKind kind = NameKind::variable;
  bool is_bare = true;      // found by its name alone; else only behind an object (`this.x`)
  ByteOffset visible_from;  // within its scope; functions that run later may see it before that
};

enum class UseRole : std::uint8_t { read, write, call, type, member, label, macro };

struct Reference {
  ByteRange name;
  NameKey key = 0;
  ScopeIndex scope = 0;
  UseRole role = UseRole::read;
  // It need not be declared: `typeof x`, a name tried in `try`/`except NameError`, what stands in a macro.
  bool is_lenient = false;
  ByteRange object;  // of a member: what stands before the dot; else empty
};

// A file that the text brings in, as written: `"x.h"` or `<x.h>` without its quotes.
struct Include {
  ByteRange path;
  bool is_quoted = true;
};

class ScopeTable {
 public:
  std::span<const Scope> scopes() const { return scopes_; }  // the first one is the file
  std::span<const Declaration> declarations() const { return declarations_; }
  std::span<const Reference> references() const { return references_; }
  std::span<const Include> includes() const { return includes_; }

  // The innermost scope around the offset (its bounds included).
  ScopeIndex scope_at(ByteOffset at) const;

  // Whether a scope is another one, or stands around it.
  bool encloses(ScopeIndex outer, ScopeIndex inner) const {
    return outer <= inner && inner <= scopes_[outer].last;
  }

  // What a bare name means in a scope: of the declarations in the scopes around, an innermost one; kNoIndex
  // if there is none. Order and hidden scopes are not asked (see is_visible): defaults and annotations stand
  // in a function but see what is around it.
  DeclarationIndex find(NameKey name, ScopeIndex from) const;

  // Whether anything in the text declares the name, wherever it is visible.
  bool declares(NameKey name) const;

  // Whether a declaration can be used by its bare name at `at` inside of `from`, order included.
  bool is_visible(const Declaration& declaration, ScopeIndex from, ByteOffset at) const;

  // Fills `found` with the declarations that a bare name can mean at the offset, innermost scope first; a
  // name that is shadowed is left out.
  void visible_at(ByteOffset at, std::vector<DeclarationIndex>& found) const;

  // Whether the text sees names of other files: of those it includes, or of all that lie beside it.
  bool depends_on_files() const { return shares_names_ || !includes_.empty(); }

  // Whether only a declared or built-in name can stand in a scope: it and all scopes around it are neither
  // open nor broken, and the names of other files are known if it depends on them.
  bool is_closed(ScopeIndex scope, bool are_files_known = false) const;

  // Fills `found` with the members that `this`, `self` or a receiver has in a scope, as far as
  // the text says: declared ones and those it assigns. Returns the type's key, 0 outside of a type.
  NameKey members_at(ScopeIndex scope, std::vector<DeclarationIndex>& found) const;

  // Whether a name is known without being declared: built in, a standard global, a keyword that reads like a
  // name.
  bool is_builtin(NameKey name) const;

  const Grammar& grammar() const { return *grammar_; }

 private:
  friend class ScopeWalk;
  friend class ScopeParts;
  friend ScopeTable scopes_of(const SyntaxTree& tree, std::string_view text);
  void index();
  bool reaches(ScopeIndex from, ScopeIndex declared_in) const;

  std::vector<Scope> scopes_;
  std::vector<Declaration> declarations_;
  std::vector<Reference> references_;
  std::vector<Include> includes_;
  std::vector<std::uint32_t> buckets_;  // by key: the first declaration of that key
  std::vector<std::uint32_t> next_;     // by declaration: the next one with a key of the same bucket
  const Grammar* grammar_ = nullptr;
  bool shares_names_ = false;
};

// REQUIRES: `tree` is the tree of `text`.
ScopeTable scopes_of(const SyntaxTree& tree, std::string_view text);

// Parses the text first. Errors: unsupported for an unknown language, stopped when the token was set.
Result<ScopeTable> scopes_of(std::string_view text, std::string_view language, std::stop_token stop = {});

}  // namespace seedling
