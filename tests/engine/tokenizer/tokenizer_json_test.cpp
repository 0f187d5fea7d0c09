#include "engine/tokenizer/tokenizer_json.h"

#include <doctest/doctest.h>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/tiny_tokenizer.h"

namespace seedling {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<TokenId>;

std::string error_of(const std::string& text) {
  const auto tokenizer = Tokenizer::parse(text, "some/tokenizer.json");
  return tokenizer.ok() ? "no error" : tokenizer.error().message;
}

// The error after one change of the tiny file.
template <class Change>
std::string error_after(Change change) {
  Json json = tiny_tokenizer_json();
  change(json);
  return error_of(json.dump());
}

void check_names(const std::string& message, const std::string& field) {
  CAPTURE(message);
  CHECK(message.starts_with("some/tokenizer.json: "));
  CHECK(message.find(field) != std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

std::shared_ptr<const Tokenizer> parsed(const Json& json) {
  auto tokenizer = Tokenizer::parse(json.dump(), "tiny");
  if (!tokenizer) FAIL(tokenizer.error().message);
  return *tokenizer;
}

TEST_CASE("byte spelling: the GPT-2 alphabet, both ways") {
  CHECK(spell_bytes(" x\n") == "\u0120x\u010A");
  CHECK(spell_bytes("\xC3\xA9") == "\u00C3\u00A9");
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  CHECK(unspell_bytes(spell_bytes(all)) == all);
  CHECK(unspell_bytes(" ") == std::nullopt);       // a real space is not in the alphabet
  CHECK(unspell_bytes("\u0144") == std::nullopt);  // one past its end
  CHECK(unspell_bytes("\u20AC") == std::nullopt);
  CHECK(unspell_bytes("\xC4") == std::nullopt);  // cut short
}

TEST_CASE("tokenizer.json: merges are read as strings and as pairs") {
  Json json = tiny_tokenizer_json();
  const auto strings = read_tokenizer_json(json.dump(), "tiny");
  for (Json& merge : json["model"]["merges"]) {
    const std::string text = merge;
    const std::size_t space = text.find(' ');
    merge = Json::array({text.substr(0, space), text.substr(space + 1)});
  }
  const auto pairs = read_tokenizer_json(json.dump(), "tiny");
  REQUIRE(strings.ok());
  REQUIRE(pairs.ok());
  CHECK(strings.value() == pairs.value());
  CHECK(pairs->merges.size() == 7);
  CHECK(pairs->merges[3] == MergeRule{258, 259, 261});
}

TEST_CASE("tokenizer.json: what is written is what is read") {
  const auto read = read_tokenizer_json(tiny_tokenizer_json().dump(), "tiny");
  REQUIRE(read.ok());
  const std::string written = write_tokenizer_json(*read);
  const auto again = read_tokenizer_json(written, "written");
  REQUIRE(again.ok());
  CHECK(again.value() == read.value());
  CHECK(write_tokenizer_json(*again) == written);
  const Json json = Json::parse(written);
  CHECK(json["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] == std::string(kCodePattern));
  CHECK(json["decoder"]["type"] == "ByteLevel");
  CHECK(json["added_tokens"][1] == tiny_tokenizer_json()["added_tokens"][1]);
  CHECK(json["model"]["vocab"] == tiny_tokenizer_json()["model"]["vocab"]);
}

TEST_CASE("tokenizer.json: files of other models") {
  SUBCASE("GPT-2: ByteLevel with its own pattern") {
    Json json = tiny_tokenizer_json();
    json["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}};
    CHECK(read_tokenizer_json(json.dump(), "gpt2")->split_patterns == std::vector{std::string(kGpt2Pattern)});
    CHECK(parsed(json)->encode("\n  ab")[0] ==
          263);  // "\n " + " ab": that pattern keeps a space with the word
  }
  SUBCASE("Qwen: NFC is not applied, special tokens follow the vocabulary") {
    Json json = tiny_tokenizer_json();
    json["normalizer"] = {{"type", "NFC"}};
    json["added_tokens"].push_back({{"id", 300}, {"content", "<|fim_middle|>"}, {"special", false}});
    const auto tokenizer = parsed(json);
    CHECK(tokenizer->vocab_size() == 301);
    CHECK(tokenizer->special("<|fim_middle|>") == 300);
    CHECK(tokenizer->is_special(280));  // a gap in the ids
    const std::string decomposed = "e\xCC\x81";
    CHECK(tokenizer->decode(tokenizer->encode(decomposed)) == decomposed);
  }
  SUBCASE("StarCoder: single digits, then ByteLevel") {
    Json json = tiny_tokenizer_json();
    json["pre_tokenizer"]["pretokenizers"] = {{{"type", "Digits"}, {"individual_digits", true}},
                                              {{"type", "ByteLevel"}, {"add_prefix_space", false}}};
    CHECK(parsed(json)->first_pretoken_length("123") == 1);
  }
  SUBCASE("a literal Split pattern is not a regular expression") {
    Json json = tiny_tokenizer_json();
    json["pre_tokenizer"]["pretokenizers"][0]["pattern"] = {{"String", "a.b"}};
    CHECK(parsed(json)->first_pretoken_length("axb a.b") == 4);
  }
  SUBCASE("a merge that touches a special token never applies") {
    Json json = tiny_tokenizer_json();
    json["added_tokens"].push_back({{"id", 258}, {"content", "ab"}, {"special", true}});
    const auto tokenizer = parsed(json);
    CHECK(tokenizer->is_special(258));
    CHECK(tokenizer->decode(tokenizer->encode("abcd ab")) == "abcd ab");
  }
}

TEST_CASE("tokenizer.json: a file that is not one is named with the field") {
  check_names(error_of(""), "not JSON (at byte 1)");
  check_names(error_of("{\"model\": "), "not JSON");
  check_names(error_of("\xFF\xFE"), "not JSON");
  check_names(error_of("[]"), "expected a JSON object");
  check_names(error_of("{}"), "model: missing");
  check_names(error_of(std::string(100'000, '[')), "not JSON");
  check_names(error_after([](Json& j) { j["model"] = 3; }), "model: missing or not an object");
  check_names(error_after([](Json& j) { j["model"].erase("vocab"); }), "model.vocab: missing");
  check_names(error_after([](Json& j) { j["model"]["vocab"] = "x"; }), "model.vocab: expected an object");
  check_names(error_after([](Json& j) { j["model"]["vocab"].erase("A"); }), "no token for byte 65");
  check_names(error_after([](Json& j) { j["model"]["vocab"]["zz"] = -1; }),
              "model.vocab[\"zz\"]: token id -1 is out of range");
  check_names(error_after([](Json& j) { j["model"]["vocab"]["zz"] = 1 << 20; }), "out of range");
  check_names(error_after([](Json& j) { j["model"]["vocab"]["zz"] = 18446744073709551615ull; }),
              "out of range");
  check_names(error_after([](Json& j) { j["model"]["vocab"]["zz"] = 258; }), "token id 258 is used twice");
  check_names(error_after([](Json& j) { j["model"]["vocab"]["zz"] = "258"; }),
              "model.vocab[\"zz\"]: expected an integer");
  check_names(error_after([](Json& j) { j["model"]["vocab"]["zz"] = 1.5; }), "expected an integer");
  check_names(error_after([](Json& j) { j["model"]["vocab"]["z z"] = 300; }), "byte-level alphabet");
  check_names(error_after([](Json& j) { j["model"]["vocab"][""] = 300; }), "byte-level alphabet");
  check_names(error_after([](Json& j) { j["model"]["vocab"]["<|end|>"] = 300; }),
              "another id in added_tokens");
}

TEST_CASE("tokenizer.json: wrong merges are named with their index") {
  check_names(error_after([](Json& j) { j["model"].erase("merges"); }), "model.merges: missing");
  check_names(error_after([](Json& j) { j["model"]["merges"] = 1; }), "model.merges: expected an array");
  check_names(error_after([](Json& j) { j["model"]["merges"].push_back("q"); }), "model.merges[7]: expected");
  check_names(error_after([](Json& j) { j["model"]["merges"].push_back("a b c"); }),
              "model.merges[7]: expected");
  check_names(error_after([](Json& j) { j["model"]["merges"].push_back(Json::array({"a"})); }),
              "model.merges[7]: expected");
  check_names(error_after([](Json& j) {
                j["model"]["merges"].push_back(Json::array({"a", 1}));
              }),
              "model.merges[7]: expected");
  check_names(error_after([](Json& j) { j["model"]["merges"].push_back("q r"); }),
              "model.merges[7]: unknown token \"qr\"");
  check_names(error_after([](Json& j) { j["model"]["merges"].push_back("qq r"); }), "unknown token \"qq\"");
}

TEST_CASE("tokenizer.json: wrong special tokens are named with their index") {
  check_names(error_after([](Json& j) { j["added_tokens"] = "x"; }), "added_tokens: expected an array");
  check_names(error_after([](Json& j) { j["added_tokens"][1].erase("id"); }), "added_tokens[1].id: missing");
  check_names(error_after([](Json& j) { j["added_tokens"][1] = 5; }), "added_tokens[1].id: missing");
  check_names(error_after([](Json& j) { j["added_tokens"][1]["content"] = 5; }),
              "added_tokens[1].content: expected a string");
  check_names(error_after([](Json& j) { j["added_tokens"][1]["id"] = 0; }),
              "added_tokens[1].id: token id 0 is used twice");
  check_names(error_after([](Json& j) { j["added_tokens"][1]["content"] = "<|end|>"; }), "listed twice");
  // Byte 65 would have no way to be written any more.
  check_names(error_after([](Json& j) {
                j["added_tokens"].push_back({{"id", 67}, {"content", "A"}});
              }),
              "no token for byte 65");
}

TEST_CASE("tokenizer.json: other kinds of tokenizer are refused") {
  const auto code_after = [](auto change) {
    Json json = tiny_tokenizer_json();
    change(json);
    const auto tokenizer = Tokenizer::parse(json.dump(), "x");
    REQUIRE_FALSE(tokenizer.ok());
    return tokenizer.error().code;
  };
  CHECK(code_after([](Json& j) { j["model"]["type"] = "Unigram"; }) == ErrorCode::unsupported);
  CHECK(code_after([](Json& j) { j["model"]["vocab"] = 1; }) == ErrorCode::invalid_input);
  check_names(error_after([](Json& j) { j["model"]["type"] = "WordPiece"; }), "model.type: \"WordPiece\"");
  check_names(error_after([](Json& j) { j["model"]["byte_fallback"] = true; }), "model.byte_fallback");
  check_names(error_after([](Json& j) { j["model"]["end_of_word_suffix"] = "</w>"; }),
              "model.end_of_word_suffix");
  check_names(error_after([](Json& j) {
                j["normalizer"] = {{"type", "Lowercase"}};
              }),
              "normalizer: \"Lowercase\"");
  check_names(error_after([](Json& j) {
                j["normalizer"] = {{"type", "Sequence"}, {"normalizers", {{{"type", "Strip"}}}}};
              }),
              "normalizer.normalizers[0]: \"Strip\"");
  check_names(error_after([](Json& j) { j.erase("pre_tokenizer"); }), "pre_tokenizer: missing");
  check_names(error_after([](Json& j) {
                j["pre_tokenizer"] = {{"type", "Metaspace"}};
              }),
              "pre_tokenizer.type: \"Metaspace\"");
  check_names(error_after([](Json& j) {
                j["pre_tokenizer"] = {{"type", "ByteLevel"}};
              }),
              "pre_tokenizer.add_prefix_space");
  check_names(error_after([](Json& j) { j["pre_tokenizer"]["pretokenizers"] = 1; }),
              "pre_tokenizer.pretokenizers: expected");
  check_names(
      error_after([](Json& j) { j["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "a(b"; }),
      "pre_tokenizer: bad pattern at offset 3");
  check_names(error_after([](Json& j) { j["pre_tokenizer"]["pretokenizers"][0]["pattern"] = 5; }),
              "pre_tokenizer.pretokenizers[0].pattern: expected");
  check_names(
      error_after([](Json& j) { j["pre_tokenizer"]["pretokenizers"][0]["behavior"] = "MergedWithNext"; }),
      "pre_tokenizer.pretokenizers[0].behavior");
}

}  // namespace
}  // namespace seedling
