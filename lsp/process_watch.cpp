#include "lsp/process_watch.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <limits>
#include <utility>

namespace seedling {

ProcessWatch::ProcessWatch(asio::io_context& loop, std::int64_t process) : descriptor_(loop) {
  if (process <= 0 || process > std::numeric_limits<pid_t>::max()) return;
  const long descriptor = ::syscall(SYS_pidfd_open, static_cast<pid_t>(process), 0);
  std::error_code problem;
  if (descriptor >= 0) descriptor_.assign(static_cast<int>(descriptor), problem);
}

void ProcessWatch::when_ended(std::function<void()> on_end) {
  if (!descriptor_.is_open()) return;
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                         [on_end = std::move(on_end)](const std::error_code& problem) {
                           if (!problem) on_end();
                         });
}

bool ProcessWatch::kill() {
  if (!descriptor_.is_open()) return false;
  return ::syscall(SYS_pidfd_send_signal, descriptor_.native_handle(), SIGKILL, nullptr, 0) == 0;
}

}  // namespace seedling
