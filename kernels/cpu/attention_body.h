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

// --- over the lanes ---

template <int N>
inline vec rotate(vec v) {
  constexpr int m = kLanes - 1;
#if SEEDLING_LANES == 16
  return __builtin_shufflevector(v, v, N & m, (N + 1) & m, (N + 2) & m, (N + 3) & m, (N + 4) & m, (N + 5) & m,
                                 (N + 6) & m, (N + 7) & m, (N + 8) & m, (N + 9) & m, (N + 10) & m,
                                 (N + 11) & m, (N + 12) & m, (N + 13) & m, (N + 14) & m, (N + 15) & m);
#elif SEEDLING_LANES == 8
  return __builtin_shufflevector(v, v, N & m, (N + 1) & m, (N + 2) & m, (N + 3) & m, (N + 4) & m, (N + 5) & m,
                                 (N + 6) & m, (N + 7) & m);
#else
  return __builtin_shufflevector(v, v, N & m, (N + 1) & m, (N + 2) & m, (N + 3) & m);
#endif
}

// By halves: a chain over the lanes would make each row wait.
template <int N = kLanes / 2>
inline float largest_of(vec v) {
  v = larger(v, rotate<N>(v));
  if constexpr (N > 1) return largest_of<N / 2>(v);
  return v[0];
}
template <int N = kLanes / 2>
inline float total_of(vec v) {
  v += rotate<N>(v);
  if constexpr (N > 1) return total_of<N / 2>(v);
  return v[0];
}

// --- into the cache ---

inline uint16_t to_bf16(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return static_cast<uint16_t>(value != value ? 0x7fc0 : rounded);
}

inline void store_halves(uint16_t* p, ivec v) {
  typedef uint16_t halves __attribute__((vector_size(kLanes * 2), aligned(2), may_alias));
  *reinterpret_cast<halves*>(p) = __builtin_convertvector(v, halves);
}

void turn_head(const HeadRow& head, float scale) {
  const int d = head.dim, half = d / 2;
  float* y = head.turned;
  if (head.gain) {
    vec squares = {};
    int i = 0;
    for (; i + kLanes <= d; i += kLanes) squares += load(head.x + i) * load(head.x + i);
    float total = total_of(squares);
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

// Whether all of them are finite as bf16.
bool round_row(const float* x, int n, uint16_t* rounded) {
  constexpr int32_t kExponent = 0x7f80;
  ivec infinite = {};
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const vec v = load(x + i);
    const ivec bits = bits_of(v);
    ivec half = ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) & 0xffff;
    half = v == v ? half : ivec{} + 0x7fc0;
    infinite |= (half & kExponent) == kExponent;
    store_halves(rounded + i, half);
  }
  bool is_finite = true;
  for (int lane = 0; lane < kLanes; ++lane) is_finite = is_finite && infinite[lane] == 0;
  for (; i < n; ++i) {
    rounded[i] = to_bf16(x[i]);
    is_finite = is_finite && (rounded[i] & kExponent) != kExponent;
  }
  return is_finite;
}

void take_key_value(const HeadRow& head, const float* v, uint16_t* key, uint16_t* value) {
  turn_head(head, 1.0f);
  uint16_t* rounded = head.rounded;
  const int d = head.dim;
  round_row(head.turned, d, rounded);
  for (int i = 0; i < d; i += 2) __builtin_memcpy(key + static_cast<size_t>(i) * kPanel, rounded + i, 4);
  const bool is_finite = round_row(v, d, rounded);
  const size_t panel = static_cast<size_t>(kChunkTokens) * kPanel;
  for (int i = 0; i < d; ++i) value[static_cast<size_t>(i / kPanel) * panel + i % kPanel * 2] = rounded[i];
  if (is_finite) return;
  // 0 times NaN is NaN: rows that do not see this token multiply its values by 0.
  for (int i = 0; i < d; ++i) {
    key[static_cast<size_t>(i / 2) * 2 * kPanel + i % 2] = 0x7fc0;
    value[static_cast<size_t>(i / kPanel) * panel + i % kPanel * 2] = 0;
  }
}

// --- products ---

// out [R, V vectors] = a [R, 2·steps] times the columns of panels at b. Meanwhile what lies `ahead` of b is
// fetched. A function of its own: inlined, its sums would have to share the registers with what surrounds it.
template <int R, int V>
__attribute__((noinline)) void multiply(const Entry* a, size_t a_stride, const uint16_t* b,
                                        size_t panel_stride, ptrdiff_t ahead, int steps, float* out,
                                        size_t out_stride) {
  constexpr int kPanels = V < kVectors ? 1 : V / kVectors;
  vec sums[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[r][v] = vec{};
  }
  for (int step = 0; step < steps; ++step, b += 2 * kPanel) {
#pragma GCC unroll 2
    for (int p = 0; p < kPanels; ++p) {
      // To the second level: the tiles are busy with this chunk for longer than memory takes.
      __builtin_prefetch(reinterpret_cast<const char*>(b + p * panel_stride) + ahead, 0, 2);
    }
    multiply_pairs<R, V>(a + 2 * step, a_stride, b, panel_stride, sums);
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) store(out + r * out_stride + v * kLanes, sums[r][v]);
  }
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

