// engine/sampler/decoder.h
//
// Decoder: one decoding of a hole, pass by pass, so that whoever drives several of them can compute their
// passes together.
//   Runs on the thread that owns the sequence. What is decoded does not depend on who computes beside it.
//   Errors: stopped; those of the backend.
#pragma once

#include <stop_token>
#include <utility>

#include "engine/sampler/decode.h"
#include "engine/sampler/score.h"

namespace seedling {

class Decoder {
 public:
  virtual ~Decoder() = default;

  // The next pass to compute; null: decoding has ended. Valid until take() or the next call.
  virtual Result<const SequencePass*> next(std::stop_token stop) = 0;
  // Reads the answers of that pass. REQUIRES: it was computed.
  virtual Status take() = 0;
  // REQUIRES: next() said that decoding has ended.
  virtual Decoded result() = 0;
};

// What decoders share that grow one canvas until something ends it.
class CanvasDecoder : public Decoder {
 public:
  // What the input refers to outlives this.
  CanvasDecoder(DecodeInput input, const DecodeOptions& options, StepObserver observer);

  Decoded result() override { return std::move(decoded_); }

 protected:
  // The certain beginning of the canvas is the result.
  void finish(Outcome outcome);

  DecodeInput input_;
  const DecodeOptions options_;
  const StepObserver observer_;
  Decoded decoded_;
  Canvas& canvas_ = decoded_.canvas;
  bool is_over_ = false;
};

// What is kept of a canvas, to go on with.
Canvas first_canvas(const DecodeInput& input);

bool is_past_deadline(const DecodeOptions& options);

// What is committed in the place of `own`, the model's choice behind the certain tokens: drawn from its row
// of logits as the options say. Where several candidates are drawn, the edges keep this one apart from the
// others.
Proposal vary(const Canvas& canvas, const Proposal& own, std::span<const float> logits, Edges& edges,
              const DecodeOptions& options, int step);

// Drives one alone.
Result<Decoded> run(Decoder& decoder, std::stop_token stop);

}  // namespace seedling
