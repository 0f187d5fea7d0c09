#include "engine/model/fingerprint.h"

#include <xxhash.h>

#include <algorithm>
#include <cstdio>

namespace seedling {
namespace {

// Of each tensor, from its middle: rows in the middle of a vocabulary are trained, its first ones may not be.
constexpr std::size_t kSampleBytes = 1024;

std::string hex_of(XXH128_hash_t hash) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text;
}

}  // namespace

std::string fingerprint_of(const SafetensorsFile& weights) {
  std::vector<std::string> names = weights.names();
  std::sort(names.begin(), names.end());
  std::string sampled;
  for (const std::string& name : names) {
    const TensorView& view = *weights.find(name);
    sampled += name + ":" + std::to_string(static_cast<int>(view.dtype));
    for (const std::int64_t size : view.shape) sampled += "," + std::to_string(size);
    const std::size_t count = std::min(kSampleBytes, view.byte_count);
    const std::size_t begin = (view.byte_count - count) / 2;
    sampled.append(reinterpret_cast<const char*>(view.data) + begin, count);
  }
  return digest_of(sampled);
}

std::string digest_of(std::string_view text) {
  return hex_of(XXH3_128bits(text.data(), text.size()));
}

}  // namespace seedling
