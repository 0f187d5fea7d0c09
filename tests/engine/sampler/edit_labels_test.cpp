#include "engine/sampler/edit_labels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace {

using namespace seedling;
using Tokens = std::vector<TokenId>;

constexpr EditTokens kEdit = {'_', '$', '-', '+'};  // mask, end, remove, insert: labels read as text

Tokens tokens(const std::string& text) {
  return {text.begin(), text.end()};
}

std::string text(const Tokens& tokens) {
  return {tokens.begin(), tokens.end()};
}

std::string labels(const std::string& draft, const std::string& target) {
  return text(edit_labels(tokens(draft), tokens(target), kEdit));
}

std::string applied(const std::string& draft, const std::string& with) {
  return text(apply_labels(tokens(draft), tokens(with), kEdit));
}

TEST_CASE("one label a position and one for the end: keep, substitute, delete, insert") {
  CHECK(labels("abc", "abc") == "abc$");
  CHECK(labels("axc", "abc") == "abc$");
  CHECK(labels("abxc", "abc") == "ab-c$");
  CHECK(labels("ac", "abc") == "a+$");
  CHECK(labels("ac", "abbbc") == "a+$");  // one a round
  CHECK(labels("", "") == "$");
  CHECK(labels("", "ab") == "+");
  CHECK(labels("ab", "") == "--$");
  CHECK(labels("bc", "abc") == "+c$");
  CHECK(labels("ab", "abc") == "ab+");
}

TEST_CASE("a gap is substituted from its left, the rest is deleted or inserted at its right") {
  CHECK(labels("(xyz)", "(ab)") == "(ab-)$");
  CHECK(labels("(x)", "(abc)") == "(a+$");
  CHECK(labels("xyz", "ab") == "ab-$");
}

TEST_CASE("a mask stands for any token, even one that a kept neighbour could give") {
  CHECK(labels("a_c", "abc") == "abc$");
  CHECK(labels("_b", "bc") == "bc$");       // not: delete the mask, keep b, insert c
  CHECK(labels("(x_)", "(b)") == "(-b)$");  // the mask takes it, not what is wrong
  CHECK(labels("(_)", "(abc)") == "(a+$");  // masks are filled before more are opened
  CHECK(labels("(__)", "(a)") == "(a-)$");
}

TEST_CASE("surplus masks at the end say <end>, as in a block of masks") {
  CHECK(labels("a__", "a") == "a$$$");
  CHECK(labels("__", "") == "$$$");
}

TEST_CASE("applying keeps, substitutes, removes and opens masks; what has no label stays") {
  CHECK(applied("abxc", "ab-c$") == "abc");
  CHECK(applied("ac", "a+$") == "a_c");
  CHECK(applied("ab", "ab+") == "ab_");
  CHECK(applied("", "+") == "_");
  CHECK(applied("abcd", "x") == "xbcd");
  CHECK(applied("abcd", "") == "abcd");
  CHECK(applied("abcd", "a$cd$") == "a");
  CHECK(applied("_b", "+b$") == "__b");
}

// The length of the longest common subsequence by recursion on the last tokens.
std::size_t common(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return 0;
  const std::string a1 = a.substr(1), b1 = b.substr(1);
  if (a[0] == b[0]) return 1 + common(a1, b1);
  return std::max(common(a1, b), common(a, b1));
}

std::string random_text(std::mt19937_64& random, std::size_t most, bool with_masks) {
  std::string out(pick(random, most + 1), 'a');
  for (char& c : out) c = with_masks && pick(random, 4) == 0 ? '_' : static_cast<char>('a' + pick(random, 4));
  return out;
}

TEST_CASE("no alignment keeps more") {
  INFO(repeat_with(test_seed()));
  std::mt19937_64 random(test_seed());
  for (int round = 0; round < 300; ++round) {
    const std::string draft = random_text(random, 8, false), target = random_text(random, 8, false);
    CAPTURE(draft);
    CAPTURE(target);
    const std::string got = labels(draft, target);
    std::size_t kept = 0;
    // A kept token in front of which something is missing is labelled insert.
    for (std::size_t i = 0; i < draft.size(); ++i) kept += got[i] == draft[i] || got[i] == '+';
    CHECK(kept == common(draft, target));
  }
}

TEST_CASE("rounds of true labels lead from any draft to the target, and stay there") {
  INFO(repeat_with(test_seed()));
  std::mt19937_64 random(test_seed() + 1);
  for (int round = 0; round < 3000; ++round) {
    const std::string start = random_text(random, 12, true), target = random_text(random, 12, false);
    CAPTURE(start);
    CAPTURE(target);
    std::string draft = start;
    std::size_t rounds = 0;
    for (; draft != target; ++rounds) {
      REQUIRE(rounds < 2 + target.size());
      draft = applied(draft, labels(draft, target));
    }
    CHECK(labels(target, target) == target + "$");
  }
}

TEST_CASE("rounds that apply only some of the labels lead there as well") {
  INFO(repeat_with(test_seed()));
  std::mt19937_64 random(test_seed() + 2);
  for (int round = 0; round < 1000; ++round) {
    const std::string target = random_text(random, 10, false);
    std::string draft = random_text(random, 10, true);
    CAPTURE(target);
    for (int rounds = 0; draft != target; ++rounds) {
      REQUIRE(rounds < 400);
      std::string some = labels(draft, target);
      // Stays as it is: the token itself; at the end, <end>.
      for (std::size_t i = 0; i < some.size(); ++i)
        if (pick(random, 2) == 0) some[i] = i < draft.size() ? draft[i] : '$';
      draft = applied(draft, some);
    }
  }
}

TEST_CASE("rounds within blocks of a fixed size lead there, block by block") {
  INFO(repeat_with(test_seed()));
  std::mt19937_64 random(test_seed() + 3);
  for (int round = 0; round < 1000; ++round) {
    const std::string target = random_text(random, 20, false);
    std::string rest = random_text(random, 20, true), done;
    const std::size_t size = 1 + pick(random, 8);
    CAPTURE(target);
    CAPTURE(size);
    while (true) {
      // What stands before a block is finished; the labels of what is in view depend on the whole draft.
      REQUIRE(target.starts_with(done));
      const std::string wanted = target.substr(done.size());
      for (int rounds = 0;; ++rounds) {
        REQUIRE(rounds < 100);
        const std::string all = labels(rest, wanted), in_view = all.substr(0, size);
        const std::string next = applied(rest, in_view);
        if (next == rest) break;
        rest = next;
      }
      const bool is_last = rest.size() < size;  // an <end> is in view
      done += rest.substr(0, size);
      rest.erase(0, std::min(size, rest.size()));
      if (is_last) break;
    }
    CHECK(done == target);
  }
}

}  // namespace
