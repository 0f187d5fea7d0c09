// cli/engine_process.h
//
// The process that all editor windows share: where it is found, and how it is started.
//   Windows share an engine only if they would have started the same one: the same binary, model, backend and
//   limits. The process is this binary again, in a session of its own, with nothing open but the socket and
//   its log, so that it outlives the window that started it. Main thread. Errors: invalid_input or not_found
//   where there is no folder for the socket; internal where no process can be made.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "lsp/engine_socket.h"

namespace seedling::cli {

struct EngineProcess {
  std::string socket_path, log_path;
  std::vector<std::string> arguments;
};

// The folder is $XDG_RUNTIME_DIR/seedling, or `run` in the cache folder.
Result<EngineProcess> shared_engine(const LspOptions& options, const GlobalOptions& global);

Result<pid_t> start(const EngineProcess& engine, const Descriptor& listening);

// In the started process: the socket that start() handed over.
Result<Descriptor> handed_over_socket();

}  // namespace seedling::cli
