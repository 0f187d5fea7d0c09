#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/cpu/loops.h"
#include "kernels/int8.h"

namespace seedling::kernels {
namespace {

constexpr int kQuad = 4;  // inputs side by side

// Where input 0 of an output lies; input i is at [i / 4 * 64 + i % 4] from there.
std::size_t first_byte(int output, int inputs) {
  return static_cast<std::size_t>(output / kPanel) * int8_panel_bytes(kPanel, inputs) +
         static_cast<std::size_t>(output % kPanel) * kQuad;
}

std::size_t input_byte(int input) {
  return static_cast<std::size_t>(input / kQuad) * (kPanel * kQuad) + static_cast<std::size_t>(input % kQuad);
}

}  // namespace

std::size_t int8_panel_bytes(int outputs, int inputs) {
  return static_cast<std::size_t>(round_up(outputs, kPanel)) *
         static_cast<std::size_t>(round_up(inputs, kQuad));
}

void pack_int8_row(const float* values, int inputs, int output, std::uint8_t* panels, float* scales) {
  float largest = 0;
  bool is_finite = true;
  for (int i = 0; i < inputs; ++i) {
    is_finite = is_finite && std::isfinite(values[i]);
    largest = std::max(largest, std::abs(values[i]));
  }
  const float scale = is_finite ? largest / 127 : std::numeric_limits<float>::quiet_NaN();
  scales[output] = scale;
  std::uint8_t* lane = panels + first_byte(output, inputs);
  for (int i = 0; i < inputs; ++i) {
    const float q = scale > 0 ? std::clamp(std::nearbyint(values[i] / scale), -127.0f, 127.0f) : 0.0f;
    lane[input_byte(i)] = static_cast<std::uint8_t>(static_cast<int>(q) + kInt8Zero);
  }
}

void unpack_int8_row(const Int8Matrix& w, int output, float* values) {
  const std::uint8_t* lane = w.panels + first_byte(output, w.inputs);
  for (int i = 0; i < w.inputs; ++i) {
    values[i] = static_cast<float>(lane[input_byte(i)] - kInt8Zero) * w.scales[output];
  }
}

}  // namespace seedling::kernels
