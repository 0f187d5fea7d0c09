// engine/sampler/hybrid.h
//
// Fills a hole with the text of the causal twin, several tokens a pass: drafts of what comes next (lookup.h)
// are verified all at once.
//   Same edges, limits, outcome, tokens and confidences as decode_causally(), bit for bit where a row's
//   result does not depend on its pass (backend.h); a step is one pass. Errors: the same too.
//
//   A pass holds the certain tokens that are not cached yet, then the draft. Each row says what follows it;
//   drafts are accepted as far as they are what the twin writes there, and the row of the last accepted one
//   gives one token more. What was accepted becomes cache. Which drafts there are changes the number of
//   passes, never the text. Source: speculative decoding (Leviathan et al. 2023, arXiv:2211.17192) with
//   greedy acceptance.
//
//   Drafts are looked up, not denoised: masks behind the draft in the same pass, whose proposals are the next
//   draft, were tried with the shipped weights. The text stayed the same and two masks saved 7 % of the passes
//   (11.5 to 10.7 a completion), but they cost what they saved; three and four cost a quarter more.
#pragma once

#include "engine/sampler/decode.h"
#include "engine/sampler/lookup.h"

namespace seedling {

Result<Decoded> decode_hybrid(const DecodeInput& input, const DecodeOptions& options, Lookup& lookup,
                              std::stop_token stop, const StepObserver& observer = {});

}  // namespace seedling
