// engine/sampler/decoder.h
//
// Decoder: one decoding of a hole, pass by pass, so that whoever drives several of them can compute their
// passes together.
//   Runs on the thread that owns the sequence. What is decoded does not depend on who computes beside it.
//   Errors: stopped; those of the backend.
#pragma once

#include <stop_token>

#include "engine/sampler/decode.h"

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

// Drives one alone.
Result<Decoded> run(Decoder& decoder, std::stop_token stop);

}  // namespace seedling
