// engine/train/corruption.h
//
// Corruption of tokens: drafts that are nearly right, as the sampler's own half-finished canvases are.
//   corrupted() is bounded in Levenshtein distance: k random insertions, deletions and substitutions one
//   after another. Pure functions of their arguments and the random numbers; any thread. Source: Seed
//   Diffusion's edit stage (k = floor(|x|·a), a in [0, 0.1]); DESIGN.md section 6.
#pragma once

#include <span>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "engine/train/random.h"

namespace seedling {

// The tokens of a vocabulary by what they look like: words with and without a space before them, numbers,
// white space, marks. Immutable.
class TokenClasses {
 public:
  explicit TokenClasses(const Tokenizer&);

  // Special tokens are in no class: -1.
  int of(TokenId token) const { return class_of_[static_cast<std::size_t>(token)]; }
  bool is_special(TokenId token) const { return of(token) < 0; }
  TokenId any_like(TokenId token, Random&) const;  // of its class. REQUIRES: not special
  TokenId any(Random&) const;

 private:
  std::vector<int> class_of_;
  std::vector<std::vector<TokenId>> members_;
  std::vector<TokenId> ordinary_;
};

// How many edits a share of `a` is: floor(size·a), and one more with the probability of what is cut off.
// Without that, holes of fewer than ten tokens would never be edited.
int edit_count(std::size_t size, double a, Random&);

// `tokens` after k edits. New tokens are mostly of the old one's class, from `nearby` (the file: its names)
// or the vocabulary; an inserted one is often its neighbour once more, because that is what parallel decoding
// gets wrong. Special tokens stay where they are.
std::vector<TokenId> corrupted(std::span<const TokenId> tokens, int k, std::span<const TokenId> nearby,
                               const TokenClasses&, Random&);

// Each token a mask with probability `share`.
void mask_some(std::vector<TokenId>& tokens, double share, TokenId mask, const TokenClasses&, Random&);

}  // namespace seedling
