// lsp/process_watch.h
//
// ProcessWatch: another process of this machine, followed without looking at it again and again.
//   The loop thread owns it. The number stands for that one process even after the system gives it away
//   again. Errors: a process that is not there, or that this system cannot follow, is never reported as
//   ended, and kill() says false.
#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>

namespace seedling {

class ProcessWatch {
 public:
  ProcessWatch(asio::io_context& loop, std::int64_t process);

  // Calls `on_end` on the loop when the process has ended; not after this object is gone.
  void when_ended(std::function<void()> on_end);
  bool kill();

 private:
  asio::posix::stream_descriptor descriptor_;  // a pidfd
};

}  // namespace seedling
