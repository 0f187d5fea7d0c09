// tests/support/server_process.h
//
// ServerProcess: a server in a process of its own, spoken to through real pipes as an editor does.
//   The process is a fork of the test, which therefore has no threads when it makes one. Anything that is not
//   a message fails the test, and so does a server that says nothing for long.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "lsp/framing.h"
#include "lsp/rpc.h"

namespace seedling {

inline constexpr int kPatienceMs = 20000;  // only a server that hangs uses it up

class ServerProcess {
 public:
  explicit ServerProcess(const std::function<int()>& serve) {
    std::array<int, 2> input;
    std::array<int, 2> output;
    REQUIRE(pipe2(input.data(), O_CLOEXEC) == 0);
    REQUIRE(pipe2(output.data(), O_CLOEXEC) == 0);
    std::fflush(nullptr);
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      dup2(input[0], STDIN_FILENO);
      dup2(output[1], STDOUT_FILENO);
      close_range(STDERR_FILENO + 1, ~0U, 0);  // other servers' pipes among them
      _exit(serve());
    }
    close(input[0]);
    close(output[1]);
    input_ = input[1];
    output_ = output[0];
  }
  ~ServerProcess() {
    end_input();
    close(output_);
    if (child_ > 0) waitpid(child_, nullptr, 0);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  void send(const json& message) {
    const std::string bytes = frame(dump(message));
    REQUIRE(write(input_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  void request(int id, const char* method, json params = nullptr) {
    send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
  }
  void notify(const char* method, json params = nullptr) {
    send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
  }
  void end_input() {
    if (input_ >= 0) close(input_);
    input_ = -1;
  }

  // The next message; null at the end of the output. Anything that is not a message fails the test.
  json receive() {
    for (;;) {
      if (auto framed = framer_.next()) {
        REQUIRE(std::holds_alternative<Body>(*framed));
        return json::parse(std::get<Body>(*framed).text);
      }
      pollfd wait{output_, POLLIN, 0};
      REQUIRE(poll(&wait, 1, kPatienceMs) == 1);
      std::array<char, 4096> chunk;
      const ssize_t count = read(output_, chunk.data(), chunk.size());
      if (count <= 0) return nullptr;
      framer_.feed({chunk.data(), static_cast<std::size_t>(count)});
    }
  }

  int wait() {
    int status = 0;
    REQUIRE(waitpid(child_, &status, 0) == child_);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  void start() {
    request(0, "initialize",
            {{"processId", getpid()}, {"rootUri", "file:///w"}, {"capabilities", json::object()}});
    CHECK(receive()["result"]["serverInfo"]["name"] == "seedling");
    notify("initialized", json::object());
    notify("textDocument/didOpen",
           {{"textDocument",
             {{"uri", "file:///w/a.py"}, {"languageId", "python"}, {"version", 1}, {"text", "x = "}}}});
  }
  pid_t process() const { return child_; }  // -1 after wait()
  void ask(int id) {
    request(id, "textDocument/inlineCompletion",
            {{"textDocument", {{"uri", "file:///w/a.py"}}},
             {"position", {{"line", 0}, {"character", 4}}},
             {"context", {{"triggerKind", 1}}}});
  }

 private:
  pid_t child_ = -1;
  int input_ = -1;
  int output_ = -1;
  Framer framer_;
};

}  // namespace seedling
