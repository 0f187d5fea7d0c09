#include "engine/tokenizer/tokenizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <random>

#include "engine/tokenizer/special_tokens.h"
#include "tests/engine/tokenizer/tiny_tokenizer.h"

namespace seedling {
namespace {

std::shared_ptr<const Tokenizer> parsed(const nlohmann::json& json) {
  auto tokenizer = Tokenizer::parse(json.dump(), "tiny");
  if (!tokenizer) FAIL(tokenizer.error().message);
  return *tokenizer;
}

std::shared_ptr<const Tokenizer> tiny() {
  static const std::shared_ptr<const Tokenizer> tokenizer = parsed(tiny_tokenizer_json());
  return tokenizer;
}

TokenId byte_token(char c) {
  return kTinyFirstByte + static_cast<unsigned char>(c);
}

using Ids = std::vector<TokenId>;

TEST_CASE("tokenizer: a hand-worked vocabulary gives the expected ids") {
  CHECK(tiny()->vocab_size() == 265);
  CHECK(tiny()->encode("") == Ids{});
  CHECK(tiny()->encode("ab") == Ids{258});
  CHECK(tiny()->encode("abcd") == Ids{261});
  CHECK(tiny()->encode("abc") == Ids{258, byte_token('c')});  // "a b" ranks before "b c"
  CHECK(tiny()->encode("bcd") == Ids{byte_token('b'), 259});  // "c d" ranks before "b c"
  CHECK(tiny()->encode("abbc") == Ids{258, 260});
  CHECK(tiny()->encode("x abc") == Ids{byte_token('x'), byte_token(' '), 258, byte_token('c')});
  CHECK(tiny()->encode("x ac") == Ids{byte_token('x'), 262, byte_token('c')});
  CHECK(tiny()->encode("\n  ab") == Ids{264, 258});
  CHECK(tiny()->encode("\n   ") == Ids{264, byte_token(' ')});
  CHECK(tiny()->encode("a,b") ==
        Ids{byte_token('a'), byte_token(','), byte_token('b')});  // never across two pieces
}

TEST_CASE(
    "tokenizer: a vocabulary entry that its own bytes do not merge into is not used for a whole piece") {
  // "bcd" is in the vocabulary through "b" + "cd" only after "bc" was tried: here no merge makes it at all.
  nlohmann::json json = tiny_tokenizer_json();
  json["model"]["vocab"]["bcd"] = 265;
  CHECK(parsed(json)->encode("bcd") == Ids{byte_token('b'), 259});
  json["model"]["ignore_merges"] = true;
  CHECK(parsed(json)->encode("bcd") == Ids{265});
}

TEST_CASE("tokenizer: the name of a special token in a text is ordinary text") {
  const std::string text = "x<|end|>y<|mask|>";
  const Ids tokens = tiny()->encode(text);
  CHECK(std::none_of(tokens.begin(), tokens.end(), [](TokenId token) { return tiny()->is_special(token); }));
  CHECK(tiny()->decode(tokens) == text);
}

TEST_CASE("tokenizer: special tokens have a name, no bytes, and decode to nothing") {
  CHECK(tiny()->special("<|end|>") == 0);
  CHECK(tiny()->special("<|mask|>") == 1);
  CHECK(tiny()->special("<|absent|>") == -1);
  CHECK(tiny()->is_special(1));
  CHECK(tiny()->bytes(1).empty());
  CHECK(tiny()->decode(Ids{258, 1, 259, 0}) == "abcd");
  CHECK_FALSE(tiny()->is_special(258));
  // Ids that name nothing are never text.
  CHECK(tiny()->is_special(-1));
  CHECK(tiny()->is_special(265));
  CHECK(tiny()->bytes(1'000'000).empty());
}

TEST_CASE("tokenizer: every byte sequence comes back") {
  const unsigned seed = 20'261'123;
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::string alphabet = "abcd  \n\n\t_.(9\r\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xFF\x80";
  for (int round = 0; round < 400; ++round) {
    std::string text;
    const std::size_t length = random() % 300;
    for (std::size_t i = 0; i < length; ++i) {
      const bool any_byte = round % 2 == 0;
      text.push_back(any_byte ? static_cast<char>(random() % 256) : alphabet[random() % alphabet.size()]);
    }
    CAPTURE(round);
    REQUIRE(tiny()->decode(tiny()->encode(text)) == text);
  }
}

TEST_CASE("tokenizer: long pieces come back and merge like short ones") {
  for (const std::size_t repeats : {10u, 100u, 50'000u}) {
    std::string text;
    for (std::size_t i = 0; i < repeats; ++i) text += "abcd";
    const Ids tokens = tiny()->encode(text);
    CHECK(tokens == Ids(repeats, 261));
    CHECK(tiny()->decode(tokens) == text);
  }
}

TEST_CASE("tokenizer: the last pre-token is the one a word at the end belongs to") {
  const auto last = [](std::string_view text) { return tiny()->last_pretoken_length(text); };
  CHECK(last("") == 0);
  CHECK(last("a") == 1);
  CHECK(last("x = retu") == 5);  // " retu"
  CHECK(last("foo(self") == 5);  // "(self"
  CHECK(last("x.append(") == 1);
  CHECK(last("if x:\n    ") == 5);  // newline and indentation
  CHECK(last("if x\n    re") == 2);
  CHECK(last("a   ") == 3);
  CHECK(last("h\xC3\xA9t\xC3\xA9") == 6);
  CHECK(last("abc\xFF\xFF") == 2);
}

TEST_CASE("tokenizer: the first pre-token ends where the pattern first cuts") {
  const auto first = [](std::string_view text) { return tiny()->first_pretoken_length(text); };
  CHECK(first("") == 0);
  CHECK(first("append(x)") == 6);
  CHECK(first(")\n") == 1);
  CHECK(first("\n    x") == 5);
  CHECK(first("12345") == 3);
  CHECK(first("\xFFxyz") == 1);
}

TEST_CASE("tokenizer: pre-token lengths agree with cutting the whole text") {
  const unsigned seed = 77;
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto splitter = Splitter::compile(std::vector{std::string(kCodePattern)});
  REQUIRE(splitter.ok());
  const std::string alphabet = "abcXYZ019   \n\n\r\t_.,(){}\xC3\xA9";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const std::size_t length = 1 + random() % 400;
    for (std::size_t i = 0; i < length; ++i) text.push_back(alphabet[random() % alphabet.size()]);
    const std::vector<std::size_t> ends = splitter->piece_ends(text);
    CAPTURE(text);
    REQUIRE(tiny()->first_pretoken_length(text) == ends[0]);
    REQUIRE(tiny()->last_pretoken_length(text) ==
            ends.back() - (ends.size() > 1 ? ends[ends.size() - 2] : 0));
  }
}

TEST_CASE("tokenizer: consistent tokens are those that brute force finds") {
  for (const std::string prefix :
       {"a", "ab", "abc", "abcd", "abcde", "b", " ", " a", "\n", "\n  x", "\xE2", "z"}) {
    Ids expected;
    for (TokenId token = 0; token < tiny()->vocab_size(); ++token) {
      const std::string_view bytes = tiny()->bytes(token);
      if (bytes.empty()) continue;
      if (bytes.starts_with(prefix) || std::string_view(prefix).starts_with(bytes)) expected.push_back(token);
    }
    CAPTURE(prefix);
    CHECK(tiny()->tokens_consistent_with(prefix) == expected);
  }
}

TEST_CASE("tokenizer: a file is read, and a missing one is named") {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "seedling-tokenizer-test.json";
  std::ofstream(path) << tiny_tokenizer_json().dump();
  const auto tokenizer = Tokenizer::load(path.string());
  std::filesystem::remove(path);
  REQUIRE(tokenizer.ok());
  CHECK((*tokenizer)->encode("abcd") == Ids{261});

  const auto missing = Tokenizer::load(path.string());
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == ErrorCode::not_found);
  CHECK(missing.error().message.find(path.string()) != std::string::npos);
  CHECK_FALSE(Tokenizer::load(std::filesystem::temp_directory_path().string()).ok());
}

TEST_CASE("special tokens: every language has its own, others share the last") {
  CHECK(language_token("python") == special::kFirstLanguage);
  CHECK(kSpecialTokens[language_token("rust")] == "<|rust|>");
  CHECK(kSpecialTokens[language_token("typescriptreact")] == "<|typescriptreact|>");
  CHECK(kSpecialTokens[language_token("cobol")] == "<|text|>");
  CHECK(kSpecialTokens[special::kMask] == "<|mask|>");
  CHECK(kSpecialTokens[special::kDraft] == "<|draft|>");
}

}  // namespace
}  // namespace seedling
