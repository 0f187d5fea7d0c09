// engine/sampler/layout.h
//
// How a hole in a text becomes a token sequence: the one layout that training and sampling share.
//
//     <lang> <path> path-tokens <suffix> S <prefix> N P <middle>  then  left + middle + right  <end>
//
//   The suffix stands first: it does not change while the user types, so its keys and values stay cached.
//   Partial words: when the hole's edge lies inside a word, the piece of the word outside the hole stays visible in P
//   or S and is repeated by the middle (`left`, `right`), so that the middle consists of whole, naturally cut tokens.
//   The sampler constrains the first and last tokens to spell these pieces (token healing at both ends).
//   Pure; thread-free. Source: DESIGN.md section 5.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace seedling {

// The pieces of words that touch the hole from outside; empty where the edge lies between words.
struct PartialWords {
  std::string left;   // last piece of the prefix, if the prefix ends inside a word
  std::string right;  // first piece of the suffix, if the suffix begins inside a word
};

PartialWords partial_words(const Tokenizer&, std::string_view prefix, std::string_view suffix);

struct ContextBudget {
  int prefix_tokens = 768;
  int suffix_tokens = 192;
  int path_tokens = 24;
  int diagnostic_tokens = 48;
  int neighbour_tokens = 0;
};

struct ContextText {
  std::string_view language;    // LSP id
  std::string_view path;        // may be empty
  std::string_view prefix;      // the document before the hole
  std::string_view suffix;      // the document after the hole
  std::string_view diagnostic;  // message to answer, may be empty; stands before the suffix as <|diagnostic|> message
  std::string_view neighbours = {};  // lines of other documents that declare what is used here: N, often empty
};

// All tokens before the first block, <middle> included. The prefix keeps its end, the suffix its beginning; the cut of
// the prefix falls on a line start where there is one, and moves in strides so that typing does not shift it each time.
std::vector<TokenId> context_tokens(const Tokenizer&, const ContextText&, const ContextBudget&);

// left + middle + right as tokens, followed by <end>: what training asks for and the sampler produces.
std::vector<TokenId> middle_tokens(const Tokenizer&, const PartialWords&, std::string_view middle);

}  // namespace seedling
