// engine/train/corpus/dedup.h
//
// Finds copies. Exact: the same text but for white space. Near: an estimated Jaccard similarity of the sets
// of five-token runs of at least 0.85 (MinHash with 64 hashes; candidates come from 16 bands of 4).
//   The first text offered wins, so offer them in a fixed order and the result is the same every time.
//   Threads: fingerprint() is pure; a Dedup object belongs to one thread. No errors.
//   Source: Broder 1997 (MinHash); Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3
//   (banding).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace seedling {

struct Fingerprint {
  std::uint64_t exact = 0;
  std::array<std::uint32_t, 64> minimum{};
};

// `tokens` are the lexical_hashes() of `text`.
Fingerprint fingerprint(std::string_view text, std::span<const std::uint64_t> tokens);

// Share of equal entries: an unbiased estimate of the Jaccard similarity.
double similarity(const Fingerprint& a, const Fingerprint& b);

class Dedup {
 public:
  enum class Verdict { fresh, exact_copy, near_copy };

  // Remembers the text if it is fresh.
  Verdict offer(const Fingerprint& print);

 private:
  std::unordered_set<std::uint64_t> exact_;
  std::vector<Fingerprint> kept_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> bands_;  // band content -> indices into kept_
};

}  // namespace seedling
