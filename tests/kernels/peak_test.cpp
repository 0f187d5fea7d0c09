#include "kernels/cpu/peak.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "kernels/cpu/aligned.h"

using namespace seedling::kernels;

TEST_CASE("peak: this machine runs at least one loop of each kind, and work grows with the rounds") {
  for (const std::vector<PeakLoop>& loops : {peak_int8_loops(), peak_float_loops()}) {
    REQUIRE(!loops.empty());
    for (const PeakLoop& loop : loops) {
      CAPTURE(loop.name);
      CHECK(loop.run(0) == 0);
      CHECK(loop.run(1) > 0);
      CHECK(loop.run(1000) == 1000 * loop.run(1));
    }
  }
}

TEST_CASE("peak: reading leaves the bytes as they are") {
  AlignedArray<std::byte> memory(1536);
  read_once(memory.data(), memory.size());
  CHECK(std::all_of(memory.data(), memory.data() + memory.size(),
                    [](std::byte b) { return b == std::byte{}; }));
}
