#include "engine/sampler/layout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "engine/tokenizer/special_tokens.h"
#include "tests/support/tiny_model.h"

using namespace seedling;

namespace {

const Tokenizer& tokenizer() {
  static const std::shared_ptr<const Model> model = test::load_tiny_model();
  return *model->tokenizer;
}

std::string decode(std::span<const TokenId> tokens) {
  return tokenizer().decode(tokens);
}

// The tokens between two markers; up to the end if `to` is -1.
std::vector<TokenId> between(const std::vector<TokenId>& tokens, TokenId from, TokenId to) {
  const auto begin = std::find(tokens.begin(), tokens.end(), from);
  REQUIRE(begin != tokens.end());
  return {begin + 1, to < 0 ? tokens.end() : std::find(begin, tokens.end(), to)};
}

std::string prefix_of(std::string_view prefix, int budget) {
  ContextBudget budgets;
  budgets.prefix_tokens = budget;
  const std::vector<TokenId> tokens = context_tokens(tokenizer(), {"python", "", prefix, "", ""}, budgets);
  return decode(between(tokens, special::kPrefix, special::kMiddle));
}

}  // namespace

TEST_CASE("layout: partial words are the pieces that touch the hole") {
  struct Row {
    const char *prefix, *suffix, *left, *right;
  };
  for (const Row& row : {
           Row{"x = ret", "urn", " ret", "urn"},  // a piece carries the space before it
           Row{"x = ", "foo", "", "foo"},
           Row{"foo(", ")", "", ""},
           Row{"foo", "", "foo", ""},
           Row{"", "foo bar", "", "foo"},
           Row{"a\nfoo", "\nb", "foo", ""},
           Row{"a\n    foo", "\nb", " foo", ""},  // like any other word
           Row{"self.na", "me)", ".na", "me"},
           Row{"caf\xC3\xA9", "", "caf\xC3\xA9", ""},
           Row{"x ", " y", "", ""},
           Row{"", "", "", ""},
       }) {
    CAPTURE(row.prefix);
    CAPTURE(row.suffix);
    const PartialWords words = partial_words(tokenizer(), row.prefix, row.suffix);
    CHECK(words.left == row.left);
    CHECK(words.right == row.right);
  }
}

TEST_CASE("layout: data is no word") {
  const std::string data(200, 'a');
  const PartialWords words = partial_words(tokenizer(), data, data);
  CHECK(words.left.empty());
  CHECK(words.right.empty());
}

TEST_CASE("layout: parts stand in their order and say what they were given") {
  const ContextText text{"python", "src/engine/types.py", "def f():\n    return ", "\nx = 1\n",
                         "expected ':'"};
  const std::vector<TokenId> tokens = context_tokens(tokenizer(), text, {});
  CHECK(tokens.front() == language_token("python"));
  CHECK(tokens.back() == special::kMiddle);
  CHECK(decode(between(tokens, special::kPath, special::kDiagnostic)) == "engine/types.py");
  CHECK(decode(between(tokens, special::kDiagnostic, special::kSuffix)) == text.diagnostic);
  CHECK(decode(between(tokens, special::kSuffix, special::kPrefix)) == text.suffix);
  CHECK(decode(between(tokens, special::kPrefix, special::kMiddle)) == text.prefix);
}

TEST_CASE("layout: what neighbours declare stands before the prefix, where there is room for it") {
  ContextText text{"python", "", "x = ", "\n", ""};
  text.neighbours = "def area(side):\n";
  ContextBudget budget;
  const auto prefix = [&] {
    return decode(between(context_tokens(tokenizer(), text, budget), special::kPrefix, special::kMiddle));
  };
  CHECK(prefix() == "x = ");
  budget.neighbour_tokens = 100;
  CHECK(prefix() == "def area(side):\nx = ");
  budget.neighbour_tokens = 1;
  CHECK(prefix().ends_with("x = "));
  CHECK(prefix().size() < std::string("def area(side):\nx = ").size());
}

TEST_CASE("layout: what is absent leaves no marker") {
  const std::vector<TokenId> tokens = context_tokens(tokenizer(), {"nonsense", "", "", "", ""}, {});
  CHECK(tokens ==
        std::vector<TokenId>{language_token("text"), special::kSuffix, special::kPrefix, special::kMiddle});
}

