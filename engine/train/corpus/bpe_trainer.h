// engine/train/corpus/bpe_trainer.h
//
// Learns the merges of a byte-level BPE vocabulary from counted pieces of text.
//   Pure; one thread; deterministic: of equally frequent pairs the lower one (by token ids) is merged first,
//   so the same text gives the same vocabulary on every machine. Guarantees: no token crosses a piece or is
//   longer than max_token_bytes; the result is laid out as special tokens, 256 bytes, merges in rank order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/tokenizer/splitter.h"
#include "engine/tokenizer/tokenizer_json.h"

namespace seedling {

struct BpeOptions {
  int vocabulary_size = 16'384;  // special tokens and bytes included; fewer if the text has no more pairs
  std::size_t max_token_bytes = 24;
  std::int64_t min_piece_count = 2;  // rarer pieces are noise and most of the distinct ones
};

// How often every piece of a text occurs.
class PieceCounts {
 public:
  void add(const Splitter& splitter, std::string_view text);
  const std::unordered_map<std::string, std::int64_t>& counts() const { return counts_; }

 private:
  std::unordered_map<std::string, std::int64_t> counts_;
};

// REQUIRES: options.vocabulary_size >= kSpecialTokenCount + 256.
TokenizerDescription train_bpe(const PieceCounts& pieces, const BpeOptions& options);

}  // namespace seedling
