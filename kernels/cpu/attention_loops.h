// kernels/cpu/attention_loops.h
//
// The innermost loops of attention, compiled once per instruction set from attention_body.h, and the table
// that holds each set.
//   Pure functions over caller-owned memory; letters and layouts of kernels/attention.h. Sets may differ in
//   the last bits: they have their own lane counts, and only avx512-bf16 rounds queries and shares to bf16.
//   Within a set a row's arithmetic does not depend on the other rows of a call.
#pragma once

#include <cstddef>
#include <cstdint>

namespace seedling::kernels {

inline constexpr int kChunkTokens = 256;
inline constexpr int kTileRows = 8;  // at most, of all sets

// What a row sees: the tokens [0, whole) of the cache, and token whole + i where bit i is set. Nothing from
// `end` on.
struct RowSight {
  int whole = 0;
  int end = 0;
  const std::uint64_t* bits = nullptr;  // [words]
  int words = 0;
};

// One head of one token on its way into the cache or to the queries.
struct HeadRow {
  const float* x;     // [D]
  const float* gain;  // [D] of the RMSNorm before rotation; null: none
  float eps;
  const float* cos;        // [D/2]
  const float* sin;        // [D/2]
  float* turned;           // [D] memory for what is not yet rounded
  std::uint16_t* rounded;  // [D] and for what is
  int dim;
};

// Softmax over one chunk, not yet divided by its sum, or over the chunks so far.
struct RowSums {
  float* values;   // [rows, padded D]
  float* largest;  // [rows] scores, base 2
  float* totals;   // [rows]
};

// Rows of one kv head against one chunk.
struct ChunkWork {
  const void* queries;        // [rows, D] entries
  const RowSight* sights;     // [rows]
  int rows;                   // <= kTileRows
  int dim;                    // D
  int first_token;            // of the chunk
  const std::uint16_t* keys;  // of the chunk
  const std::uint16_t* values;
  std::ptrdiff_t next_chunk;  // bytes from here to the keys and values to be fetched meanwhile; 0: none
  int tile, tiles;            // which of the tiles that meet the chunk this is: each fetches its share
  float* scores;              // [kTileRows, kChunkTokens]
  void* shares;               // [kTileRows, kChunkTokens] entries
};

struct AttentionLoops {
  const char* name;
  int entry_bytes;  // of a query or a share
  int tile_rows;    // rows that share one read of the keys
  // Normed, rotated, times `scale` and rounded to entries.
  void (*take_query)(const HeadRow& head, float scale, void* entries);
  // Normed, rotated and rounded into the lane of a token: the even one of its panel's first row of keys, the
  // first of its pair of values. v [D]: where it is not finite, the token's key becomes NaN and it 0.
  void (*take_key_value)(const HeadRow& head, const float* v, std::uint16_t* key, std::uint16_t* value);
  void (*attend)(const ChunkWork& work, const RowSums& out);
  // state becomes state and next together; `next` comes behind it.
  void (*merge)(const RowSums& state, const RowSums& next, int rows, int padded_dim);
};

// nullptr where this build or this machine lacks the instructions.
const AttentionLoops* avx512_bf16_attention_loops();
const AttentionLoops* avx512_attention_loops();
const AttentionLoops* avx2_attention_loops();
const AttentionLoops* portable_attention_loops();  // never nullptr

// The fastest set of this machine.
const AttentionLoops& best_attention_loops();

}  // namespace seedling::kernels
