#include "engine/train/holes.h"

#include <doctest/doctest.h>

#include <string>

namespace {

using seedling::cut_hole;
using seedling::HoleCut;
using seedling::Random;

TEST_CASE("holes lie on character boundaries and inside the text") {
  const std::string text = "def größe(x):\n    return x + 1\n\n\nprint(größe(2))  # 𝛼\n";
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const HoleCut hole = cut_hole(text, random);
    REQUIRE(hole.begin <= hole.end);
    REQUIRE(hole.end <= text.size());
    for (const std::size_t at : {hole.begin, hole.end})
      if (at < text.size()) REQUIRE((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80);
  }
}

TEST_CASE("whole lines, rests of lines and cuts inside words all occur") {
  const std::string text = "alpha = beta\ngamma = delta\n";
  int whole = 0, rest = 0, inside = 0;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Random random(seed);
    const HoleCut hole = cut_hole(text, random);
    const bool at_line_start = hole.begin == 0 || text[hole.begin - 1] == '\n';
    const bool at_line_end = hole.end == text.size() || text[hole.end] == '\n' || text[hole.end - 1] == '\n';
    whole += at_line_start && at_line_end;
    rest += !at_line_start && at_line_end;
    inside += hole.begin > 0 && std::isalpha(text[hole.begin - 1]) && std::isalpha(text[hole.begin]);
  }
  CHECK(whole > 800);
  CHECK(rest > 800);
  CHECK(inside > 800);
}

TEST_CASE("a text of one character and one of blank lines have holes too") {
  for (const char* text : {"x", "\n", "\n\n\n", "  "})
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      Random random(seed);
      const HoleCut hole = cut_hole(text, random);
      CHECK(hole.end <= std::string(text).size());
    }
}

}  // namespace
