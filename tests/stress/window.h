// tests/stress/window.h
//
// Window: one editor window as a process, and what it is owed.
//   Counts answers: none may be missing, none may come twice, none may come unasked. Bytes are written and
//   read without blocking; pump() moves them. One thread. Errors: `faults`, in words; a window that ends by
//   itself is one of them.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lsp/framing.h"
#include "lsp/rpc.h"

namespace seedling::stress {

using Clock = std::chrono::steady_clock;

class Window {
 public:
  using OnAnswer = std::function<void(const json& answer)>;

  Window(std::string name, std::vector<std::string> command);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  int request(const char* method, json params, OnAnswer on_answer = {});
  void notify(const char* method, json params);

  int readable() const { return from_; }
  pid_t process() const { return process_; }
  void pump();
  std::size_t owed() const { return asked_.size(); }
  // Of the request that waits longest.
  std::chrono::milliseconds longest_wait() const;
  std::vector<double> take_latencies() { return std::exchange(latencies_, {}); }

  std::size_t answers = 0, errors = 0;
  std::map<int, std::size_t> error_codes;
  std::vector<std::string> faults;

 private:
  struct Asked {
    OnAnswer on_answer;
    Clock::time_point at;
    bool is_completion;
  };

  void send(const json& message);
  void take(const json& message);

  std::string name_;
  pid_t process_ = -1;
  int to_ = -1, from_ = -1;
  std::string outgoing_;
  Framer framer_;
  int last_id_ = 0;
  std::map<int, Asked> asked_;
  std::vector<double> latencies_;  // of completions that were answered with a result, in ms
};

}  // namespace seedling::stress
