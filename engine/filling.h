// engine/filling.h
//
// Filling: the attempts at one hole, until a text fits.
//   The first attempt is the model's own. Where it does not fit (hole_check.h) a position is reopened, the
//   token there is banned and decoding goes on behind what is kept; so at most kMostReopenings times. The
//   first text that fits wins.
//   One thread. What comes out is a function of what goes in, in every mode; hybrid and causal decoding
//   reopen the same positions. Errors: stopped; those of the backend.
#pragma once

#include <optional>
#include <vector>

#include "engine/fill.h"
#include "engine/hole_check.h"
#include "engine/sampler/constraint.h"

namespace seedling {

// Further than this from the model's own choice nothing is looked for.
inline constexpr int kMostReopenings = 8;

class Filling {
 public:
  // All of these outlive it. context: all tokens before the hole.
  Filling(ModelSession& session, const FillRequest& request, const DecodeOptions& options,
          std::span<const TokenId> context, CachedSequence& sequence);

  struct Attempt {
    Decoded decoded;
    std::string text;  // for the hole
    bool joins_suffix = true;
    HoleVerdict verdict;
  };
  Result<Attempt> run(std::stop_token stop, const StepObserver& observer);

  // Of all attempts.
  int steps() const { return steps_; }
  int reopened() const { return reopened_; }
  double constraint_ms() const { return constraint_ms_ + edges_.constraint_ms(); }
  int reused_tokens() const { return reused_; }  // of the context, by the first
  std::chrono::steady_clock::time_point prefilled() const { return prefilled_; }

 private:
  Status constrain(std::stop_token stop);
  Result<Attempt> attempt(Canvas kept, std::stop_token stop, const StepObserver& observer);
  Result<Decoded> decode(const DecodeInput& input, std::stop_token stop, const StepObserver& observer);
  void finish_text(Attempt& attempt) const;
  Result<HoleVerdict> judge(const Attempt& attempt, std::stop_token stop);
  std::optional<Canvas> reopen(const Attempt& first, const Attempt& last);

  ModelSession& session_;
  const FillRequest& request_;
  DecodeOptions options_;
  std::span<const TokenId> context_;
  CachedSequence& sequence_;
  const PartialWords words_;
  Edges edges_;
  std::optional<Constraint> constraint_;
  std::optional<HoleCheck> check_;
  std::vector<int> doubtful_;  // positions of the first attempt that were not reopened yet, the surest first
  int names_tried_ = 0;        // in a row
  int steps_ = 0, reopened_ = 0, reused_ = -1;
  double constraint_ms_ = 0;
  std::chrono::steady_clock::time_point prefilled_;
};

}  // namespace seedling
