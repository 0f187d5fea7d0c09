// engine/types.h
//
// The units and value types that cross folder borders. Plain data; no behaviour beyond comparison.
//   Distinct types for distinct units: a byte offset is never added to a token position.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace seedling {

// An index into a tokenizer's vocabulary. Kernels and tensors use the same 32-bit integers.
using TokenId = std::int32_t;

// Offset in bytes from the start of a UTF-8 text.
struct ByteOffset {
  std::uint32_t value = 0;
  auto operator<=>(const ByteOffset&) const = default;
};

// Half-open range of bytes; begin <= end.
struct ByteRange {
  ByteOffset begin;
  ByteOffset end;
  auto operator<=>(const ByteRange&) const = default;
  std::uint32_t size() const { return end.value - begin.value; }
  bool contains(ByteOffset at) const { return begin <= at && at <= end; }
};

// snapshot: an immutable version of a document. Shared freely between threads.
struct Snapshot {
  std::string path;  // workspace-relative where known; goes into the model's context
  std::string
      language;  // LSP language id: "python", "c", "cpp", "javascript", "typescript", "typescriptreact"
  std::int64_t version = 0;  // the editor's document version; 0 on the command line
  std::string text;          // UTF-8
  // Tells it from every other document that is open, in whatever window; empty: its path does.
  std::string document;
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

// What is kept between requests goes by this: the paths of two workspaces may be the same.
inline const std::string& document_of(const Snapshot& snapshot) {
  return snapshot.document.empty() ? snapshot.path : snapshot.document;
}

// One replacement in a snapshot. A list of edits never overlaps and refers to the unedited text.
struct Edit {
  ByteRange range;
  std::string text;
  bool operator==(const Edit&) const = default;
};

// hole: a byte range of a snapshot to be filled; draft: the text already in it that may be kept or changed.
struct Hole {
  ByteRange range;
  std::string draft;
};

}  // namespace seedling
