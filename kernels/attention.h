// kernels/attention.h
//
// Attention over keys and values kept in bf16, from the output of the QKV linear to the input of the next
// one.
//   A session owns a KeyValueCache per layer and one Attention, the workspace of its passes; a RotaryTable
//   may be shared by sessions that take turns. One thread at a time uses them; loops run on `workers`.
//   A row's result depends on the tokens it sees and where they lie in the cache, not on the other rows, on M
//   or on the number of threads, bit for bit: keys are taken in chunks that begin at fixed places of the
//   cache, each chunk has its own softmax, and these are merged in order, whoever computed them; what a row
//   does not see has a share of exactly 0. A token with a NaN or an infinity makes those rows NaN that see
//   it. Sources: M. Milakov, N. Gimelshein, "Online normalizer calculation for softmax" (2018); T. Dao,
//   "FlashAttention-2" (2023).
//
//   Letters: M tokens of this pass · P cached tokens · H query heads, K kv heads, D head dim · G = H / K
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/cpu/aligned.h"
#include "kernels/cpu/attention_loops.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/parallel.h"

namespace seedling::kernels {

// REQUIRES: H % K == 0; D even.
struct AttentionShape {
  int heads = 0;
  int kv_heads = 0;
  int dim = 0;
};

// Cosines and sines of rotary position embedding: angle = position / theta^(2i/D).
class RotaryTable {
 public:
  RotaryTable(int dim, float theta) : half_(static_cast<std::size_t>(dim / 2)), theta_(theta) {}

  void reserve(int positions);
  const float* cos(int position) const { return cos_.data() + position * half_; }
  const float* sin(int position) const { return sin_.data() + position * half_; }

 private:
  std::size_t half_;  // values of one position
  float theta_;
  std::vector<float> cos_, sin_;  // [positions, D/2]
};

// Keys and values of one layer for one sequence. Grows by whole chunks without moving what it holds. A copy
// shares all chunks with the original until one of them writes there.
class KeyValueCache {
 public:
  KeyValueCache(int kv_heads, int dim);

  void reserve(int tokens);
  void trim(int tokens);                   // gives back what lies wholly behind them
  std::size_t bytes() const;               // chunks that copies share count in each
  void make_writable(int begin, int end);  // tokens; REQUIRES: end is reserved

  // Of one kv head, kPanel = 16 columns side by side, two bf16 of each together: what one lane of vdpbf16ps
  // multiplies.
  //   keys [kChunkTokens/16][D/2][16 tokens][2 of D]
  //   values [D rounded up to 16, /16][kChunkTokens/2][16 of D][2 tokens]
  std::uint16_t* keys(int chunk, int head);
  std::uint16_t* values(int chunk, int head);
  std::size_t head_stride() const;  // from one kv head's keys to the next one's; values lie between

 private:
  using Chunk = AlignedArray<std::uint16_t>;  // [K][keys, values]

  std::size_t key_stride() const;

  int kv_heads_;
  int dim_;
  std::vector<std::shared_ptr<Chunk>> chunks_;
};

// As in engine/model/backend.h.
enum class Sight : std::uint8_t { causal, block, listed };

// What all layers of a pass have in common. The spans outlive it.
struct AttentionPass {
  int m = 0;
  int p = 0;
  Sight sight = Sight::causal;
  std::span<const std::uint64_t> sees;  // listed: [M] bit j of entry i: token i sees token j, itself at least
  std::span<const int> offsets;         // listed: [M] position of token i behind P; else 0, 1, 2 ...
};

// RMSNorm of each query and key before rotation; null where the model has none.
struct QueryKeyNorm {
  const float* query = nullptr;  // [D]
  const float* key = nullptr;    // [D]
  float eps = 0;
};

class Attention {
 public:
  explicit Attention(AttentionShape shape);
  Attention(AttentionShape shape, const AttentionLoops& loops);

  // REQUIRES: `rotary` holds the positions of this pass and outlives it.
  void begin(const AttentionPass& pass, const RotaryTable& rotary);

  // One layer as three steps, for callers that split a pass by its rows: open() once, then take_in() and
  // attend() for ranges of tokens on any threads; a token is attended when all M were taken in. Scratch:
  // scratch_floats() of the calling thread.
  void open(KeyValueCache& cache);
  // Keys and values of tokens [first, end) are written behind P, their queries kept. qkv as in run().
  void take_in(KeyValueCache& cache, const QueryKeyNorm& norm, const float* qkv, std::size_t stride,
               int first, int end, float* scratch);
  // out [end - first, H·D] becomes what tokens [first, end) get.
  void attend(KeyValueCache& cache, int first, int end, float* scratch, float* out) const;
  std::size_t scratch_floats() const;
  // The same of all tokens, split by heads: out [M, H·D].
  void attend(Workers& workers, KeyValueCache& cache, float* out);

  // One layer. qkv [M, (H + 2K)·D], rows `stride` floats apart: queries, keys, values. Keys and values are
  // written behind P, and out [rows, H·D] becomes what the tokens `rows` (ascending) get.
  void run(Workers& workers, KeyValueCache& cache, const QueryKeyNorm& norm, const float* qkv,
           std::size_t stride, std::span<const int> rows, float* out);
  // All M of them.
  void run(Workers& workers, KeyValueCache& cache, const QueryKeyNorm& norm, const float* qkv,
           std::size_t stride, float* out);

 private:
  // A share of the work: rows of one kv head, and the chunks they are to meet.
  struct Block {
    int kv_head;
    int first_row, rows;
    int first_chunk, end_chunk;
  };

  void see(std::span<const int> rows);
  void take_in(Workers& workers, KeyValueCache& cache, const QueryKeyNorm& norm, const float* qkv,
               std::size_t stride);
  void take_token(KeyValueCache& cache, const QueryKeyNorm& norm, const float* x, int token, int kv_head,
                  float* memory);
  ChunkWork chunk_work(KeyValueCache& cache, const Block& block, int row, int chunk, float* scratch) const;
  void sum_chunks(KeyValueCache& cache, const Block& block, float* scratch, const RowSums& state) const;
  void attend_whole(KeyValueCache& cache, const Block& block, float* scratch, float* out) const;
  void attend_part(KeyValueCache& cache, const Block& block, float* scratch, float* parts) const;
  void join_parts(const Block& block, float* parts, std::size_t part_size, float* scratch, float* out) const;
  void write_out(const Block& block, const RowSums& state, float* out, int first_row = 0) const;

  int group() const { return shape_.heads / shape_.kv_heads; }
  int padded_dim() const { return round_up(shape_.dim, kPanel); }

  AttentionShape shape_;
  const AttentionLoops* loops_;

  AttentionPass pass_;
  const RotaryTable* rotary_ = nullptr;
  std::vector<int> all_tokens_;  // 0, 1, 2 ... M - 1

  // Of one run(): a row is a query head of a token whose result is wanted; G rows of a kv head per token.
  int rows_ = 0;                     // of one kv head
  std::span<const int> tokens_;      // those wanted
  std::vector<int> row_of_;          // [M] first row of a token, -1: not wanted
  std::vector<RowSight> sights_;     // [rows]
  AlignedArray<std::byte> queries_;  // [K, rows, D] entries
  AlignedArray<float> parts_;        // sums of rows over single chunks
};

}  // namespace seedling::kernels
