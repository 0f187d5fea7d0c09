// engine/sampler/preference.h
//
// Preference: tokens that go before others at a position, though the others may stand there too.
//   Plain value; the same for every way of decoding. It changes which token is proposed, never how sure the
//   model is said to be of it. Costs the backend a second look at one row of logits.
#pragma once

#include <cmath>

#include "engine/model/backend.h"
#include "engine/sampler/token_set.h"

namespace seedling {

struct Preference {
  TokenSet tokens;  // of these the most probable goes before
  TokenSet rivals;  // one of these,
  float lead = 0;   // if its logit is at most that much smaller; 0: nothing is preferred

  bool is_empty() const { return lead <= 0; }

  // What RowQuery::preferred wants; valid until this changes.
  const std::uint64_t* words() const { return is_empty() ? nullptr : tokens.words(); }

  // Puts the preferred token in the place of a rival.
  void apply(RowAnswer& answer) const {
    if (is_empty() || answer.preferred < 0 || tokens.contains(answer.token)) return;
    if (!rivals.contains(answer.token)) return;
    if (answer.preferred_confidence * std::exp(lead) < answer.confidence) return;
    answer.token = answer.preferred;
    answer.confidence = answer.preferred_confidence;
  }
};

}  // namespace seedling
