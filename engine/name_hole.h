// engine/name_hole.h
//
// Chooses one name for several places: every place is a hole of its own, and the holes share their tokens.
//   Runs on the engine thread. At each step the log-probabilities of all places are summed, position by
//   position. Guarantees: the result spells an identifier ([A-Za-z0-9_], no leading digit), or is empty where
//   the model finds none within the limit. Errors: those of the backend; stopped.
#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/fill.h"

namespace seedling {

// What may be proposed at a position of a name that has `size` positions so far, <end> included.
class NameRules {
 public:
  NameRules(const Tokenizer& tokenizer, TokenId end, int vocab_size);
  // The first token starts the name; <end> may stand anywhere behind it.
  const TokenSet& allowed(int position) const { return position == 0 ? first_ : later_; }
  // Forbids a first token: for the next attempt after a name that cannot be used.
  void ban_first(TokenId token) { first_.erase(token); }

 private:
  TokenSet first_;
  TokenSet later_;
};

struct FilledName {
  std::string name;
  TokenId first_token = -1;
  int tokens = 0;
  int steps = 0;
};

// Places that are asked for their opinion; what more there are gets the same name.
inline constexpr std::size_t kMostNamePlaces = 4;

// Their texts and the message share nothing but the name. REQUIRES: 1 to kMostNamePlaces holes.
Result<FilledName> fill_name(ModelSession& session, std::span<const FillRequest> holes,
                             const NameRules& rules, std::stop_token stop);

}  // namespace seedling
