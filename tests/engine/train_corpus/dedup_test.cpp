// Copies: exact ones but for white space, near ones by MinHash; and texts that only look alike.
#include "engine/train/corpus/dedup.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <string>

#include "engine/train/corpus/lexical.h"

using namespace seedling;

namespace {

Fingerprint print_of(const std::string& text) {
  return fingerprint(text, lexical_hashes(text));
}

// Statements with words drawn from a fixed sequence: different seeds share next to nothing.
std::string program(std::uint32_t seed, int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i) {
    std::string words[3];
    for (std::string& word : words) {
      seed = seed * 1664525u + 1013904223u;
      word = "w" + std::to_string(seed >> 8);
    }
    text += words[0] + " = " + words[1] + "(" + words[2] + ")\n";
  }
  return text;
}

}  // namespace

TEST_CASE("white space makes no difference, anything else does") {
  Dedup dedup;
  CHECK(dedup.offer(print_of("if x:\n    return f(x)\n")) == Dedup::Verdict::fresh);
  CHECK(dedup.offer(print_of("if x:\n\treturn f(x)\n\n")) == Dedup::Verdict::exact_copy);
  CHECK(dedup.offer(print_of("if y:\n    return g(y)\n")) == Dedup::Verdict::fresh);
}

TEST_CASE("a copy with a few changed lines is near, a half changed one is not") {
  const std::string original = program(1, 400);
  Dedup dedup;
  REQUIRE(dedup.offer(print_of(original)) == Dedup::Verdict::fresh);
  CHECK(dedup.offer(print_of(original + program(2, 10))) == Dedup::Verdict::near_copy);
  CHECK(dedup.offer(print_of(original + program(3, 400))) == Dedup::Verdict::fresh);
  CHECK(dedup.offer(print_of(program(4, 400))) == Dedup::Verdict::fresh);
}

TEST_CASE("the estimate is close to the true Jaccard similarity") {
  // 64 hashes: a standard deviation of at most 1/16.
  for (int extra : {0, 100, 300, 900}) {
    const std::string a = program(5, 300), b = a + program(6, extra);
    auto runs = [](const std::string& text) {
      const auto tokens = lexical_hashes(text);
      std::set<std::vector<std::uint64_t>> set;
      for (std::size_t i = 0; i + 5 <= tokens.size(); ++i)
        set.emplace(tokens.begin() + i, tokens.begin() + i + 5);
      return set;
    };
    const auto runs_a = runs(a), runs_b = runs(b);
    const double truth =
        static_cast<double>(runs_a.size()) / static_cast<double>(runs_b.size());  // a is part of b
    INFO("extra lines " << extra << ", truth " << truth);
    CHECK(std::abs(similarity(print_of(a), print_of(b)) - truth) <= 0.2);
  }
}

TEST_CASE("texts of no or few tokens do not trip it") {
  Dedup dedup;
  CHECK(dedup.offer(print_of("")) == Dedup::Verdict::fresh);
  CHECK(dedup.offer(print_of(" \n")) == Dedup::Verdict::exact_copy);
  CHECK(dedup.offer(print_of("x")) == Dedup::Verdict::fresh);
}

TEST_CASE("lexical tokens: words whole, punctuation single, white space nowhere") {
  CHECK(lexical_hashes("for (i=0;i<10;++i)").size() == 14);
  CHECK(lexical_hashes("a  +\tb") == lexical_hashes("a+b"));
  CHECK(lexical_hashes("ab") != lexical_hashes("a b"));
  CHECK(lexical_hashes("\xc3\xa4 x").size() == 2);
  CHECK(lexical_hashes("").empty());
}
