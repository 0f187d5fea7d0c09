#include "engine/train/corruption.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "engine/tokenizer/special_tokens.h"
#include "tests/support/tiny_model.h"

namespace {

using namespace seedling;
using Tokens = std::vector<TokenId>;

struct Fixture {
  std::shared_ptr<const Tokenizer> tokenizer = test::load_tiny_model()->tokenizer;
  TokenClasses classes{*tokenizer};
  Tokens tokens = tokenizer->encode("value_1 = call(2, other)\nreturn value_1\n");
};

int distance(const Tokens& a, const Tokens& b) {
  std::vector<int> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int corner = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int best = std::min({row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1])});
      corner = row[j];
      row[j] = best;
    }
  }
  return row[b.size()];
}

TEST_CASE_FIXTURE(Fixture, "k edits are at most k in Levenshtein distance, of every kind") {
  bool longer = false, shorter = false, same = false;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const int k = random.below(5);
    const Tokens out = corrupted(tokens, k, tokens, classes, random);
    CHECK(distance(out, tokens) <= k);
    if (k == 0) CHECK(out == tokens);
    if (k == 1) {
      longer |= out.size() > tokens.size();
      shorter |= out.size() < tokens.size();
      same |= out.size() == tokens.size() && out != tokens;
    }
    for (const TokenId token : out) CHECK(!classes.is_special(token));
  }
  CHECK((longer && shorter && same));
}

TEST_CASE_FIXTURE(Fixture, "special tokens stay where they are, nothing is made of nothing") {
  const Tokens special = {special::kSuffix, special::kPrefix, special::kMiddle};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    CHECK(corrupted(special, 3, {}, classes, random) == special);
    CHECK(corrupted({}, 3, tokens, classes, random).empty());
    Tokens masked = special;
    mask_some(masked, 1.0, special::kMask, classes, random);
    CHECK(masked == special);
  }
}

TEST_CASE_FIXTURE(Fixture, "the number of edits is floor(size a) or one more, size a in the mean") {
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Random random(seed);
    const int k = edit_count(25, 0.05, random);
    CHECK((k == 1 || k == 2));
    sum += k;
  }
  CHECK(sum / 4000 == doctest::Approx(1.25).epsilon(0.03));
}

TEST_CASE_FIXTURE(Fixture, "new tokens look like the old ones, mostly") {
  const TokenId word = tokens[0];
  int alike = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Random random(seed);
    const Tokens out = corrupted(Tokens{word}, 1, tokens, classes, random);
    alike += out.size() == 1 && out[0] != word && classes.of(out[0]) == classes.of(word);
  }
  CHECK(alike > 350);  // of about 500 substitutions
}

TEST_CASE_FIXTURE(Fixture, "the share of masks is what was asked for") {
  int masks = 0, all = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    Tokens out = tokens;
    mask_some(out, 0.3, special::kMask, classes, random);
    masks += static_cast<int>(std::count(out.begin(), out.end(), special::kMask));
    all += static_cast<int>(out.size());
  }
  CHECK(static_cast<double>(masks) / all == doctest::Approx(0.3).epsilon(0.1));
}

}  // namespace
