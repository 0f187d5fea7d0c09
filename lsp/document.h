// lsp/document.h
//
// The open documents.
//   The loop thread owns the store; the documents it gives out are immutable and shared freely.
//   Errors: a change that does not fit its document makes the store drop the document: better that later
//   requests fail than that they get answers about a text nobody has. find() then says so until the document
//   is opened again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "engine/result.h"
#include "engine/types.h"
#include "lsp/position.h"

namespace seedling {

struct Document {
  std::string uri;
  SnapshotPtr snapshot;
  LineIndex lines;
  // Never the same for two texts while this process lives; versions start over when a document is opened
  // again.
  std::uint64_t revision = 0;
};
using DocumentPtr = std::shared_ptr<const Document>;

// One entry of didChange: `text` takes the place of `range`, or of everything.
struct TextChange {
  std::optional<Range> range;
  std::string text;
};

// The changes apply one after the other, each to the text that the one before left. `lines` is the index of
// `text`.
Result<std::string> apply_changes(std::string text, const LineIndex& lines,
                                  std::span<const TextChange> changes, PositionEncoding encoding);

class DocumentStore {
 public:
  // Opening what is open replaces it.
  void open(std::string uri, Snapshot snapshot);
  // Without a version the next number is taken. Errors: the document is not open, or it is now dropped.
  Status change(const std::string& uri, std::optional<std::int64_t> version,
                std::span<const TextChange> changes, PositionEncoding encoding);
  void drop(const std::string& uri);
  void close(const std::string& uri);
  Result<DocumentPtr> find(const std::string& uri) const;
  std::vector<std::string> uris() const;
  // The others of the same language: those of the same folder first, then those changed last.
  std::vector<DocumentPtr> neighbours_of(const Document& document) const;

 private:
  std::map<std::string, DocumentPtr> open_;
  std::set<std::string> dropped_;
  std::uint64_t last_revision_ = 0;
};

}  // namespace seedling
