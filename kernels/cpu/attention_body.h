// kernels/cpu/attention_body.h
//
// The loops of kernels/cpu/attention_loops.h for one instruction set. Included by exactly one source file per
// set, compiled with that set's flags, after kernels/cpu/int8_vectors.h and the set's own
//   Entry              type of a query or a share: float, or uint16_t (bf16)
//   kTile, kTileVectors rows and vectors of a register tile; its columns are one or two whole panels, or part
//   of one multiply_pairs()   sums += a pair of columns times a pair of entries larger()           of two
//   values; the second where one is NaN shares_of()        2^x for x <= 0, exactly 0 where that is tiny
//   store_entries()    a vector of entries
// Everything is in an unnamed namespace, as in loops_body.h.
#pragma once

namespace seedling::kernels {
namespace {

constexpr int kTileColumns = kTileVectors * kLanes;
constexpr float kUnseen = -1e30f;  // a score that gets no share; finite, so that differences stay numbers

// --- into the cache ---

inline uint16_t to_bf16(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return static_cast<uint16_t>(value != value ? 0x7fc0 : rounded);
}

void turn_head(const HeadRow& head, float scale) {
  const int d = head.dim, half = d / 2;
  float* y = head.turned;
  if (head.gain) {
    vec squares = {};
    int i = 0;
    for (; i + kLanes <= d; i += kLanes) squares += load(head.x + i) * load(head.x + i);
    float total = sum(squares);
    for (; i < d; ++i) total += head.x[i] * head.x[i];
    const float inverse = 1.0f / __builtin_sqrtf(total / static_cast<float>(d) + head.eps);
    for (i = 0; i + kLanes <= d; i += kLanes) store(y + i, load(head.x + i) * inverse * load(head.gain + i));
    for (; i < d; ++i) y[i] = head.x[i] * inverse * head.gain[i];
  } else {
    __builtin_memcpy(y, head.x, static_cast<size_t>(d) * sizeof(float));
  }
  int i = 0;
  for (; i + kLanes <= half; i += kLanes) {
    const vec a = load(y + i), b = load(y + half + i), cos = load(head.cos + i), sin = load(head.sin + i);
    store(y + i, (a * cos - b * sin) * scale);
    store(y + half + i, (b * cos + a * sin) * scale);
  }
  for (; i < half; ++i) {
    const float a = y[i], b = y[half + i];
    y[i] = (a * head.cos[i] - b * head.sin[i]) * scale;
    y[half + i] = (b * head.cos[i] + a * head.sin[i]) * scale;
  }
}

void take_query(const HeadRow& head, float scale, void* entries) {
  turn_head(head, scale);
  Entry* to = static_cast<Entry*>(entries);
  int i = 0;
  for (; i + kLanes <= head.dim; i += kLanes) store_entries(to + i, load(head.turned + i));
  for (; i < head.dim; ++i) {
    if constexpr (sizeof(Entry) == 2) {
      to[i] = to_bf16(head.turned[i]);
    } else {
      to[i] = head.turned[i];
    }
  }
}

void take_key_value(const HeadRow& head, const float* v, uint16_t* key, uint16_t* value) {
  turn_head(head, 1.0f);
  constexpr uint16_t kExponent = 0x7f80, kNan = 0x7fc0;
  bool is_finite = true;
  const size_t value_panel = static_cast<size_t>(kChunkTokens) * kPanel;
  for (int i = 0; i < head.dim; ++i) {
    const uint16_t rounded = to_bf16(v[i]);
    is_finite = is_finite && (rounded & kExponent) != kExponent;
    value[static_cast<size_t>(i / kPanel) * value_panel + i % kPanel * 2] = rounded;
  }
  for (int i = 0; i < head.dim; i += 2) {
    uint16_t* pair = key + static_cast<size_t>(i) * kPanel;
    pair[0] = is_finite ? to_bf16(head.turned[i]) : kNan;
    pair[1] = is_finite ? to_bf16(head.turned[i + 1]) : kNan;
  }
  // 0 times NaN is NaN: rows that do not see this token multiply its values by 0.
  for (int i = 0; i < head.dim && !is_finite; ++i) {
    value[static_cast<size_t>(i / kPanel) * value_panel + i % kPanel * 2] = 0;
  }
}

// --- products ---

// sums[r][v] = row r of a [R, 2·steps] times the columns of panels at b.
template <int R, int V>
inline __attribute__((always_inline)) void products(const Entry* a, size_t a_stride, const uint16_t* b,
                                                    size_t panel_stride, int steps, vec (&sums)[R][V]) {
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) sums[r][v] = vec{};
  }
  for (int step = 0; step < steps; ++step) {
    multiply_pairs<R, V>(a + 2 * step, a_stride, b + static_cast<size_t>(step) * 2 * kPanel, panel_stride,
                         sums);
  }
}

// Where vector v of a tile begins in panels.
inline size_t vector_offset(int v, size_t panel_stride) {
  return static_cast<size_t>(v * kLanes / kPanel) * panel_stride +
         static_cast<size_t>(v * kLanes % kPanel) * 2;
}

// --- one chunk ---

// Bit i: the row sees token `token` + i.
inline uint32_t seen_from(const RowSight& sight, int token) {
  const int ahead = sight.whole - token;  // tokens that it sees in any case
  if (ahead >= 32) return ~uint32_t{0};
  const uint64_t always = ahead > 0 ? (uint64_t{1} << ahead) - 1 : 0;
  uint64_t listed = 0;
  if (ahead > 0) {
    listed = sight.words > 0 ? sight.bits[0] << ahead : 0;
  } else {
    const int word = -ahead / 64, shift = -ahead % 64;
    if (word < sight.words) listed = sight.bits[word] >> shift;
    if (word + 1 < sight.words && shift > 0) listed |= sight.bits[word + 1] << (64 - shift);
  }
  return static_cast<uint32_t>(always | listed);
}

