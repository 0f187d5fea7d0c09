#include "tests/stress/window.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

extern char** environ;

namespace seedling::stress {

Window::Window(std::string name, std::vector<std::string> command) : name_(std::move(name)) {
  std::array<int, 2> input{}, output{};
  if (pipe2(input.data(), O_CLOEXEC) != 0 || pipe2(output.data(), O_CLOEXEC) != 0) std::abort();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  if (posix_spawn(&process_, words[0], &actions, nullptr, words.data(), environ) != 0) {
    faults.push_back(name_ + ": " + command[0] + " cannot be started");
  }
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  close(output[1]);
  to_ = input[1];
  from_ = output[0];
  fcntl(to_, F_SETFL, O_NONBLOCK);
  fcntl(from_, F_SETFL, O_NONBLOCK);
}

Window::~Window() {
  close(to_);
  close(from_);
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

int Window::request(const char* method, json params, OnAnswer on_answer) {
  const int id = ++last_id_;
  const bool is_completion = std::string_view(method) == "textDocument/inlineCompletion";
  asked_[id] = {std::move(on_answer), Clock::now(), is_completion};
  send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
  return id;
}

void Window::notify(const char* method, json params) {
  send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

void Window::send(const json& message) {
  outgoing_ += frame(dump(message));
  pump();
}

void Window::pump() {
  while (!outgoing_.empty()) {
    const ssize_t count = write(to_, outgoing_.data(), outgoing_.size());
    if (count <= 0) break;
    outgoing_.erase(0, static_cast<std::size_t>(count));
  }
  std::array<char, 65536> chunk;
  for (ssize_t count; (count = read(from_, chunk.data(), chunk.size())) >= 0 || errno == EINTR;) {
    if (count == 0) {
      if (owed() > 0) faults.push_back(name_ + ": ended while it owed answers");
      return;
    }
    if (count > 0) framer_.feed({chunk.data(), static_cast<std::size_t>(count)});
  }
  while (auto framed = framer_.next()) {
    if (const auto* body = std::get_if<Body>(&*framed)) {
      take(json::parse(body->text, nullptr, false));
    } else {
      faults.push_back(name_ + ": what came is no message");
    }
  }
}

void Window::take(const json& message) {
  if (!message.is_object()) return faults.push_back(name_ + ": what came is not JSON");
  if (message.contains("method")) {
    // What the server asks, as a client that has nothing to say.
    if (message.contains("id")) send(make_result(message["id"], nullptr));
    return;
  }
  const json id = message.value("id", json());
  const auto asked = id.is_number_integer() ? asked_.find(id.get<int>()) : asked_.end();
  if (asked == asked_.end()) {
    return faults.push_back(name_ + ": an answer that nobody waits for: " + dump(message).substr(0, 200));
  }
  ++answers;
  const Asked done = std::move(asked->second);
  asked_.erase(asked);
  if (message.contains("error")) {
    ++errors;
    ++error_codes[message["error"].value("code", 0)];
  } else if (done.is_completion) {
    latencies_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - done.at).count());
  }
  if (done.on_answer) done.on_answer(message);
}

std::chrono::milliseconds Window::longest_wait() const {
  Clock::duration longest{};
  for (const auto& [id, asked] : asked_) longest = std::max(longest, Clock::now() - asked.at);
  return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
}

}  // namespace seedling::stress
