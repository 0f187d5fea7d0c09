// engine/tokenizer/token_index.h
//
// TokenIndex: which token a text is; a hash table of open addresses over texts that somebody else keeps.
//   Not thread-safe while it is filled; immutable and shared after that.
//   The texts must outlive the index.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/types.h"

namespace seedling {

class TokenIndex {
 public:
  // `expected` texts fit without growing.
  explicit TokenIndex(std::size_t expected);

  // False, and nothing changes, if the text is there. REQUIRES: token >= 0.
  bool insert(std::string_view text, TokenId token);

  // -1 if it is not there.
  TokenId find(std::string_view text) const;

 private:
  struct Slot {
    const char* text = nullptr;
    std::uint32_t size = 0;
    std::uint32_t hash = 0;
    TokenId token = -1;  // -1: empty
  };

  std::size_t slot_of(std::string_view text, std::uint32_t hash) const;  // its own, or the free one for it
  void grow();

  std::vector<Slot> slots_;  // the size is a power of two and at least twice the texts
  std::size_t count_ = 0;
};

}  // namespace seedling
