#include "cli/bench/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

namespace seedling::cli {
namespace {

constexpr std::chrono::seconds kMostSilence{60};

Error failed(const std::string& what) {
  return {ErrorCode::internal, "the language server " + what};
}

}  // namespace

ServerProcess::~ServerProcess() {
  if (socket_ >= 0) ::close(socket_);
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

Status ServerProcess::start(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return failed("has no socket");
  socket_ = ends[0];
  std::string self = "/proc/self/exe";
  std::vector<char*> words = {self.data()};
  std::vector<std::string> copies = arguments;
  for (std::string& word : copies) words.push_back(word.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  const int problem = ::posix_spawn(&process_, self.c_str(), &actions, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (problem != 0) process_ = -1;
  return problem == 0 ? Status(Done{}) : Status(failed("could not be started"));
}

Status ServerProcess::send(std::string_view body) {
  const std::string bytes = frame(body);
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t count = ::send(socket_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (count <= 0) return failed("ended while it was spoken to");
    at += static_cast<std::size_t>(count);
  }
  return Done{};
}

Result<std::string> ServerProcess::answer_to(int id) {
  while (true) {
    const std::optional<std::string> answer = TRY(next_answer(kMostSilence));
    if (!answer) return failed("does not answer");
    const auto message = nlohmann::json::parse(*answer, nullptr, /*allow_exceptions=*/false);
    if (message.value("id", nlohmann::json()) == id) return *answer;
  }
}

Result<std::optional<std::string>> ServerProcess::next_answer(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    while (std::optional<Framed> framed = framer_.next()) {
      const Body* body = std::get_if<Body>(&*framed);
      if (body == nullptr) return failed("does not speak the protocol");
      const auto message = nlohmann::json::parse(body->text, nullptr, /*allow_exceptions=*/false);
      if (message.is_object() && !message.contains("method")) return std::optional(body->text);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd readable{socket_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0)
      return std::optional<std::string>();
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(socket_, bytes.data(), bytes.size());
    if (count <= 0) return failed("ended instead of answering");
    framer_.feed({bytes.data(), static_cast<std::size_t>(count)});
  }
}

}  // namespace seedling::cli
