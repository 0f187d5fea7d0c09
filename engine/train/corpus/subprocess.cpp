#include "engine/train/corpus/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace seedling {
namespace {

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == 0) read = ends[0], write = ends[1];
  }
  ~Pipe() {
    close_end(read);
    close_end(write);
  }
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  for (const auto& [name, value] : added) {
    const std::string start = name + "=";
    std::erase_if(all, [&start](const std::string& entry) { return entry.starts_with(start); });
    all.push_back(start + value);
  }
  return all;
}

// Reads both pipes until the program closes them, so that neither can fill up and stall it.
void drain(Pipe& out, Pipe& err, std::string& out_text, std::string& err_text) {
  std::array<char, 65536> buffer;
  while (out.read >= 0 || err.read >= 0) {
    pollfd wait[2] = {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}};
    if (poll(wait, 2, -1) < 0 && errno != EINTR) return;
    for (int i = 0; i < 2; ++i) {
      if (wait[i].fd < 0 || wait[i].revents == 0) continue;
      const ssize_t count = read(wait[i].fd, buffer.data(), buffer.size());
      if (count > 0) (i == 0 ? out_text : err_text).append(buffer.data(), static_cast<std::size_t>(count));
      if (count == 0 || (count < 0 && errno != EINTR)) Pipe::close_end(i == 0 ? out.read : err.read);
    }
  }
}

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  const std::size_t newline = text.rfind('\n');
  return newline == text.npos ? text : text.substr(newline + 1);
}

}  // namespace

Result<std::string> run_command(const Command& command) {
  Pipe out, err;
  if (out.read < 0 || err.read < 0) return invalid_input("no more pipes can be opened");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const char* input = command.input.empty() ? "/dev/null" : command.input.c_str();
  posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write, 2);
  if (!command.dir.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.dir.c_str());
  std::vector<std::string> words = command.words;
  std::vector<std::string> environment = environment_with(command.environment);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, words[0].c_str(), &actions, nullptr, pointers(words).data(),
                                  pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    return invalid_input(words[0] + " cannot be started (" + std::strerror(failed) + "); is it installed?");
  Pipe::close_end(out.write);
  Pipe::close_end(err.write);
  std::string out_text, err_text;
  drain(out, err, out_text, err_text);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return out_text;
  const std::string how =
      WIFEXITED(status) ? "exit " + std::to_string(WEXITSTATUS(status)) : "killed by a signal";
  return invalid_input(words[0] + " failed (" + how + "): " + last_line(err_text));
}

}  // namespace seedling
