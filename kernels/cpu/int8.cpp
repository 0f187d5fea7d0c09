#include "kernels/int8.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/cpu/int8_loops.h"
#include "kernels/cpu/loops.h"

namespace seedling::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Below this many values a second thread costs more than it saves.
constexpr std::size_t kSmallRows = 4096;
// A part's weights: enough that taking a part costs nothing, little enough that others can help.
constexpr std::size_t kPartBytes = 16 * 1024;
constexpr int kPartsPerThread = 4;

int panels_of(int outputs) {
  return round_up(outputs, kPanel) / kPanel;
}

// Panels of a part, a multiple of what the widest tile takes.
int panels_of_part(const Workers& workers, int panels, int inputs) {
  if (workers.thread_count() == 1) return round_up(panels, 4);
  const int wanted = panels / (workers.thread_count() * kPartsPerThread);
  const int least = static_cast<int>(kPartBytes / int8_panel_bytes(kPanel, inputs));
  return round_up(std::max({wanted, least, 1}), 4);
}

int parts_of(int panels, int width) {
  return (panels + width - 1) / width;
}

Int8Rows rows_of(const Int8Activations& x, int first, int count) {
  return {x.values(first), x.stride(), x.scales() + first, x.offsets() + first, count};
}

// body(row) for every row; several at a time where that pays.
template <class Body>
void each_row(Workers& workers, int m, int width, const Body& body) {
  const std::size_t values = static_cast<std::size_t>(m) * static_cast<std::size_t>(width);
  const int parts = values < kSmallRows ? 1 : std::min(m, 2 * workers.thread_count());
  workers.run(parts, [&](int part, int) {
    for (int row = m * part / parts; row < m * (part + 1) / parts; ++row) body(row);
  });
}

}  // namespace

void Int8Activations::reserve(int rows, int inputs) {
  inputs_ = inputs;
  stride_ =
      static_cast<std::size_t>(round_up(inputs, 64)) + 64;  // not a power of two: rows share no cache set
  values_ = AlignedArray<std::int8_t>(static_cast<std::size_t>(rows) * stride_);
  scales_ = AlignedArray<float>(static_cast<std::size_t>(rows));
  offsets_ = AlignedArray<std::int32_t>(static_cast<std::size_t>(rows));
}

void int8_quantize(Workers& workers, const Int8Loops& loops, const float* x, std::size_t x_stride, int m,
                   Int8Activations& out) {
  each_row(workers, m, out.inputs(), [&](int row) {
    loops.quantize(x + static_cast<std::size_t>(row) * x_stride, out.inputs(), out.values(row),
                   out.scales() + row, out.offsets() + row);
  });
}

void int8_rmsnorm(Workers& workers, const Int8Loops& loops, const float* x, std::size_t x_stride,
                  const float* gain, float eps, int m, Int8Activations& out) {
  each_row(workers, m, out.inputs(), [&](int row) {
    loops.rmsnorm(x + static_cast<std::size_t>(row) * x_stride, gain, eps, out.inputs(), out.values(row),
                  out.scales() + row, out.offsets() + row);
  });
}

void int8_linears(Workers& workers, const Int8Loops& loops, const Int8Activations& x, int m,
                  std::span<const Int8Linear> linears) {
  int panels = 0;
  for (const Int8Linear& linear : linears) panels += panels_of(linear.w.outputs);
  const int width = panels_of_part(workers, panels, x.inputs());
  int parts = 0;
  for (const Int8Linear& linear : linears) parts += parts_of(panels_of(linear.w.outputs), width);
  const Int8Rows rows = rows_of(x, 0, m);
  workers.run(parts, [&](int part, int) {
    const Int8Linear* linear = linears.data();
    for (int of_this = 0; part >= (of_this = parts_of(panels_of(linear->w.outputs), width)); ++linear) {
      part -= of_this;
    }
    loops.linear(rows, *linear, part * width, std::min(panels_of(linear->w.outputs), (part + 1) * width));
  });
}

void int8_swiglu(Workers& workers, const Int8Loops& loops, const Int8Activations& x, int m,
                 const Int8Matrix& gate, const Int8Matrix& up, float* y, std::size_t y_stride) {
  const int panels = panels_of(gate.outputs);
  const int width = panels_of_part(workers, 2 * panels, x.inputs()) / 2;
  const Int8Rows rows = rows_of(x, 0, m);
  workers.run(parts_of(panels, width), [&](int part, int) {
    loops.swiglu(rows, gate, up, y, y_stride, part * width, std::min(panels, (part + 1) * width));
  });
}

void int8_quantize(Workers& workers, const float* x, std::size_t x_stride, int m, Int8Activations& out) {
  int8_quantize(workers, best_int8_loops(), x, x_stride, m, out);
}

void int8_rmsnorm(Workers& workers, const float* x, std::size_t x_stride, const float* gain, float eps, int m,
                  Int8Activations& out) {
  int8_rmsnorm(workers, best_int8_loops(), x, x_stride, gain, eps, m, out);
}

void int8_linears(Workers& workers, const Int8Activations& x, int m, std::span<const Int8Linear> linears) {
  int8_linears(workers, best_int8_loops(), x, m, linears);
}

void int8_swiglu(Workers& workers, const Int8Activations& x, int m, const Int8Matrix& gate,
                 const Int8Matrix& up, float* y, std::size_t y_stride) {
  int8_swiglu(workers, best_int8_loops(), x, m, gate, up, y, y_stride);
}

void int8_head(Workers& workers, const Int8Activations& x, const Int8Matrix& w,
               std::span<const HeadQuery> queries, std::span<HeadAnswer> answers) {
  int8_head(workers, best_int8_loops(), x, w, queries, answers);
}

}  // namespace seedling::kernels
