#include "engine/train/holes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace {

using seedling::cut_hole;
using seedling::cut_lines;
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

TEST_CASE("lines are cut whole, without the newline behind them") {
  const std::string text = "alpha = beta\n    gamma = delta\nlast";
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    const HoleCut hole = cut_lines(text, 2, random);
    CHECK((hole.begin == 0 || text[hole.begin - 1] == '\n'));
    CHECK((hole.end == text.size() || text[hole.end] == '\n'));
    const std::string lines = text.substr(hole.begin, hole.end - hole.begin);
    CHECK(std::count(lines.begin(), lines.end(), '\n') < 2);
  }
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
