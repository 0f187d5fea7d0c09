// `seedling lsp`: the language server. Over standard input and output it is one of two things: the end of an
// editor window, which passes messages on to the engine that all windows share and starts it where there is
// none (the default), or a server by itself. It serves several clients at a socket as well.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string_view>

#include "cli/command.h"
#include "cli/engine_process.h"
#include "engine/engine.h"
#include "engine/shared_worker.h"
#include "lsp/forward.h"
#include "lsp/serve.h"
#include "lsp/socket_server.h"

namespace seedling::cli {
namespace {

constexpr std::size_t kLeastTokenBytes = 16;

// Line by line, so that the last thing that happened before a crash is there.
Result<std::function<void(std::string_view)>> open_trace(const std::string& path) {
  if (path.empty()) return std::function<void(std::string_view)>();
  const auto file = std::make_shared<std::ofstream>(path);
  if (!*file) return invalid_input("cannot write the trace to " + path);
  return std::function<void(std::string_view)>([file](std::string_view line) { *file << line << std::endl; });
}

Result<ServerOptions> server_options(const LspOptions& options) {
  ServerOptions server;
  server.trace = TRY(open_trace(options.trace_file));
  server.log_text = options.logs_text;
  server.answers_document_hash = options.answers_document_hash;
  return server;
}

// The clients of one process have one engine between them. A model that cannot be loaded is told when a
// session starts, not at its first completion.
struct Engines {
  explicit Engines(const GlobalOptions& global)
      : shared(std::make_shared<SharedWorker>(engine_opener(engine_options(global, {}, Usual::adaptive)))) {}

  GeneratorSource source() const {
    return [shared = shared] { return shared->add_client(); };
  }

  std::shared_ptr<SharedWorker> shared;
};

Result<std::string> read_token(const LspOptions& options) {
  std::string token;
  if (!options.token_file.empty()) {
    std::ifstream file(options.token_file, std::ios::binary);
    if (!file) return not_found(options.token_file + ": cannot be read");
    token.assign(std::istreambuf_iterator<char>(file), {});
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  } else if (const char* given = std::getenv("SEEDLING_TOKEN")) {
    token = given;
  } else {
    return token;
  }
  if (token.size() < kLeastTokenBytes)
    return invalid_input("the token has less than " + std::to_string(kLeastTokenBytes) + " characters");
  return token;
}

Result<SocketServerOptions> socket_options(const LspOptions& options, const Engines& engines) {
  SocketServerOptions server;
  server.log_level = options.log_level;
  server.server = TRY(server_options(options));
  server.keep_engine = [shared = engines.shared] { return shared->keep(); };
  server.on_listening = [](const std::string& address) { tell("listens at " + address); };
  return server;
}

Result<int> run_listening(const LspOptions& options, const GlobalOptions& global) {
  const Engines engines(global);
  SocketServerOptions server = TRY(socket_options(options, engines));
  if (!options.socket.empty()) return serve_unix(options.socket, engines.source(), std::move(server));
  server.token = TRY(read_token(options));
  return serve_tcp(options.listen, engines.source(), std::move(server));
}

Result<int> run_engine(const LspOptions& options, const GlobalOptions& global) {
  Descriptor listening = TRY(handed_over_socket());
  const Engines engines(global);
  SocketServerOptions server = TRY(socket_options(options, engines));
  server.on_listening = nullptr;
  return serve_engine(options.engine, std::move(listening), engines.source(),
                      std::chrono::seconds(options.linger_seconds), std::move(server));
}

Result<int> run_alone(const LspOptions& options, const GlobalOptions& global) {
  return serve_stdio(Engines(global).source(), {options.log_level, TRY(server_options(options))});
}

Result<int> run_shared(const LspOptions& options, const GlobalOptions& global) {
  const EngineProcess engine = TRY(shared_engine(options, global));
  ForwardOptions forward;
  forward.socket_path = engine.socket_path;
  forward.log_path = engine.log_path;
  forward.log_level = options.log_level;
  forward.trace = TRY(open_trace(options.trace_file));
  forward.start_engine = [engine](const Descriptor& listening) { return start(engine, listening); };
  return forward_stdio(std::move(forward));
}

}  // namespace

Result<int> run_lsp(const LspOptions& options, const GlobalOptions& global) {
  if (!options.engine.empty()) return run_engine(options, global);
  if (!options.socket.empty() || !options.listen.empty()) return run_listening(options, global);
  if (options.is_alone) return run_alone(options, global);
  Result<int> shared = run_shared(options, global);
  if (shared.ok()) return shared;
  tell("no engine is shared: " + shared.error().message);
  return run_alone(options, global);
}

}  // namespace seedling::cli
