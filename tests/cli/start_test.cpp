// What the running server holds: no libtorch, and int8 weights in the mapping only.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/program.h"

extern char** environ;

using namespace seedling::test;
using nlohmann::json;

namespace {

// The server as an editor starts it; killed at the end of the scope.
class RunningServer {
 public:
  explicit RunningServer(const std::string& model) {
    REQUIRE(pipe2(to_.data(), O_CLOEXEC) == 0);
    REQUIRE(pipe2(from_.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to_[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from_[1], 1);
    std::string words[] = {SEEDLING_BINARY, "lsp", "--no-share", "--threads", "1", "--model", model};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    REQUIRE(posix_spawn(&process_, SEEDLING_BINARY, &actions, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(to_[0]);
    close(from_[1]);
  }
  ~RunningServer() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    close(to_[1]);
    close(from_[0]);
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  void send(const json& message) {
    const std::string body = message.dump();
    const std::string text = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    REQUIRE(write(to_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }

  // The next message with this id; the test hangs into its time limit if none comes.
  json answer_to(int id) {
    while (true) {
      const std::size_t header = input_.find("\r\n\r\n");
      if (header != std::string::npos) {
        const std::size_t size = std::stoul(input_.substr(input_.find(": ") + 2));
        if (input_.size() >= header + 4 + size) {
          const json message = json::parse(input_.substr(header + 4, size));
          input_.erase(0, header + 4 + size);
          if (message.value("id", 0) == id) return message;
          continue;
        }
      }
      char bytes[4096];
      const ssize_t count = read(from_[0], bytes, sizeof bytes);
      REQUIRE(count > 0);
      input_.append(bytes, static_cast<std::size_t>(count));
    }
  }

  std::string proc(const std::string& name) const {
    return read_text("/proc/" + std::to_string(process_) + "/" + name);
  }

 private:
  pid_t process_ = 0;
  std::array<int, 2> to_{}, from_{};
  std::string input_;
};

// Asks for one completion, as an editor does.
json complete_once(RunningServer& server) {
  server.send({{"jsonrpc", "2.0"},
               {"id", 1},
               {"method", "initialize"},
               {"params", {{"processId", nullptr}, {"capabilities", json::object()}}}});
  server.answer_to(1);
  server.send({{"jsonrpc", "2.0"}, {"method", "initialized"}, {"params", json::object()}});
  const json document = {
      {"uri", "file:///a.py"}, {"languageId", "python"}, {"version", 1}, {"text", "x = 1\ny = \n"}};
  server.send(
      {{"jsonrpc", "2.0"}, {"method", "textDocument/didOpen"}, {"params", {{"textDocument", document}}}});
  server.send({{"jsonrpc", "2.0"},
               {"id", 2},
               {"method", "textDocument/inlineCompletion"},
               {"params",
                {{"textDocument", {{"uri", "file:///a.py"}}},
                 {"position", {{"line", 1}, {"character", 4}}},
                 {"context", {{"triggerKind", 1}}}}}});
  return server.answer_to(2);
}

long kilobytes(const std::string& status, const std::string& field) {
  const std::size_t at = status.find(field + ":");
  REQUIRE(at != std::string::npos);
  return std::stol(status.substr(at + field.size() + 1));
}

}  // namespace

TEST_CASE("start: a server that has completed has loaded no libtorch") {
  const ProgramTest test;
  RunningServer server(test.model());
  CHECK(complete_once(server).contains("result"));
  const std::string maps = server.proc("maps");
  CHECK(maps.find("/seedling") != std::string::npos);
  CHECK(maps.find("torch") == std::string::npos);
}

TEST_CASE("start: int8 weights are mapped, not copied") {
  const ProgramTest test;
  TinyModelOptions options;
  options.dtype = seedling::Dtype::u8;
  options.config.vocab_size = 1 << 17;  // 32 MiB of embedding
  options.config.hidden_size = 256;
  write_tiny_model(test / "large", options);
  const auto file_kb = static_cast<long>(std::filesystem::file_size(test / "large/model.safetensors") / 1024);
  REQUIRE(file_kb > 32 * 1024);

  RunningServer server(test / "large");
  CHECK(complete_once(server).contains("result"));
  CHECK(server.proc("maps").find("large/model.safetensors") != std::string::npos);
  const std::string status = server.proc("status");
  INFO(status);
  CHECK(kilobytes(status, "RssAnon") < file_kb);
}
