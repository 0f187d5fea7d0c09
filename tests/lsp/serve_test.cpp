// The whole program over real pipes, in a process of its own: threads, standard output, exit codes.

#include "lsp/serve.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include "lsp/framing.h"
#include "lsp/rpc.h"
#include "tests/support/fake_generator.h"

namespace seedling {
namespace {

constexpr int kPatienceMs = 20000;  // only a server that hangs uses it up

class ServerProcess {
 public:
  explicit ServerProcess(GeneratorSource source) {
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
      close(input[1]);
      close(output[0]);
      const int exit_code = serve_stdio(std::move(source), {.log_level = "off"});
      _exit(exit_code);
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
  void ask(int id) {
    request(id, "textDocument/inlineCompletion",
            {{"textDocument", {{"uri", "file:///w/a.py"}}}, {"position", {{"line", 0}, {"character", 4}}}});
  }

 private:
  pid_t child_ = -1;
  int input_ = -1;
  int output_ = -1;
  Framer framer_;
};

Result<std::unique_ptr<Generator>> fake_engine() {
  static FakeGenerator::Script script;
  std::printf("a library that prints\n");
  std::fflush(stdout);
  return std::unique_ptr<Generator>(std::make_unique<FakeGenerator>(script));
}

TEST_CASE("serve: a session from initialize to exit, and standard output is the protocol only") {
  ServerProcess server(fake_engine);
  server.start();
  server.ask(1);
  CHECK(server.receive()["result"]["items"][0]["insertText"] == "answer");
  server.request(2, "shutdown");
  CHECK(server.receive() == json::parse(R"({"jsonrpc":"2.0","id":2,"result":null})"));
  server.notify("exit");
  CHECK(server.receive().is_null());
  CHECK(server.wait() == 0);
}

TEST_CASE("serve: the end of the input ends the process") {
  ServerProcess server(fake_engine);
  server.start();
  server.ask(1);
  CHECK(server.receive()["id"] == 1);
  server.end_input();
  CHECK(server.receive().is_null());
  CHECK(server.wait() == 1);
}

TEST_CASE("serve: exit without shutdown, while the input stays open") {
  ServerProcess server(fake_engine);
  server.start();
  server.notify("exit");
  CHECK(server.receive().is_null());
  CHECK(server.wait() == 1);
}

TEST_CASE("serve: a missing model is told once and the session goes on") {
  ServerProcess server(
      []() -> Result<std::unique_ptr<Generator>> { return not_found("no model: run setup"); });
  server.start();
  CHECK(server.receive()["method"] == "window/showMessage");
  server.ask(1);
  CHECK(server.receive()["result"] == json::parse(R"({"items":[]})"));
  server.ask(2);
  CHECK(server.receive()["result"] == json::parse(R"({"items":[]})"));
  server.request(3, "shutdown");
  CHECK(server.receive()["id"] == 3);
  server.notify("exit");
  CHECK(server.wait() == 0);
}

}  // namespace
}  // namespace seedling