// Scores become shares; whole tiles of columns.
inline void softmax_row(const RowSight& sight, int first_token, float* scores, int columns, Entry* shares,
                        float* largest, float* total) {
  for (int i = (sight.whole - first_token) & -kLanes; i < columns; i += kLanes) {
    if (i >= 0) store(scores + i, hide(load(scores + i), seen_from(sight, first_token + i)));
  }
  vec lanes = splat(kUnseen);
  for (int i = 0; i < columns; i += kLanes) lanes = larger(load(scores + i), lanes);
  *largest = largest_of(lanes);
  const vec base = splat(*largest > kUnseen ? *largest : 0.0f);  // a row that sees nothing here: shares of 0
  vec totals = {};
  for (int i = 0; i < columns; i += kLanes) {
    const vec share = shares_of(load(scores + i) - base);
    totals += share;
    store_entries(shares + i, share);
  }
  *total = total_of(totals);
}

template <int R>
void attend_rows(const ChunkWork& work, const RowSums& out) {
  int end = 0;  // of what any row sees of the chunk
  for (int r = 0; r < R; ++r) {
    if (work.sights[r].end - work.first_token > end) end = work.sights[r].end - work.first_token;
  }
  const int columns = round_up(end < kChunkTokens ? end : kChunkTokens, kTileColumns);

  const auto ahead = [&work](int column) {
    return column / kTileColumns % work.tiles == work.tile ? work.next_chunk : 0;
  };
  const size_t key_panel = static_cast<size_t>(work.dim) * kPanel;
  for (int i = 0; i < columns; i += kTileColumns) {
    multiply<R, kTileVectors>(static_cast<const Entry*>(work.queries), static_cast<size_t>(work.dim),
                              work.keys + i / kPanel * key_panel, key_panel, ahead(i), work.dim / 2,
                              work.scores + i, kChunkTokens);
  }

  Entry* shares = static_cast<Entry*>(work.shares);
  for (int r = 0; r < R; ++r) {
    softmax_row(work.sights[r], work.first_token, work.scores + r * kChunkTokens, columns,
                shares + r * kChunkTokens, out.largest + r, out.totals + r);
  }

  const int padded_dim = round_up(work.dim, kPanel);
  const size_t value_panel = static_cast<size_t>(kChunkTokens) * kPanel,
               stride = static_cast<size_t>(padded_dim);
  int i = 0;
  for (; i + kTileColumns <= padded_dim; i += kTileColumns) {
    multiply<R, kTileVectors>(shares, kChunkTokens, work.values + i / kPanel * value_panel, value_panel,
                              ahead(i), columns / 2, out.values + i, stride);
  }
  for (; i < padded_dim; i += kPanel) {
    multiply<R, kVectors>(shares, kChunkTokens, work.values + i / kPanel * value_panel, value_panel, ahead(i),
                          columns / 2, out.values + i, stride);
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
  alignas(64) float before[kTileRows * 2], behind[kTileRows * 2];
  for (int first = 0; first < rows; first += kTileRows) {
    const int count = rows - first < kTileRows ? rows - first : kTileRows;
    for (int r = 0; r < kTileRows; ++r) {
      const int row = r < count ? first + r : first;
      const float old = state.largest[row], other = next.largest[row];
      const float largest = other > old ? other : old;
      before[r] = old - largest;
      behind[r] = other - largest;
      if (r < count) state.largest[row] = largest;
    }
    for (int r = 0; r < kTileRows; r += kLanes) {
      store(before + r, exp2_exact(load(before + r)));
      store(behind + r, exp2_exact(load(behind + r)));
    }
    for (int r = 0; r < count; ++r) {
      const int row = first + r;
      float* values = state.values + static_cast<size_t>(row) * padded_dim;
      const float* others = next.values + static_cast<size_t>(row) * padded_dim;
      for (int i = 0; i < padded_dim; i += kLanes) {
        store(values + i, load(values + i) * before[r] + load(others + i) * behind[r]);
      }
      state.totals[row] = state.totals[row] * before[r] + next.totals[row] * behind[r];
    }
  }
}

constexpr AttentionLoops make_attention_loops(const char* name) {
  return {name, sizeof(Entry), kTile, take_query, take_key_value, attend_chunk, merge};
}

}  // namespace
}  // namespace seedling::kernels
