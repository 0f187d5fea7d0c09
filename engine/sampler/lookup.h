// engine/sampler/lookup.h
//
// Lookup: drafts of how a text goes on, from places where its end occurred before: in the text around the
// hole, and in what was written into earlier holes. While somebody types along, the last completion is the
// draft of the next.
//   Owned by a session, one hole at a time. Tokens only: a draft costs microseconds, and is worth something
//   once the model has verified it.
//   Source: prompt lookup decoding (Saxena 2023), LLMA (Yang et al. 2023, arXiv:2304.04487).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/sampler/token_set.h"
#include "engine/tokenizer/tokenizer.h"

namespace seedling {

class Lookup {
 public:
  // Another hole. context: the tokens before it (layout.h); left: the piece of a word at its end that the
  // hole spells again.
  void begin(const Tokenizer& tokenizer, std::span<const TokenId> context, std::string_view left);

  // A token of the hole that is certain.
  void push(TokenId token) { text_.push_back(token); }

  // What may follow, the next token being in `first`: what followed where most of the last tokens stood
  // before, as far as all of it is at least so probable. Valid until the next call of another function.
  std::span<const TokenId> draft(const TokenSet& first, float least_chance) const;

 private:
  std::vector<TokenId> text_;     // around the hole, then in it; -1 where nothing is to be copied from
  std::size_t hole_ = 0;          // where in text_ the hole begins
  std::vector<TokenId> earlier_;  // earlier holes, each with a little of what stood before it, and -1
};

}  // namespace seedling
