#include "kernels/attention.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>

namespace seedling::kernels {
namespace {

constexpr float kUnseen = -1e30f;        // as in attention_body.h: what a row without a score so far has
constexpr int kMostBlockRows = 64;       // their sums stay in the first-level cache beside a chunk's keys
constexpr int kBlocksPerThread = 4;      // so that one that falls behind can be helped
constexpr int kLongBlocksPerThread = 2;  // each block reads the whole cache of its head
constexpr int kFewChunks = 4;            // splitting fewer costs more than it saves
constexpr int kSmallTakeIn = 1 << 13;    // values; below, a second thread costs more than it saves

int chunks_of(int tokens) {
  return (tokens + kChunkTokens - 1) / kChunkTokens;
}

// Floats of the sums of `rows` rows.
std::size_t sums_size(int rows, int padded_dim) {
  return static_cast<std::size_t>(rows) * (padded_dim + 2);
}

RowSums sums_at(float* memory, int rows, int padded_dim) {
  float* largest = memory + static_cast<std::size_t>(rows) * padded_dim;
  return {memory, largest, largest + rows};
}

RowSums from_row(const RowSums& sums, int row, int padded_dim) {
  return {sums.values + static_cast<std::size_t>(row) * padded_dim, sums.largest + row, sums.totals + row};
}

void clear(const RowSums& sums, int rows, int padded_dim) {
  std::fill_n(sums.values, static_cast<std::size_t>(rows) * padded_dim, 0.0f);
  std::fill_n(sums.largest, rows, kUnseen);
  std::fill_n(sums.totals, rows, 0.0f);
}

// A thread's scratch: scores and shares of a tile, its sums over one chunk, and from there on the sums of a
// block. More than take_token() needs.
constexpr std::size_t kTileScores = static_cast<std::size_t>(kTileRows) * kChunkTokens;

std::size_t scratch_size(int padded_dim) {
  return 2 * kTileScores + sums_size(kTileRows, padded_dim) + sums_size(kMostBlockRows, padded_dim);
}

RowSums tile_sums(float* scratch, int padded_dim) {
  return sums_at(scratch + 2 * kTileScores, kTileRows, padded_dim);
}

RowSums block_sums(float* scratch, int padded_dim) {
  return sums_at(scratch + 2 * kTileScores + sums_size(kTileRows, padded_dim), kMostBlockRows, padded_dim);
}

}  // namespace

// --- positions ---

void RotaryTable::reserve(int positions) {
  const int half = static_cast<int>(half_);
  for (int position = half > 0 ? static_cast<int>(cos_.size()) / half : positions; position < positions;
       ++position) {
    for (int i = 0; i < half; ++i) {
      const float exponent = static_cast<float>(2 * i) / static_cast<float>(2 * half);
      const float angle = static_cast<float>(position) / std::pow(theta_, exponent);
      cos_.push_back(std::cos(angle));
      sin_.push_back(std::sin(angle));
    }
  }
}

// --- keys and values ---

KeyValueCache::KeyValueCache(int kv_heads, int dim) : kv_heads_(kv_heads), dim_(dim) {}

std::size_t KeyValueCache::key_stride() const {
  return static_cast<std::size_t>(kChunkTokens) * dim_;
}

std::size_t KeyValueCache::head_stride() const {
  return key_stride() + static_cast<std::size_t>(kChunkTokens) * round_up(dim_, kPanel);
}

std::uint16_t* KeyValueCache::keys(int chunk, int head) {
  return chunks_[static_cast<std::size_t>(chunk)]->data() + head * head_stride();
}

std::uint16_t* KeyValueCache::values(int chunk, int head) {
  return keys(chunk, head) + key_stride();
}

void KeyValueCache::reserve(int tokens) {
  while (static_cast<int>(chunks_.size()) < chunks_of(tokens)) {
    chunks_.push_back(std::make_shared<Chunk>(kv_heads_ * head_stride()));
  }
}

void KeyValueCache::trim(int tokens) {
  if (chunks_of(tokens) < static_cast<int>(chunks_.size())) {
    chunks_.resize(static_cast<std::size_t>(chunks_of(tokens)));
  }
}

std::size_t KeyValueCache::bytes() const {
  return chunks_.size() * kv_heads_ * head_stride() * sizeof(std::uint16_t);
}

void KeyValueCache::make_writable(int begin, int end) {
  for (int chunk = begin / kChunkTokens; chunk < chunks_of(end); ++chunk) {
    std::shared_ptr<Chunk>& shared = chunks_[static_cast<std::size_t>(chunk)];
    if (shared.use_count() == 1) continue;
    auto own = std::make_shared<Chunk>(shared->size());
    std::memcpy(own->data(), shared->data(), shared->size() * sizeof(std::uint16_t));
    shared = std::move(own);
  }
}

// --- a pass ---

Attention::Attention(AttentionShape shape) : Attention(shape, best_attention_loops()) {}

Attention::Attention(AttentionShape shape, const AttentionLoops& loops) : shape_(shape), loops_(&loops) {}

void Attention::begin(const AttentionPass& pass, const RotaryTable& rotary) {
  pass_ = pass;
  rotary_ = &rotary;
  all_tokens_.resize(static_cast<std::size_t>(pass.m));
  std::iota(all_tokens_.begin(), all_tokens_.end(), 0);
}

void Attention::run(Workers& workers, KeyValueCache& cache, const QueryKeyNorm& norm, const float* qkv,
                    std::size_t stride, std::span<const int> rows, float* out) {
  see(rows);
  take_in(workers, cache, norm, qkv, stride);
  if (!rows.empty()) attend(workers, cache, out);
}

void Attention::run(Workers& workers, KeyValueCache& cache, const QueryKeyNorm& norm, const float* qkv,
                    std::size_t stride, float* out) {
  run(workers, cache, norm, qkv, stride, all_tokens_, out);
}

void Attention::open(KeyValueCache& cache) {
  see(all_tokens_);
  cache.reserve(pass_.p + pass_.m);
  cache.make_writable(pass_.p, pass_.p + pass_.m);
}

void Attention::take_in(KeyValueCache& cache, const QueryKeyNorm& norm, const float* qkv, std::size_t stride,
                        int first, int end, float* scratch) {
  for (int kv_head = 0; kv_head < shape_.kv_heads; ++kv_head) {
    for (int token = first; token < end; ++token) {
      take_token(cache, norm, qkv + token * stride, token, kv_head, scratch);
    }
  }
}

std::size_t Attention::scratch_floats() const {
  return scratch_size(padded_dim());
}

void Attention::attend(KeyValueCache& cache, int first, int end, float* scratch, float* out) const {
  const int d = padded_dim(), first_row = first * group(), end_row = end * group();
  for (int kv_head = 0; kv_head < shape_.kv_heads; ++kv_head) {
    for (int row = first_row; row < end_row; row += kMostBlockRows) {
      Block block{kv_head, row, std::min(kMostBlockRows, end_row - row), 0, 0};
      for (int i = 0; i < block.rows; ++i) {
        block.end_chunk =
            std::max(block.end_chunk, chunks_of(sights_[static_cast<std::size_t>(row + i)].end));
      }
      const RowSums state = block_sums(scratch, d);
      sum_chunks(cache, block, scratch, state);
      write_out(block, state, out, first_row);
    }
  }
}

// What the rows of these tokens see.
void Attention::see(std::span<const int> tokens) {
  tokens_ = tokens;
  rows_ = static_cast<int>(tokens.size()) * group();
  row_of_.assign(static_cast<std::size_t>(pass_.m), -1);
  sights_.clear();
  for (const int token : tokens) {
    row_of_[static_cast<std::size_t>(token)] = static_cast<int>(sights_.size());
    RowSight sight;
    if (pass_.sight == Sight::listed) {
      const std::uint64_t& sees = pass_.sees[static_cast<std::size_t>(token)];
      sight = {pass_.p, pass_.p + static_cast<int>(std::bit_width(sees)), &sees, 1};
    } else {
      sight.whole = sight.end = pass_.p + (pass_.sight == Sight::causal ? token + 1 : pass_.m);
    }
    sights_.insert(sights_.end(), static_cast<std::size_t>(group()), sight);
  }
  const std::size_t entries = static_cast<std::size_t>(shape_.kv_heads) * rows_ * shape_.dim;
  if (queries_.size() < entries * loops_->entry_bytes) {
    queries_ = AlignedArray<std::byte>(entries * loops_->entry_bytes);
  }
}

// --- queries, keys and values ---

void Attention::take_in(Workers& workers, KeyValueCache& cache, const QueryKeyNorm& norm, const float* qkv,
                        std::size_t stride) {
  const int p = pass_.p, m = pass_.m;
  cache.reserve(p + m);
  cache.make_writable(p, p + m);
  const auto take = [&](int first, int end, int kv_head, int thread) {
    float* memory = workers.scratch(thread, 2 * static_cast<std::size_t>(shape_.dim));
    for (int token = first; token < end; ++token) {
      take_token(cache, norm, qkv + token * stride, token, kv_head, memory);
    }
  };
  if (m * (shape_.heads + 2 * shape_.kv_heads) * shape_.dim < kSmallTakeIn) {
    for (int kv_head = 0; kv_head < shape_.kv_heads; ++kv_head) take(0, m, kv_head, 0);
    return;
  }
  // Whole panels of the cache: neighbours in a panel share cache lines.
  const int first_panel = p / kPanel, panels = (p + m - 1) / kPanel - first_panel + 1;
  workers.run(panels * shape_.kv_heads, [&](int part, int thread) {
    const int token = (first_panel + part % panels) * kPanel - p;
    take(std::max(0, token), std::min(m, token + kPanel), part / panels, thread);
  });
}

void Attention::take_token(KeyValueCache& cache, const QueryKeyNorm& norm, const float* x, int token,
                           int kv_head, float* memory) {
  const int d = shape_.dim, place = pass_.p + token;
  const int offset = pass_.sight == Sight::listed ? pass_.offsets[static_cast<std::size_t>(token)] : token;
  HeadRow head = {x,
                  norm.query,
                  norm.eps,
                  rotary_->cos(pass_.p + offset),
                  rotary_->sin(pass_.p + offset),
                  memory,
                  reinterpret_cast<std::uint16_t*>(memory + d),
                  d};
  if (const int row = row_of_[static_cast<std::size_t>(token)]; row >= 0) {
    // Base 2 from here on.
    const float scale = std::numbers::log2e_v<float> / std::sqrt(static_cast<float>(d));
    for (int g = 0; g < group(); ++g) {
      head.x = x + static_cast<std::size_t>(kv_head * group() + g) * d;
      const std::size_t entry = (static_cast<std::size_t>(kv_head) * rows_ + row + g) * d;
      loops_->take_query(head, scale, queries_.data() + entry * loops_->entry_bytes);
    }
  }
  const float* key = x + static_cast<std::size_t>(shape_.heads + kv_head) * d;
  head.x = key;
  head.gain = norm.key;
  const int chunk = place / kChunkTokens, within = place % kChunkTokens;
  loops_->take_key_value(head, key + static_cast<std::size_t>(shape_.kv_heads) * d,
                         cache.keys(chunk, kv_head) + static_cast<std::size_t>(within / kPanel) * d * kPanel +
                             within % kPanel * 2,
                         cache.values(chunk, kv_head) + within / 2 * (2 * kPanel) + within % 2);
}

// --- softmax and values ---

void Attention::attend(Workers& workers, KeyValueCache& cache, float* out) {
  const int d = padded_dim();
  int end = 0;
  for (const RowSight& sight : sights_) end = std::max(end, sight.end);
  const int chunks = chunks_of(end), threads = workers.thread_count();

  // As many rows together as leave every thread its blocks: they share what they read of the cache.
  const int per_thread = chunks < kFewChunks ? kBlocksPerThread : kLongBlocksPerThread;
  const int even = shape_.kv_heads * rows_ / (threads * per_thread);
  const int block_rows =
      std::clamp(round_up(std::max(even, 1), loops_->tile_rows), loops_->tile_rows, kMostBlockRows);
  const int row_blocks = (rows_ + block_rows - 1) / block_rows, blocks = row_blocks * shape_.kv_heads;
  const auto block_of = [&](int index) {
    const int first = index % row_blocks * block_rows;
    return Block{index / row_blocks, first, std::min(block_rows, rows_ - first), 0, chunks};
  };
  if (blocks >= threads || chunks < kFewChunks) {
    workers.run(blocks, [&](int index, int thread) {
      attend_whole(cache, block_of(index), workers.scratch(thread, scratch_size(d)), out);
    });
    return;
  }

  // Few rows, long context: a block's chunks are dealt out, and joined in order.
  const std::size_t part_size = sums_size(block_rows, d), block_size = part_size * chunks;
  if (parts_.size() < block_size * blocks) parts_ = AlignedArray<float>(block_size * blocks);
  workers.run(blocks * chunks, [&](int index, int thread) {
    Block block = block_of(index / chunks);
    block.first_chunk = index % chunks;
    block.end_chunk = block.first_chunk + 1;
    attend_part(cache, block, workers.scratch(thread, scratch_size(d)), parts_.data() + part_size * index);
  });
  workers.run(blocks, [&](int index, int thread) {
    join_parts(block_of(index), parts_.data() + block_size * index, part_size,
               workers.scratch(thread, scratch_size(d)), out);
  });
}

// The tile of rows from block row `row` on.
ChunkWork Attention::chunk_work(KeyValueCache& cache, const Block& block, int row, int chunk,
                                float* scratch) const {
  const std::size_t first = static_cast<std::size_t>(block.first_row + row);
  // Keys and values of a head lie together, so one distance does for both.
  const std::ptrdiff_t next_chunk =
      chunk + 1 < block.end_chunk ? reinterpret_cast<const char*>(cache.keys(chunk + 1, block.kv_head)) -
                                        reinterpret_cast<const char*>(cache.keys(chunk, block.kv_head))
                                  : 0;
  const std::size_t entry = (static_cast<std::size_t>(block.kv_head) * rows_ + first) * shape_.dim;
  return {.queries = queries_.data() + entry * loops_->entry_bytes,
          .sights = sights_.data() + first,
          .rows = std::min(loops_->tile_rows, block.rows - row),
          .dim = shape_.dim,
          .first_token = chunk * kChunkTokens,
          .keys = cache.keys(chunk, block.kv_head),
          .values = cache.values(chunk, block.kv_head),
          .next_chunk = next_chunk,
          .tile = row / loops_->tile_rows,
          .tiles = (block.rows + loops_->tile_rows - 1) / loops_->tile_rows,
          .scores = scratch,
          .shares = scratch + kTileScores};
}

void Attention::attend_whole(KeyValueCache& cache, const Block& block, float* scratch, float* out) const {
  const RowSums state = block_sums(scratch, padded_dim());
  sum_chunks(cache, block, scratch, state);
  write_out(block, state, out);
}

void Attention::sum_chunks(KeyValueCache& cache, const Block& block, float* scratch,
                           const RowSums& state) const {
  const int d = padded_dim();
  const RowSums tile = tile_sums(scratch, d);
  clear(state, block.rows, d);
  for (int chunk = block.first_chunk; chunk < block.end_chunk; ++chunk) {
    for (int row = 0; row < block.rows; row += loops_->tile_rows) {
      const ChunkWork work = chunk_work(cache, block, row, chunk, scratch);
      loops_->attend(work, tile);
      loops_->merge(from_row(state, row, d), tile, work.rows, d);
    }
  }
}

void Attention::attend_part(KeyValueCache& cache, const Block& block, float* scratch, float* parts) const {
  const int d = padded_dim();
  const RowSums sums = sums_at(parts, block.rows, d);
  for (int row = 0; row < block.rows; row += loops_->tile_rows) {
    loops_->attend(chunk_work(cache, block, row, block.first_chunk, scratch), from_row(sums, row, d));
  }
}

void Attention::join_parts(const Block& block, float* parts, std::size_t part_size, float* scratch,
                           float* out) const {
  const int d = padded_dim();
  const RowSums state = block_sums(scratch, d);
  clear(state, block.rows, d);
  for (int chunk = block.first_chunk; chunk < block.end_chunk; ++chunk, parts += part_size) {
    loops_->merge(state, sums_at(parts, block.rows, d), block.rows, d);
  }
  write_out(block, state, out);
}

void Attention::write_out(const Block& block, const RowSums& state, float* out, int first_row) const {
  const int d = shape_.dim;
  for (int row = 0; row < block.rows; ++row) {
    const int index = block.first_row - first_row + row, token = index / group();
    const int head = block.kv_head * group() + index % group();
    const float* values = state.values + static_cast<std::size_t>(row) * padded_dim();
    float* to = out + (static_cast<std::size_t>(token) * shape_.heads + head) * d;
    const float inverse = 1.0f / state.totals[row];
    for (int i = 0; i < d; ++i) to[i] = values[i] * inverse;
  }
}

}  // namespace seedling::kernels
