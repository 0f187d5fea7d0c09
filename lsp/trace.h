// lsp/trace.h
//
// What goes over the wire, told without the user's text: for `lsp --trace FILE` and for $/logTrace.
//   The loop thread owns it. It remembers the requests that are open, so that an answer can be told with the
//   method that it answers and the time that took.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lsp/redact.h"
#include "lsp/rpc.h"

namespace seedling {

enum class Sender { client, server };

class Trace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Entry {
    std::string summary;  // "client: textDocument/didChange, 120 bytes"
    json line;            // what a trace file has of it
  };
  // A body of either direction, whatever is in it.
  Entry record(Sender sender, std::string_view body, TimePoint now);

 private:
  struct Open {
    std::string method;
    TimePoint since;
  };

  Redactor redactor_;
  std::map<std::string, Open> open_;  // by who asked, and the id
  std::optional<TimePoint> begin_;
};

}  // namespace seedling
