// lsp/transport.h
//
// Transport: where message bodies come from and go to. One of the seams that exist for tests.
//   run() blocks its thread (the reader) and calls the events on it, in order, until the input ends or
//   stop(). write() is called by the loop thread only. stop() may be called by any thread.
//   Errors: write() returns false once the other side is gone.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lsp/framing.h"

namespace seedling {

struct TransportEvents {
  std::function<void(std::string body)> on_body;
  std::function<void(FramingProblem)> on_problem;
  std::function<void()> on_end;  // the last event
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual void run(const TransportEvents& events) = 0;
  virtual bool write(std::string_view body) = 0;
  virtual void stop() = 0;
};

}  // namespace seedling
