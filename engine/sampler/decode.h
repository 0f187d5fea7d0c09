// engine/sampler/decode.h
//
// What the ways of decoding a hole (denoise.h, revise.h, causal.h, hybrid.h) share: limits, outcome and the
// view of each step.
//   Plain data. A decoded canvas is certain from its first to its last position: nothing in it is masked.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

#include "engine/cache/cached_sequence.h"
#include "engine/model/config.h"
#include "engine/sampler/canvas.h"
#include "engine/sampler/edges.h"

namespace seedling {

struct DecodeOptions {
  int block = 16;          // positions denoised together
  float threshold = 0.9f;  // a proposal this sure is committed beside the best one
  int max_tokens = 96;     // <end> included
  int max_lines = 0;       // decoding stops once that many line ends are certain; 0: no limit
  float temperature = 0;   // > 0: the first uncertain position is drawn instead of taking the best token
  std::uint64_t seed = 0;  // used with temperature only
  // Which of how many tokens that are drawn there, the model's own choice left out; 0: of all, one.
  int rank = 0, ranks = 0;
  std::optional<std::chrono::steady_clock::time_point> deadline;  // what is certain by then is the result
  // Revising a draft: an edit this sure is made, and a token that is believed less than this is reopened.
  float edit_threshold = 0.9f;
  float reopen_threshold = 0;
  // Hybrid: a draft is verified as far as all of it is right with this probability. A third costs little more
  // than the best choice wherever another token makes a pass of one 5 to 35 % longer.
  float least_chance = 0.35f;
};

enum class Outcome { ended, max_tokens, max_lines, repeated, out_of_time };

// What the observer sees after each step; valid during the call only.
struct StepView {
  const Canvas& canvas;
  int block = 0;  // counted from 0
  int step = 0;   // counted from 0 over the whole hole
};
using StepObserver = std::function<void(const StepView&)>;

struct Decoded {
  Canvas canvas;
  Outcome outcome = Outcome::max_tokens;
  int steps = 0;
  int blocks = 0;
  bool has_varied = false;                          // a token was drawn
  std::chrono::steady_clock::time_point prefilled;  // when the whole context was cached
};

// What decoding works on. `sequence` holds the beginning of the context; decoding adds the rest of it, then
// every finished block.
struct DecodeInput {
  CachedSequence& sequence;
  const Tokenizer& tokenizer;
  const ModelConfig& config;
  Edges& edges;
  std::span<const TokenId> rest;  // of the context; not empty, unless diffusion without shift decodes
  // The beginning of a canvas that was reopened behind it: certain tokens, which count as context too.
  Canvas kept = {};
};

// Whether the certain beginning of a canvas has reached the limit of lines or goes round in circles.
std::optional<Outcome> reached_limit(const Canvas& canvas, const Tokenizer& tokenizer, int max_lines);

}  // namespace seedling
