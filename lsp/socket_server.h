// lsp/socket_server.h
//
// The language server for several clients at once, each over a connection of its own.
//   Runs the loop on the calling thread; every client has its own session, documents and settings. Ends with
//   0 when it is told to by SIGTERM or SIGINT, or, as the engine that editor windows share, when no client
//   has been there for `linger`. Errors: an address that cannot be listened at; an address beyond this
//   machine without a token.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lsp/engine_socket.h"
#include "lsp/lazy_generator.h"
#include "lsp/server.h"

namespace seedling {

struct SocketServerOptions {
  std::string log_level = "warn";
  ServerOptions server;
  std::string token;  // over TCP; empty: none is wanted
  // Gives something that keeps the engine as it is, while the last client is gone and the next not yet there.
  std::function<std::shared_ptr<void>()> keep_engine;
  // Told where it listens, once it does.
  std::function<void(const std::string& address)> on_listening;
};

// HOST:PORT, [HOST]:PORT for an address of IPv6. Port 0 takes a free one.
Result<int> serve_tcp(const std::string& address, const GeneratorSource& source, SocketServerOptions options);

// A Unix socket for this user alone.
Result<int> serve_unix(const std::string& path, const GeneratorSource& source, SocketServerOptions options);

// What connect_or_start() starts: the socket at `path` is at hand, and listens.
Result<int> serve_engine(const std::string& path, Descriptor listening, const GeneratorSource& source,
                         std::chrono::seconds linger, SocketServerOptions options);

}  // namespace seedling
