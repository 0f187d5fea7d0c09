// engine/tokenizer/tokenizer.h
//
// Tokenizer: byte-level BPE, read from and written as Hugging Face tokenizer.json.
//   Immutable after load; safe to share between threads. encode() keeps no state.
//   Guarantees: decode(encode(text)) == text for every byte sequence, valid UTF-8 or not; special tokens are never
//   produced by encode(), whatever the text says.
//   Errors: a malformed file gives invalid_input naming the file and the field.
//   Source: GPT-2 byte-level BPE; file format of huggingface/tokenizers (model.type "BPE", pre_tokenizer Split + ByteLevel).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

class Tokenizer {
 public:
  static Result<std::shared_ptr<const Tokenizer>> load(const std::string& path);
  static Result<std::shared_ptr<const Tokenizer>> parse(std::string_view json, const std::string& origin);
  ~Tokenizer();

  std::vector<TokenId> encode(std::string_view text) const;
  std::string decode(std::span<const TokenId> tokens) const;  // special tokens decode to nothing

  int vocab_size() const;
  std::string_view bytes(TokenId token) const;  // raw bytes of an ordinary token; empty for special ones
  bool is_special(TokenId token) const;
  TokenId special(std::string_view name) const;  // -1 if there is none, e.g. special("<|mask|>")

  // Length in bytes of the last pre-token of `text` (the piece of the splitting pattern that a word at the end of
  // `text` belongs to), and of the first pre-token: what token healing repeats. 0 for an empty text.
  std::size_t last_pretoken_length(std::string_view text) const;
  std::size_t first_pretoken_length(std::string_view text) const;

  // Tokens whose bytes begin with `prefix`, or are a proper prefix of it; sorted by id. REQUIRES: prefix not empty.
  std::vector<TokenId> tokens_consistent_with(std::string_view prefix) const;

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace seedling
