// engine/structure/document_tree.h
//
// DocumentTree: the syntax tree of one document, which follows its edits instead of being made anew.
//   The scopes (scopes.h) follow along. Owned by one thread. An edit costs what it touches, not what the
//   document is long: between two texts the stretch counts that is left between their common beginning and
//   their common end. Besides following the document the tree answers what an edit would make of it, and
//   stays as it is. Guarantees: whatever the edits were that led to a text, what is said of it is the same.
//   (A broken text is recovered differently by a tree that was edited; so it is parsed from the start, when
//   first asked about.) Errors: unsupported for an unknown language or a text over kMaxTextBytes; stopped
//   when the token was set, after which the tree is as it was before the call.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/structure/hole_names.h"
#include "engine/structure/scopes.h"
#include "engine/structure/verdict.h"
#include "engine/types.h"

namespace seedling {

// What `text` has in place of a stretch of `before`; nothing where they are equal. Neither end cuts a UTF-8
// character.
std::optional<Edit> difference(std::string_view before, std::string_view text);

class DocumentTree {
 public:
  // The path tells whether other files see the text around their own: then no use in it is undeclared.
  static Result<DocumentTree> open(std::string_view text, std::string_view language,
                                   std::string_view path = {}, std::stop_token stop = {});
  DocumentTree(DocumentTree&&) noexcept;
  DocumentTree& operator=(DocumentTree&&) noexcept;
  ~DocumentTree();

  // Follows the document to its next text.
  Status update(std::string_view text, std::stop_token stop = {});

  const std::string& text() const;
  std::string_view language() const;

  // The start of a line at or before the offset where no bracket, string or comment is open: that of the
  // outermost construct around it; 0 where none is known.
  std::size_t calm_before(ByteOffset offset) const;

  Result<LocatedVerdict> judge(std::stop_token stop = {});
  // As if the edit had been made. REQUIRES: its range lies in the text.
  Result<LocatedVerdict> judge_with(const Edit& edit, std::stop_token stop = {});

  // What the text says of its names. Followed by update() from the first call on; valid until the next call.
  Result<const ScopeTable*> scopes(std::stop_token stop = {});

  // The first name in the new text of an edit that nothing declares, where it stands in the edited text; a
  // word counts too that the edit goes on with. REQUIRES: as judge_with().
  Result<std::optional<ByteRange>> undeclared_with(const Edit& edit, std::stop_token stop = {});

  // The names that may be used at the offset, those of neighbours among them.
  Result<HoleNames> names_around(ByteOffset at, std::stop_token stop = {},
                                 std::span<const Neighbour> around = {});

  // The tree in brackets, for tests.
  Result<std::string> expression(std::stop_token stop = {});

 private:
  struct Impl;
  explicit DocumentTree(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace seedling
