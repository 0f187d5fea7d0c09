#include "cli/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace seedling::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kReportDescriptor = 3;
constexpr int kPollMs = 5;
constexpr std::chrono::milliseconds kLongestPause{500};
constexpr std::size_t kMostOutputBytes = std::size_t{8} << 20;

// One end of a pipe, or any descriptor; closed at the end of the scope.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  int get() const { return value_; }
  void reset(int value) {
    close();
    value_ = value;
  }
  void close() {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }

 private:
  int value_ = -1;
};

struct Pipe {
  Descriptor read, write;
  bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read.reset(ends[0]);
    write.reset(ends[1]);
    return true;
  }
};

void set_limit(int resource, std::size_t value) {
  if (value == 0) return;
  const rlimit limit{value, value};
  ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
}

// A network namespace of our own has no interface that is up. Who is not root needs a user namespace for it,
// which many systems forbid.
bool leave_network() {
  return ::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork and exec: only calls that are safe there. `arguments` and `environment` were made before.
[[noreturn]] void become_child(const ChildCommand& command, char* const* arguments, char** environment,
                               int output, int report) {
  ::setpgid(0, 0);
  ::signal(SIGINT, SIG_DFL);
  if (command.is_confined) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    leave_network();
  }
  const int nothing = ::open("/dev/null", O_RDWR);
  const int input = command.input_file.empty() ? nothing : ::open(command.input_file.c_str(), O_RDONLY);
  if (input < 0) ::_exit(127);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output >= 0 ? output : nothing, STDOUT_FILENO);
  ::dup2(output >= 0 && !command.drops_errors ? output : nothing, STDERR_FILENO);
  if (report >= 0) {
    // dup2 onto itself would leave it to be closed at exec.
    if (report == kReportDescriptor)
      ::fcntl(report, F_SETFD, 0);
    else
      ::dup2(report, kReportDescriptor);
  }
  if (!command.folder.empty() && ::chdir(command.folder.c_str()) != 0) ::_exit(127);
  set_limit(RLIMIT_CPU, command.cpu_seconds);
  set_limit(RLIMIT_AS, command.memory_bytes);
  set_limit(RLIMIT_FSIZE, command.file_bytes);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  if (command.environment.empty())
    ::execvp(arguments[0], arguments);
  else
    ::execvpe(arguments[0], arguments, environment);
  ::_exit(127);
}

// Takes what is ready; false once the other side has closed.
bool take(int descriptor, std::string& text) {
  std::array<char, 1 << 14> piece;
  const ssize_t count = ::read(descriptor, piece.data(), piece.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  text.append(piece.data(), std::min<std::size_t>(count, kMostOutputBytes - text.size()));
  return count > 0;
}

// Reads both pipes until the child has ended; false when the time is over before. A grandchild that holds the
// pipes open is not waited for.
bool follow(pid_t child, std::array<Pipe*, 2> pipes, std::array<std::string*, 2> texts, int wall_seconds,
            int& status) {
  Clock::time_point deadline = Clock::now() + std::chrono::seconds(wall_seconds), last = Clock::now();
  std::array<pollfd, 2> watched{};
  for (int i = 0; i < 2; ++i) watched[i] = {pipes[i]->read.get(), POLLIN, 0};
  const auto take_ready = [&](int timeout_ms) {
    bool took = false;
    if (::poll(watched.data(), watched.size(), timeout_ms) <= 0) return took;
    for (int i = 0; i < 2; ++i) {
      if (watched[i].fd < 0 || watched[i].revents == 0) continue;
      if (take(watched[i].fd, *texts[i]))
        took = true;
      else
        watched[i].fd = -1;
    }
    return took;
  };
  while (true) {
    take_ready(kPollMs);
    if (::waitpid(child, &status, WNOHANG) == child) break;
    // While the machine slept, or we were stopped, the child was too: that time is not the child's.
    const Clock::time_point now = Clock::now();
    if (now - last > kLongestPause) deadline += now - last;
    last = now;
    if (wall_seconds > 0 && now >= deadline) return false;
  }
  while (take_ready(0)) {
  }
  return true;
}

}  // namespace

Result<ChildResult> run_child(const ChildCommand& command) {
  Pipe output, report;
  if ((command.keeps_output && !output.open()) || (command.keeps_report && !report.open())) {
    return Error{ErrorCode::internal, std::string("cannot make a pipe: ") + std::strerror(errno)};
  }
  std::vector<char*> arguments = pointers_to(command.arguments);
  std::vector<char*> environment = pointers_to(command.environment);

  const pid_t child = ::fork();
  if (child < 0)
    return Error{ErrorCode::internal, std::string("cannot start a process: ") + std::strerror(errno)};
  if (child == 0) {
    become_child(command, arguments.data(), environment.data(), output.write.get(), report.write.get());
  }
  output.write.close();
  report.write.close();

  ChildResult result;
  int status = 0;
  if (!follow(child, {&output, &report}, {&result.output, &result.report}, command.wall_seconds, status)) {
    result.timed_out = true;
    ::kill(-child, SIGKILL);
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
  } else if (command.wall_seconds > 0) {
    ::kill(-child, SIGKILL);  // what it may have left running
  }
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

bool can_take_network_away() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(leave_network() ? 0 : 1);
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace seedling::cli
