// engine/filling.h
//
// Filling: the attempts at one hole, until a text fits.
//   The first attempt is the model's own. Where it does not fit (hole_check.h) a position is reopened, the
//   token there is banned and decoding goes on behind what is kept; so at most kMostReopenings times. The
//   first text that fits wins.
//   Pass by pass, so that several fillings can be computed together.
//   One thread. What comes out is a function of what goes in, in every mode; hybrid and causal decoding
//   reopen the same positions. Errors: stopped; those of the backend.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/fill.h"
#include "engine/hole_check.h"
#include "engine/sampler/constraint.h"
#include "engine/sampler/decoder.h"

namespace seedling {

// Further than this from the model's own choice nothing is looked for.
inline constexpr int kMostReopenings = 8;

// How much of a context may come from the cache: what comes after it may be predicted while its last token is
// computed.
int most_reused(const ModelSession& session, const FillRequest& request, std::size_t context);

class Filling {
 public:
  // All of these outlive it. context: all tokens before the hole.
  Filling(ModelSession& session, const FillRequest& request, const DecodeOptions& options,
          std::span<const TokenId> context, CachedSequence& sequence, StepObserver observer = {});
  Filling(const Filling&) = delete;
  Filling& operator=(const Filling&) = delete;

  // The next pass to compute; null: the text is found. Between it and take() other fillings may compute.
  Result<const SequencePass*> next(std::stop_token stop);
  Status take() { return decoder_->take(); }

  struct Attempt {
    Decoded decoded;
    std::string text;  // for the hole
    bool joins_suffix = true;
    HoleVerdict verdict;
  };
  Attempt& best() { return *best_; }  // REQUIRES: next() found it

  // Of all attempts.
  int steps() const { return steps_; }
  int reopened() const { return reopened_; }
  double constraint_ms() const { return constraint_ms_ + edges_.constraint_ms(); }
  std::chrono::steady_clock::time_point prefilled() const { return prefilled_; }

 private:
  Status constrain(std::stop_token stop);
  void begin_attempt(Canvas kept);
  std::unique_ptr<Decoder> make_decoder(DecodeInput input);
  Result<Attempt> finish_attempt(std::stop_token stop);
  std::optional<Canvas> consider(Attempt attempt);
  void finish_text(Attempt& attempt) const;
  Result<HoleVerdict> judge(const Attempt& attempt, std::stop_token stop);
  std::optional<Canvas> reopen(const Attempt& first, const Attempt& last);

  ModelSession& session_;
  const FillRequest& request_;
  DecodeOptions options_;
  std::span<const TokenId> context_;
  CachedSequence& sequence_;
  const StepObserver observer_;
  const PartialWords words_;
  Edges edges_;
  std::optional<Constraint> constraint_;
  std::optional<HoleCheck> check_;
  std::unique_ptr<Decoder> decoder_;     // of the attempt under way
  std::vector<TokenId> tokens_;          // before it: the context and what is kept
  std::optional<Attempt> first_, best_;  // of those that are over
  std::vector<int> doubtful_;  // positions of the first attempt that were not reopened yet, the surest first
  int names_tried_ = 0;        // in a row
  int steps_ = 0, reopened_ = 0;
  double constraint_ms_ = 0;
  std::chrono::steady_clock::time_point prefilled_;
};

}  // namespace seedling
