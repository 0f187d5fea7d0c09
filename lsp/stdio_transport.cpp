#include "lsp/stdio_transport.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "engine/assert.h"

namespace seedling {

StdioTransport::StdioTransport() {
  output_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  SEEDLING_ASSERT(pipe2(wake_, O_CLOEXEC) == 0);
  if (output_ >= 0) dup2(STDERR_FILENO, STDOUT_FILENO);
}

StdioTransport::~StdioTransport() {
  if (output_ >= 0) {
    dup2(output_, STDOUT_FILENO);
    close(output_);
  }
  close(wake_[0]);
  close(wake_[1]);
}

// A plain blocking reader: asio's reactor does not take regular files, and tests feed us files.
void StdioTransport::run(const TransportEvents& events) {
  Framer framer;
  std::array<char, 65536> chunk;
  for (bool is_open = true; is_open;) {
    std::array<pollfd, 2> wait = {pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{wake_[0], POLLIN, 0}};
    if (poll(wait.data(), wait.size(), -1) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    if (wait[1].revents != 0) return;
    const ssize_t count = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) break;
    framer.feed({chunk.data(), static_cast<std::size_t>(count)});
    while (auto framed = framer.next()) {
      if (auto* body = std::get_if<Body>(&*framed)) {
        events.on_body(std::move(body->text));
        continue;
      }
      auto& problem = std::get<FramingProblem>(*framed);
      if (problem.is_fatal) is_open = false;
      events.on_problem(std::move(problem));
    }
  }
  if (framer.is_inside_message()) events.on_problem({"the input ended inside a message"});
  events.on_end();
}

bool StdioTransport::write(std::string_view body) {
  const std::string message = frame(body);
  for (std::size_t sent = 0; sent < message.size();) {
    const ssize_t count = ::write(output_, message.data() + sent, message.size() - sent);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {
      pollfd wait{output_, POLLOUT, 0};
      poll(&wait, 1, -1);
      continue;
    }
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

void StdioTransport::stop() {
  const char byte = 0;
  // The pipe is empty and its reader is ours: a one-byte write cannot fall short.
  [[maybe_unused]] const ssize_t count = ::write(wake_[1], &byte, 1);
}

}  // namespace seedling
