// tests/engine/tokenizer/tiny_tokenizer.h
//
// A tokenizer.json small enough to work out by hand: two special tokens, the 256 bytes from id 2, a few
// merges from id 258. Tests change a field of it and look at what comes of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/tokenizer/byte_spelling.h"
#include "engine/tokenizer/splitter.h"

namespace seedling {

inline constexpr int kTinyFirstByte = 2;
inline constexpr int kTinyFirstMerge = 258;

inline nlohmann::json tiny_tokenizer_json() {
  using Json = nlohmann::json;
  Json vocab = {{"<|end|>", 0}, {"<|mask|>", 1}};
  for (int byte = 0; byte < 256; ++byte) {
    vocab[spell_bytes(std::string(1, static_cast<char>(byte)))] = kTinyFirstByte + byte;
  }
  Json merges = Json::array();
  int next = kTinyFirstMerge;
  // 258 "ab", 259 "cd", 260 "bc", 261 "abcd", 262 " a", 263 "\n ", 264 "\n  "
  for (const auto& [left, right] :
       {std::pair("a", "b"), std::pair("c", "d"), std::pair("b", "c"), std::pair("ab", "cd"),
        std::pair(" ", "a"), std::pair("\n", " "), std::pair("\n ", " ")}) {
    merges.push_back(spell_bytes(left) + " " + spell_bytes(right));
    vocab[spell_bytes(std::string(left) + right)] = next++;
  }
  const auto special = [](int id, const char* content) {
    return Json{{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
                {"rstrip", false}, {"normalized", false}, {"special", true}};
  };
  const Json split = {{"type", "Split"},
                      {"pattern", {{"Regex", std::string(kCodePattern)}}},
                      {"behavior", "Isolated"},
                      {"invert", false}};
  const Json byte_level = {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
  return {{"version", "1.0"},
          {"added_tokens", Json::array({special(0, "<|end|>"), special(1, "<|mask|>")})},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", Json::array({split, byte_level})}}},
          {"decoder", byte_level},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}}}};
}

}  // namespace seedling
