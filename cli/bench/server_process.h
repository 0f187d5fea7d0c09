// cli/bench/server_process.h
//
// This binary's own language server as a child process: bodies go in, the answer to a request comes out.
//   Killed at the end of the scope unless it has ended. Main thread. Errors: internal where no process can be
//   made, or where it ends or says nothing for a long time instead of answering.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "lsp/framing.h"

namespace seedling::cli {

class ServerProcess {
 public:
  ServerProcess() = default;
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  Status start(const std::vector<std::string>& arguments);
  Status send(std::string_view body);
  // The body of the response to request `id`; what else the server says is dropped.
  Result<std::string> answer_to(int id);
  // The next answer, or nothing where none comes for so long.
  Result<std::optional<std::string>> next_answer(std::chrono::milliseconds patience);
  pid_t process() const { return process_; }

 private:
  pid_t process_ = -1;
  int socket_ = -1;  // its standard input and output
  Framer framer_;
};

}  // namespace seedling::cli
