// engine/sampler/token_set.h
//
// TokenSet: a set of token ids, one bit each; what may stand at a position of the canvas.
//   Plain value, sized once for a vocabulary; asking for an id outside of it answers no.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/types.h"

namespace seedling {

class TokenSet {
 public:
  explicit TokenSet(int vocab_size = 0) : size_(vocab_size), words_((vocab_size + 63) / 64, 0) {}

  bool contains(TokenId token) const {
    return token >= 0 && token < size_ && ((words_[token >> 6] >> (token & 63)) & 1) != 0;
  }
  // REQUIRES: 0 <= token < vocab_size.
  void insert(TokenId token) { words_[token >> 6] |= std::uint64_t{1} << (token & 63); }
  void erase(TokenId token) {
    if (token >= 0 && token < size_) words_[token >> 6] &= ~(std::uint64_t{1} << (token & 63));
  }
  // REQUIRES: of the same vocabulary.
  void erase_all(const TokenSet& others) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~others.words_[i];
  }
  void insert_all(const TokenSet& others) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= others.words_[i];
  }
  void keep_only(const TokenSet& others) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= others.words_[i];
  }
  // Takes out what is in `of`, unless it is in `kept` too.
  void erase_unless(const TokenSet& of, const TokenSet& kept) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~of.words_[i] | kept.words_[i];
  }
  bool empty() const {
    for (const std::uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }
  // Whether they have a token in common.
  bool overlaps(const TokenSet& others) const {
    for (std::size_t i = 0; i < std::min(words_.size(), others.words_.size()); ++i) {
      if ((words_[i] & others.words_[i]) != 0) return true;
    }
    return false;
  }
  int vocab_size() const { return size_; }
  // One bit each, as RowQuery::allowed wants them; valid until the set changes.
  const std::uint64_t* words() const { return words_.data(); }

 private:
  int size_;
  std::vector<std::uint64_t> words_;
};

}  // namespace seedling
