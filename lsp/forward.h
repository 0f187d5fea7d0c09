// lsp/forward.h
//
// An editor window's end of the shared engine: standard input and output on one side, the engine's socket on
// the other, a Relay between them.
//   Runs the loop on the calling thread until the session ends and gives the exit code of serve_stdio(). An
//   engine that ends is started again, later and later where it ends again and again; one that gives no sign
//   of life while an answer is due is killed first. Errors: there is no engine to be had at the start;
//   nothing was read then, so the caller can serve by itself.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "engine/result.h"
#include "lsp/engine_socket.h"

namespace seedling {

struct ForwardOptions {
  std::string socket_path;
  StartEngine start_engine;
  std::string log_path;  // of the engine: named to the user where it does not stay alive
  std::string log_level = "warn";
  std::function<void(std::string_view line)> trace;  // gets each message, redacted; empty: there is no trace
  std::chrono::milliseconds hung_after = std::chrono::seconds(10);
  std::chrono::milliseconds first_delay{500};  // before a third start in a row; then twice as long, and so on
};

Result<int> forward_stdio(ForwardOptions options);

}  // namespace seedling