TEST_CASE("layout: the middle repeats both pieces and ends with <end>") {
  const std::vector<TokenId> tokens = middle_tokens(tokenizer(), {"ret", "lf"}, "urn se");
  CHECK(tokens.back() == special::kEnd);
  CHECK(decode(tokens) == "return self");
  CHECK(tokens == [] {
    std::vector<TokenId> expected = tokenizer().encode("return self");
    expected.push_back(special::kEnd);
    return expected;
  }());
}

TEST_CASE("layout: the prefix keeps its end, from the start of a line") {
  std::string text;
  for (int line = 0; line < 100; ++line) text += "line " + std::to_string(line) + "\n";
  const std::string kept = prefix_of(text, 64);
  CHECK(kept.size() < text.size());
  CHECK(!kept.empty());
  CHECK(text.ends_with(kept));
  CHECK(kept.starts_with("line "));
  CHECK(prefix_of("short", 64) == "short");
}

TEST_CASE("layout: one endless line is cut between characters") {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "\xE2\x82\xAC";
  const std::string kept = prefix_of(text, 60);
  CHECK(!kept.empty());
  CHECK(text.ends_with(kept));
}

TEST_CASE("layout: typing rarely moves the start of the prefix") {
  std::string text;
  for (int line = 0; line < 200; ++line) text += "value = " + std::to_string(line) + "\n";
  int moves = 0;
  std::string before;
  for (int typed = 0; typed < 100; ++typed) {
    const std::string kept = prefix_of(text, 256);
    const std::string start = kept.substr(0, std::min<std::size_t>(kept.size(), 10));
    if (!before.empty() && start != before) ++moves;
    before = start;
    text += 'x';
  }
  CHECK(moves <= 1);  // a stride is 256 bytes
}

TEST_CASE("layout: the start of the prefix never moves back while somebody types") {
  // Tokens become fewer when a word is finished: "retur" and "return".
  const std::string typed = "    return self.name(x) + self.value[name]\n        print(name, value)\n";
  std::string text;
  std::size_t start = 0;
  int moves = 0;
  for (int i = 0; i < 2000; ++i) {
    text += typed[static_cast<std::size_t>(i) % typed.size()];
    const std::size_t now = text.size() - prefix_of(text, 120).size();
    CHECK(now >= start);
    if (now != start) ++moves;
    start = now;
  }
  CHECK(moves > 5);
  CHECK(moves <= 2000 / 120);
}

TEST_CASE("layout: no budget is ever exceeded") {
  std::mt19937 random(4711);
  MESSAGE("seed 4711");
  for (int round = 0; round < 300; ++round) {
    const auto text_of = [&](std::size_t size) {
      std::string text;
      while (text.size() < size) {
        const int kind = static_cast<int>(random() % 6);
        text += kind == 0 ? "\n" : kind == 1 ? "\xC3\xA9" : kind == 2 ? "    " : kind == 3 ? "return" : "x";
      }
      return text;
    };
    const std::string prefix = text_of(random() % 800), suffix = text_of(random() % 800), path = text_of(40);
    ContextBudget budget;
    budget.prefix_tokens = static_cast<int>(random() % 100);
    budget.suffix_tokens = static_cast<int>(random() % 100);
    budget.path_tokens = static_cast<int>(random() % 10);
    budget.diagnostic_tokens = static_cast<int>(random() % 10);
    const std::vector<TokenId> tokens =
        context_tokens(tokenizer(), {"c", path, prefix, suffix, "wrong type"}, budget);
    CHECK(between(tokens, special::kPath, special::kDiagnostic).size() <= std::size_t(budget.path_tokens));
    CHECK(between(tokens, special::kDiagnostic, special::kSuffix).size() <=
          std::size_t(budget.diagnostic_tokens));
    CHECK(between(tokens, special::kSuffix, special::kPrefix).size() <= std::size_t(budget.suffix_tokens));
    const std::vector<TokenId> kept = between(tokens, special::kPrefix, special::kMiddle);
    CHECK(kept.size() <= std::size_t(budget.prefix_tokens));
    CHECK(prefix.ends_with(decode(kept)));
  }
}
