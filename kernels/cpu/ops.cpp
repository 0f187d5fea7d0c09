#include "kernels/ops.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/loops.h"

namespace seedling::kernels {
namespace {

// Below this many multiply-adds a second thread costs more than it saves.
constexpr std::size_t kSmallWork = 100'000;

// The score of a token that a row does not see: loses against every real one, and is finite, so that its
// differences are.
constexpr float kUnseen = -1e30f;

std::uint16_t to_bf16(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, 4);
  if (std::isnan(value))
    return static_cast<std::uint16_t>((bits >> 16) | 0x40);  // rounding could make it infinite
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

template <class W>
void linear_part(void (*gemm)(const Gemm<W>&), const PackedMatrix& w, const W* packed, int first, int count,
                 const float* x, std::size_t x_stride, float* y, std::size_t y_stride, int m) {
  const std::size_t panel_stride = static_cast<std::size_t>(w.inputs()) * kPanel;
  gemm({x, x_stride, packed + first / kPanel * panel_stride, kPanel, panel_stride, y + first, y_stride, m,
        count, w.inputs()});
}

}  // namespace

PackedMatrix::PackedMatrix(int outputs, int inputs, WeightType type)
    : outputs_(outputs), inputs_(inputs), type_(type) {
  const std::size_t size =
      static_cast<std::size_t>(round_up(outputs, kPanel)) * static_cast<std::size_t>(inputs);
  if (type == WeightType::f32) f32_ = AlignedArray<float>(size);
  if (type == WeightType::bf16) bf16_ = AlignedArray<std::uint16_t>(size);
}

void PackedMatrix::pack(int first, const float* rows, int count) {
  for (int row = 0; row < count; ++row) {
    const int output = first + row;
    const std::size_t base = static_cast<std::size_t>(output / kPanel) * inputs_ * kPanel + output % kPanel;
    const float* source = rows + static_cast<std::size_t>(row) * inputs_;
    for (int i = 0; i < inputs_; ++i) {
      const std::size_t at = base + static_cast<std::size_t>(i) * kPanel;
      if (type_ == WeightType::f32) {
        f32_.data()[at] = source[i];
      } else {
        bf16_.data()[at] = to_bf16(source[i]);
      }
    }
  }
}

void KeyValues::reserve(int tokens, int used) {
  if (tokens <= capacity) return;
  const int padded_dim = round_up(dim, kPanel);
  const int grown = round_up(std::max(tokens, capacity + capacity / 2), 256);
  AlignedArray<float> new_keys(static_cast<std::size_t>(heads) * grown * dim);
  AlignedArray<float> new_values(static_cast<std::size_t>(heads) * grown * padded_dim);
  const std::size_t used_tokens = static_cast<std::size_t>(round_up(used, kPanel));
  for (int head = 0; head < heads && used > 0; ++head) {
    const std::size_t from = static_cast<std::size_t>(head) * capacity,
                      to = static_cast<std::size_t>(head) * grown;
    std::memcpy(new_keys.data() + to * dim, keys.data() + from * dim, used_tokens * dim * sizeof(float));
    std::memcpy(new_values.data() + to * padded_dim, values.data() + from * padded_dim,
                used_tokens * padded_dim * sizeof(float));
  }
  keys = std::move(new_keys);
  values = std::move(new_values);
  capacity = grown;
}

void KeyValues::write(int position, const float* k, const float* v, std::size_t stride, int m) {
  const std::size_t padded_dim = static_cast<std::size_t>(round_up(dim, kPanel));
  for (int row = 0; row < m; ++row) {
    const std::size_t token = static_cast<std::size_t>(position + row);
    for (int head = 0; head < heads; ++head) {
      const float* key = k + row * stride + static_cast<std::size_t>(head) * dim;
      const float* value = v + row * stride + static_cast<std::size_t>(head) * dim;
      float* lanes =
          keys.data() + (static_cast<std::size_t>(head) * capacity + token / kPanel * kPanel) * dim;
      for (int i = 0; i < dim; ++i) lanes[i * kPanel + token % kPanel] = key[i];
      std::memcpy(values.data() + (static_cast<std::size_t>(head) * capacity + token) * padded_dim, value,
                  dim * sizeof(float));
    }
  }
}

void linear(Workers& workers, const PackedMatrix& w, const float* bias, const float* x, std::size_t x_stride,
            float* y, std::size_t y_stride, int m) {
  const Loops& loops = best_loops();
  const std::size_t work = static_cast<std::size_t>(m) * w.outputs() * w.inputs();
  // A few parts per thread, so that one that falls behind can be helped.
  const int threads = work < kSmallWork ? 1 : workers.thread_count();
  const int width = threads == 1 ? round_up(w.outputs(), kPanel)
                                 : std::max(2 * kPanel, round_up(w.outputs() / (threads * 4), 4 * kPanel));
  const int parts = (w.outputs() + width - 1) / width;
  workers.run(parts, [&](int part, int) {
    const int first = part * width, count = std::min(width, w.outputs() - first);
    if (w.type() == WeightType::f32) {
      linear_part(loops.gemm_f32, w, w.f32(), first, count, x, x_stride, y, y_stride, m);
    } else {
      linear_part(loops.gemm_bf16, w, w.bf16(), first, count, x, x_stride, y, y_stride, m);
    }
    for (int row = 0; bias && row < m; ++row) {
      for (int n = first; n < first + count; ++n) y[row * y_stride + n] += bias[n];
    }
  });
}

void rmsnorm(const float* x, std::size_t x_stride, const float* gain, float eps, float* y,
             std::size_t y_stride, int m, int n) {
  const Loops& loops = best_loops();
  for (int row = 0; row < m; ++row) loops.rmsnorm(x + row * x_stride, gain, eps, y + row * y_stride, n);
}

void rope(float* x, std::size_t x_stride, const float* cos, const float* sin, int m, int heads, int d) {
  const Loops& loops = best_loops();
  for (int row = 0; row < m; ++row) {
    const std::size_t at = static_cast<std::size_t>(row) * (d / 2);
    for (int head = 0; head < heads; ++head) loops.rope(x + row * x_stride + head * d, cos + at, sin + at, d);
  }
}

void attention(Workers& workers, const KeyValues& cache, const float* q, std::size_t q_stride, float* out,
               int m, int p, int heads, const std::function<bool(int, int)>& is_seen) {
  const Loops& loops = best_loops();
  const int d = cache.dim, group = heads / cache.heads;
  const std::size_t padded_dim = static_cast<std::size_t>(round_up(d, kPanel));
  const float scale = 1.0f / std::sqrt(static_cast<float>(d));
  constexpr int kRowsPerPart = 16;  // their scores stay in the second-level cache
  const int row_parts = (m + kRowsPerPart - 1) / kRowsPerPart;

  workers.run(heads * row_parts, [&](int part, int thread) {
    const int head = part / row_parts, first = part % row_parts * kRowsPerPart;
    const int rows = std::min(kRowsPerPart, m - first);
    const int visible = p + m;
    const int padded = round_up(visible, kPanel);
    float* scores =
        workers.scratch(thread, static_cast<std::size_t>(kRowsPerPart) * padded);  // [rows,padded]
    const std::size_t cached = static_cast<std::size_t>(head / group) * cache.capacity;

    loops.gemm_f32({q + first * q_stride + head * d, q_stride, cache.keys.data() + cached * d, kPanel,
                    static_cast<std::size_t>(d) * kPanel, scores, static_cast<std::size_t>(padded), rows,
                    padded, d});
    // What a row does not see gets a share of exactly 0, wherever it stands; whole panels are summed, so that
    // the order of a row's sum does not depend on how many tokens the pass has.
    for (int row = 0; row < rows; ++row) {
      float* row_scores = scores + static_cast<std::size_t>(row) * padded;
      const auto is_hidden = [&](int token) { return token >= visible || !is_seen(first + row, token - p); };
      for (int token = p; token < padded; ++token) {
        if (is_hidden(token)) row_scores[token] = kUnseen;
      }
      loops.softmax(row_scores, scale, padded, padded);
      for (int token = p; token < padded; ++token) {
        if (is_hidden(token)) row_scores[token] = 0;
      }
    }
    loops.gemm_f32({scores, static_cast<std::size_t>(padded), cache.values.data() + cached * padded_dim,
                    padded_dim, kPanel, out + (static_cast<std::size_t>(first) * heads + head) * d,
                    static_cast<std::size_t>(heads) * d, rows, d, visible});
  });
}

void silu_mul(Workers& workers, const float* x, float* y, int m, int f) {
  const Loops& loops = best_loops();
  constexpr int kRowsPerPart = 32;
  workers.run((m + kRowsPerPart - 1) / kRowsPerPart, [&](int part, int) {
    for (int row = part * kRowsPerPart; row < std::min(m, (part + 1) * kRowsPerPart); ++row) {
      const float* gate = x + static_cast<std::size_t>(row) * 2 * f;
      loops.silu_mul(gate, gate + f, y + static_cast<std::size_t>(row) * f, f);
    }
  });
}

void add(const float* x, float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] += x[i];
}

}  // namespace seedling::kernels
