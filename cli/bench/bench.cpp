#include "cli/bench/bench.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/bench/shapes.h"

namespace seedling::cli {

Result<std::shared_ptr<const Model>> BenchRun::model(std::string_view shape) const {
  const auto known = models.find(shape);
  if (known != models.end()) return known->second;
  show_progress("making the model " + std::string(shape));
  std::shared_ptr<const Model> model = TRY(load_shape(shape, global));
  models.emplace(shape, model);
  return model;
}

double quantile(std::span<const double> values, double share) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const double place = share * static_cast<double>(sorted.size() - 1);
  const std::size_t below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

void Checksum::add(const void* bytes, std::size_t count) {
  value_ = ::crc32_z(value_, static_cast<const unsigned char*>(bytes), count);
}

std::string Checksum::text() const {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%08lx", value_);
  return digits;
}

}  // namespace seedling::cli