inline vec hide(vec scores, uint32_t seen) {
  return lanes_of_bits(seen) ? scores : splat(kUnseen);
}

inline float largest_of(vec v) {
  float largest = v[0];
  for (int lane = 1; lane < kLanes; ++lane) largest = v[lane] > largest ? v[lane] : largest;
  return largest;
}

// Scores become shares; whole tiles of columns.
inline void softmax_row(const float* scores, int columns, vec largest_lanes, Entry* shares, float* largest,
                        float* total) {
  *largest = largest_of(largest_lanes);
  const vec base = splat(*largest > kUnseen ? *largest : 0.0f);  // a row that sees nothing here: shares of 0
  vec totals = {};
  for (int i = 0; i < columns; i += kLanes) {
    const vec share = shares_of(load(scores + i) - base);
    totals += share;
    store_entries(shares + i, share);
  }
  *total = sum(totals);
}

template <int R, int V>
inline __attribute__((always_inline)) void values_of(const Entry* shares, const uint16_t* values, int steps,
                                                     float* out, size_t out_stride) {
  vec sums[R][V];
  products<R, V>(shares, kChunkTokens, values, static_cast<size_t>(kChunkTokens) * kPanel, steps, sums);
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < V; ++v) store(out + r * out_stride + v * kLanes, sums[r][v]);
  }
}

template <int R>
void attend_rows(const ChunkWork& work, const RowSums& out) {
  const int padded_dim = round_up(work.dim, kPanel);
  int whole = kChunkTokens, end = 0;  // of the chunk: what all rows see, what any row sees
  for (int r = 0; r < R; ++r) {
    const RowSight& sight = work.sights[r];
    if (sight.whole - work.first_token < whole) whole = sight.whole - work.first_token;
    if (sight.end - work.first_token > end) end = sight.end - work.first_token;
  }
  if (end > kChunkTokens) end = kChunkTokens;
  const int columns = round_up(end, kTileColumns);

  const Entry* queries = static_cast<const Entry*>(work.queries);
  const size_t key_panel = static_cast<size_t>(work.dim) * kPanel;
  vec largest[R];
  for (int r = 0; r < R; ++r) largest[r] = splat(kUnseen);
  for (int column = 0; column < columns; column += kTileColumns) {
    vec sums[R][kTileVectors];
    products<R, kTileVectors>(queries, static_cast<size_t>(work.dim), work.keys + column / kPanel * key_panel,
                              key_panel, work.dim / 2, sums);
    if (column + kTileColumns > whole) {
      for (int r = 0; r < R; ++r) {
        const uint32_t seen = seen_from(work.sights[r], work.first_token + column);
        for (int v = 0; v < kTileVectors; ++v) sums[r][v] = hide(sums[r][v], seen >> (v * kLanes));
      }
    }
    for (int r = 0; r < R; ++r) {
      for (int v = 0; v < kTileVectors; ++v) {
        store(work.scores + r * kChunkTokens + column + v * kLanes, sums[r][v]);
        largest[r] = larger(sums[r][v], largest[r]);
      }
    }
  }

  Entry* shares = static_cast<Entry*>(work.shares);
  for (int r = 0; r < R; ++r) {
    softmax_row(work.scores + r * kChunkTokens, columns, largest[r], shares + r * kChunkTokens,
                out.largest + r, out.totals + r);
  }

  int i = 0;
  const size_t value_panel = static_cast<size_t>(kChunkTokens) * kPanel;
  for (; i + kTileColumns <= padded_dim; i += kTileColumns) {
    values_of<R, kTileVectors>(shares, work.values + i / kPanel * value_panel, columns / 2, out.values + i,
                               static_cast<size_t>(padded_dim));
  }
  for (; i < padded_dim; i += kPanel) {
    values_of<R, kVectors>(shares, work.values + i / kPanel * value_panel, columns / 2, out.values + i,
                           static_cast<size_t>(padded_dim));
  }
}

// Each number of rows is its own code.
template <int R>
void attend_at_most(const ChunkWork& work, const RowSums& out) {
  if (work.rows == R) {
    attend_rows<R>(work, out);
  } else if constexpr (R > 1) {
    attend_at_most<R - 1>(work, out);
  }
}

void attend_chunk(const ChunkWork& work, const RowSums& out) {
  attend_at_most<kTile>(work, out);
}

// --- chunks together ---

void merge(const RowSums& state, const RowSums& next, int rows, int padded_dim) {
  for (int r = 0; r < rows; ++r) {
    const float largest = next.largest[r] > state.largest[r] ? next.largest[r] : state.largest[r];
    // Both in one vector: a scalar exponential costs as much as a vector of them.
    float parts[kLanes] = {};
    parts[0] = state.largest[r] - largest;
    parts[1] = next.largest[r] - largest;
    store(parts, exp2_exact(load(parts)));
    const vec before = splat(parts[0]), behind = splat(parts[1]);
    float* values = state.values + static_cast<size_t>(r) * padded_dim;
    const float* others = next.values + static_cast<size_t>(r) * padded_dim;
    for (int i = 0; i < padded_dim; i += kLanes) {
      store(values + i, load(values + i) * before + load(others + i) * behind);
    }
    state.totals[r] = state.totals[r] * parts[0] + next.totals[r] * parts[1];
    state.largest[r] = largest;
  }
}

constexpr AttentionLoops make_attention_loops(const char* name) {
  return {name, sizeof(Entry), kTile, take_query, take_key_value, attend_chunk, merge};
}

}  // namespace
}  // namespace seedling::kernels
