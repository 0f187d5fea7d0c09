// tests/support/annotations.h
//
// Annotations: a text with marks for positions and ranges, so that tests need not count columns.
//   "int f() { return ^f(⟦1⟧); }": "^" marks a point, "⟦" and "⟧" the ends of a range; neither stays in the
//   text. Offsets are bytes of the text without marks. A range that is not closed is the test's fault and
//   aborts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/assert.h"
#include "engine/types.h"

namespace seedling {

struct Annotations {
  std::string text;
  std::vector<ByteOffset> points;
  std::vector<ByteRange> ranges;  // in the order in which they begin

  explicit Annotations(std::string_view marked) {
    constexpr std::string_view kOpen = "⟦";
    constexpr std::string_view kClose = "⟧";
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < marked.size();) {
      const ByteOffset here{static_cast<std::uint32_t>(text.size())};
      const std::string_view rest = marked.substr(i);
      if (rest.front() == '^') {
        points.push_back(here);
        i += 1;
      } else if (rest.starts_with(kOpen)) {
        open.push_back(ranges.size());
        ranges.push_back({here, here});
        i += kOpen.size();
      } else if (rest.starts_with(kClose)) {
        SEEDLING_ASSERT(!open.empty());
        ranges[open.back()].end = here;
        open.pop_back();
        i += kClose.size();
      } else {
        text.push_back(rest.front());
        i += 1;
      }
    }
    SEEDLING_ASSERT(open.empty());
  }

  // REQUIRES: exactly one mark of that kind.
  ByteOffset point() const {
    SEEDLING_ASSERT(points.size() == 1);
    return points.front();
  }
  ByteRange range() const {
    SEEDLING_ASSERT(ranges.size() == 1);
    return ranges.front();
  }
};

}  // namespace seedling
