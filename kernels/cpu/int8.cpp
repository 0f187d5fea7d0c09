#include "kernels/int8.h"

#include <algorithm>

#include "kernels/cpu/int8_loops.h"
#include "kernels/cpu/loops.h"

namespace seedling::kernels {
namespace {

// Below this many values a second thread costs more than it saves.
constexpr std::size_t kSmallRows = 12'000;
// A part's weights: enough that a second thread, which has to be told and to fetch the rows, saves time.
constexpr std::size_t kPartBytes = 32 * 1024;
// So many parts that others can help a thread that falls behind.
constexpr int kPartsPerThread = 4;

// How many parts `units` of so many panels are split into, evenly.
int parts_of(const Workers& workers, int units, int panels, int inputs) {
  if (workers.thread_count() == 1) return 1;
  const std::size_t bytes = int8_panel_bytes(kPanel, inputs) * static_cast<std::size_t>(units * panels);
  const int most = static_cast<int>(std::max<std::size_t>(1, bytes / kPartBytes));
  return std::min({units, most, workers.thread_count() * kPartsPerThread});
}

int units_of(const Int8Matrix& w, int panels) {
  return (panels_of(w.outputs) + panels - 1) / panels;
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
  const int panels = loops.panels_together(m);
  int units = 0;
  for (const Int8Linear& linear : linears) units += units_of(linear.w, panels);
  const int parts = parts_of(workers, units, panels, x.inputs());
  const Int8Rows rows = rows_of(x, 0, m);
  workers.run(parts, [&](int part, int) {
    int first = units * part / parts, end = units * (part + 1) / parts;  // of all units; then of one linear's
    for (const Int8Linear& linear : linears) {
      const int own = units_of(linear.w, panels);
      if (first < own && end > 0) {
        loops.linear(rows, linear, std::max(first, 0) * panels,
                     std::min(end * panels, panels_of(linear.w.outputs)));
      }
      first -= own;
      end -= own;
    }
  });
}

void int8_swiglu(Workers& workers, const Int8Loops& loops, const Int8Activations& x, int m,
                 const Int8Matrix& gate, const Int8Matrix& up, float* y, std::size_t y_stride) {
  const int panels = std::max(1, loops.panels_together(m) / 2);  // of each
  const int units = units_of(gate, panels), parts = parts_of(workers, units, 2 * panels, x.inputs());
  const Int8Rows rows = rows_of(x, 0, m);
  workers.run(parts, [&](int part, int) {
    const int first = units * part / parts * panels, end = units * (part + 1) / parts * panels;
    loops.swiglu(rows, gate, up, y, y_stride, first, std::min(end, panels_of(gate.outputs)));
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
