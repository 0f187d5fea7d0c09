#include "engine/train/corpus/dedup.h"

#include <xxhash.h>

#include <algorithm>
#include <string>

namespace seedling {
namespace {

constexpr double kNearCopy = 0.85;
constexpr std::size_t kRun = 5;
constexpr std::size_t kRowsPerBand = 4;

// Fixed odd multipliers and offsets: h_k(x) = high half of a_k * x + b_k.
struct HashFamily {
  std::array<std::uint64_t, 64> multiply, add;
  HashFamily() {
    std::uint64_t state = 0x9e3779b97f4a7c15u;
    auto next = [&state] {  // splitmix64
      std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      return z ^ (z >> 31);
    };
    for (std::size_t k = 0; k < multiply.size(); ++k) {
      multiply[k] = next() | 1;
      add[k] = next();
    }
  }
};

std::string without_white_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (static_cast<unsigned char>(c) > ' ') out += c;
  }
  return out;
}

}  // namespace

Fingerprint fingerprint(std::string_view text, std::span<const std::uint64_t> tokens) {
  static const HashFamily family;
  Fingerprint print;
  const std::string packed = without_white_space(text);
  print.exact = XXH3_64bits(packed.data(), packed.size());
  print.minimum.fill(0xffffffffu);
  const std::size_t runs = tokens.size() < kRun ? 1 : tokens.size() - kRun + 1;
  for (std::size_t i = 0; i < runs; ++i) {
    const std::size_t length = std::min(kRun, tokens.size() - i);
    const std::uint64_t run = XXH3_64bits(tokens.data() + i, length * sizeof(std::uint64_t));
    for (std::size_t k = 0; k < print.minimum.size(); ++k) {
      const auto value = static_cast<std::uint32_t>((family.multiply[k] * run + family.add[k]) >> 32);
      print.minimum[k] = std::min(print.minimum[k], value);
    }
  }
  return print;
}

double similarity(const Fingerprint& a, const Fingerprint& b) {
  std::size_t equal = 0;
  for (std::size_t k = 0; k < a.minimum.size(); ++k) equal += a.minimum[k] == b.minimum[k];
  return static_cast<double>(equal) / static_cast<double>(a.minimum.size());
}

Dedup::Verdict Dedup::offer(const Fingerprint& print) {
  if (exact_.contains(print.exact)) return Verdict::exact_copy;
  std::array<std::uint64_t, 64 / kRowsPerBand> keys;
  for (std::size_t band = 0; band < keys.size(); ++band) {
    keys[band] =
        XXH3_64bits_withSeed(&print.minimum[band * kRowsPerBand], kRowsPerBand * sizeof(std::uint32_t), band);
    const auto found = bands_.find(keys[band]);
    if (found == bands_.end()) continue;
    for (std::uint32_t index : found->second) {
      if (similarity(print, kept_[index]) >= kNearCopy) return Verdict::near_copy;
    }
  }
  exact_.insert(print.exact);
  for (std::uint64_t key : keys) bands_[key].push_back(static_cast<std::uint32_t>(kept_.size()));
  kept_.push_back(print);
  return Verdict::fresh;
}

}  // namespace seedling
