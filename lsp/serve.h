// lsp/serve.h
//
// The language server over standard input and output, from the first byte to the exit code.
//   Runs the loop on the calling thread and returns when the session ends: 0 after shutdown and exit, 1
//   otherwise. The source is called on a thread of its own once initialize is answered; if it fails the user
//   is told once and every completion is empty. It is called again if the engine was unloaded while idle.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/generator.h"
#include "lsp/lazy_generator.h"
#include "lsp/server.h"

namespace seedling {

struct ServeOptions {
  std::string log_level = "warn";  // off, error, warn, info, debug, trace; goes to standard error
  ServerOptions server;
};

int serve_stdio(GeneratorSource source, ServeOptions options);

}  // namespace seedling
