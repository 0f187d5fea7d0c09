// engine/tokenizer/tokenizer_json.h
//
// tokenizer.json of Hugging Face's tokenizers, read into and written from plain data.
//   Pure; thread-free.
//   Read: byte-level BPE of anybody (GPT-2, Qwen, Llama 3, DeepSeek, StarCoder shapes), merges as "a b" or
//   ["a","b"]. Unicode normalisation is left out on purpose: what a programmer wrote comes back byte for
//   byte. Written: one Split pattern, ByteLevel, the special tokens first; a second read gives the same data.
//   Errors: one line "ORIGIN: FIELD: what is wrong"; invalid_input for a malformed file, unsupported for
//   another kind of tokenizer. Every vocabulary that is read has a token for each of the 256 bytes and merges
//   that concatenate, so each text can be encoded and comes back.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/tokenizer/merge_table.h"
#include "engine/types.h"

namespace seedling {

struct VocabularyEntry {
  enum class Kind { unused, ordinary, special };
  Kind kind = Kind::unused;
  std::string text;  // ordinary: raw bytes; special: its name; unused: empty
  bool operator==(const VocabularyEntry&) const = default;
};

struct TokenizerDescription {
  std::vector<VocabularyEntry> vocabulary;  // by token id
  std::vector<MergeRule> merges;            // by rank
  std::vector<std::string> split_patterns;  // applied one after the other
  bool whole_pieces_first = false;          // a piece that is in the vocabulary needs no merges to be used
  bool operator==(const TokenizerDescription&) const = default;
};

inline constexpr std::size_t kMaxTokenizerJsonBytes = 64u << 20;
inline constexpr TokenId kMaxVocabularySize = 1 << 20;

Result<TokenizerDescription> read_tokenizer_json(std::string_view json, const std::string& origin);

// REQUIRES: exactly one split pattern; whole_pieces_first is false.
std::string write_tokenizer_json(const TokenizerDescription& description);

// The token of every single byte. REQUIRES: a description that read_tokenizer_json accepts.
std::array<TokenId, 256> byte_tokens(const TokenizerDescription& description);

}  // namespace seedling
