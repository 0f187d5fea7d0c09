// lsp/connection.h
//
// Connection: one client's session over a socket, inside a process that serves several.
//   The loop thread owns it; what it posted holds it alive. It ends when the session does, when the client
//   goes, or when the client does not take what is written for it; one that loads its engine at that moment
//   is kept until it is loaded, so that nobody waits for the thread that does. Where a token is wanted,
//   nothing but the first message is read before it was right: an initialize with it in
//   initializationOptions.token, soon and short. Errors: a client without it is told so and its connection
//   ends.
#pragma once

#include <array>
#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lsp/framing.h"
#include "lsp/server.h"

namespace seedling {

struct ConnectionOptions {
  std::string token;  // empty: none is wanted
  ServerOptions server;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = asio::generic::stream_protocol::socket;

  // Reads until it ends, and calls on_end then, once, from the loop.
  static std::shared_ptr<Connection> start(asio::io_context& loop, Socket socket, GeneratorSource source,
                                           ConnectionOptions options, std::function<void()> on_end);

  Server& server() { return *server_; }
  // Answers what waits, as if the client had closed its end.
  void end();
  // Without waiting for a client that does not read.
  void close();

 private:
  Connection(asio::io_context& loop, Socket socket, ConnectionOptions options, std::function<void()> on_end);

  void make_server(GeneratorSource source);
  void expect_token();
  void read();
  void take(std::size_t count);
  void on_body(std::string body);
  bool is_admitted(std::string& body);
  bool write(std::string_view body);
  void flush();
  void check_end();
  void leave();

  // constant after construction
  asio::io_context& loop_;
  const ConnectionOptions options_;

  // loop thread only
  Socket socket_;
  std::function<void()> on_end_;
  asio::steady_timer patience_;
  bool is_admitted_ = false;
  bool is_ending_ = false;  // nothing more is read
  bool is_closed_ = false;
  bool is_writing_ = false;
  std::array<char, 65536> incoming_;
  std::size_t received_ = 0;
  Framer framer_;
  std::string waiting_;  // to be written after what is being written
  std::string writing_;
  std::unique_ptr<Server> server_;  // last: it writes until it is gone
};

// In a time that does not depend on where the two differ.
bool is_same_secret(std::string_view a, std::string_view b);

}  // namespace seedling
