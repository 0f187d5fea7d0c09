// engine/train/corpus/shards.h
//
// The corpus on disk: a split ("train", "validation") is a row of zstd files of about 8 MiB,
// `<split>-NNN<ending>`.
//   Text shard (ending ".zst"): records of one header line of JSON {"language","path","package","bytes"}, a
//   newline and then exactly "bytes" raw bytes. Token shard (ending ".tokens.zst"): the magic "SDLT0001",
//   then records of u32 language token, u32 path length, u32 text length (both in tokens), u16 path
//   tokens..., u16 text tokens..., all little endian. The text is decode(tokens), byte for byte. Owner: the
//   caller. Threads: one thread per object. Not safe to read while it is written. Errors: a missing file
//   gives not_found, a truncated or foreign one invalid_input; both name the file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

struct PackedFile {
  TokenId language = 0;
  std::vector<std::uint16_t> path;
  std::vector<std::uint16_t> tokens;
};

struct TextFile {
  std::string language;  // LSP language id
  std::string path;      // inside the package, as an editor would show it in a workspace
  std::string package;
  std::string text;
};

inline constexpr std::string_view kTextShardEnding = ".zst";
inline constexpr std::string_view kTokenShardEnding = ".tokens.zst";
inline constexpr std::string_view kSpareSplit = "spare";  // text alone: what the caps of packages left out
inline constexpr std::string_view kFunctionSplit = "functions";  // of those, what self_contained.h finds

struct ShardReader {
  // The shards of one split in DIR, in order; empty if there are none.
  static std::vector<std::string> list(const std::string& dir, std::string_view split,
                                       std::string_view ending);
  static Result<std::vector<PackedFile>> read_token_shard(const std::string& path);
  static Result<std::vector<TextFile>> read_text_shard(const std::string& path);
};

// Writes one split; starts the next file when the present one is full. Files of an earlier run with the same
// split and ending are removed at the first append; a shard appears under its name only when it is complete.
class ShardWriter {
 public:
  ShardWriter(std::string dir, std::string split, std::string ending, std::size_t limit_bytes = 8u << 20);
  ~ShardWriter();
  ShardWriter(const ShardWriter&) = delete;
  ShardWriter& operator=(const ShardWriter&) = delete;

  Status append(const TextFile& file);    // REQUIRES: ending == kTextShardEnding
  Status append(const PackedFile& file);  // REQUIRES: ending == kTokenShardEnding
  Status finish();                        // closes the last shard; later appends are not allowed
  int shard_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seedling
