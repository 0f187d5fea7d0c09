// lsp/server.h
//
// Server: one client's session from initialize to exit. Bodies go in, bodies come out.
//   Everything but construction happens on the loop thread. Every request is answered exactly once.
//   Errors become error replies; what the client does wrong never ends the process before `exit` or the end
//   of input.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lsp/framing.h"
#include "lsp/router.h"
#include "lsp/session.h"
#include "lsp/trace.h"

namespace seedling {

struct ServerOptions {
  SessionOptions session;
  bool log_text = false;  // messages, with the user's text in them, may be logged (at level trace)
  // Gets a line of JSON for each message, without the user's text; empty: there is no trace.
  std::function<void(std::string_view line)> trace;
  bool answers_document_hash = false;  // seedling/documentHash: for tests that compare texts
};

class Server {
 public:
  using Write = std::function<bool(std::string_view body)>;  // false: the client is gone

  Server(Write write, Post post, GeneratorSource source, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void on_body(std::string_view body);
  void on_problem(const FramingProblem& problem);
  void on_end();  // the input ended
  void on_client_gone();
  // Comes now and then; an engine that was idle for as long as the settings say is unloaded.
  void on_tick(std::chrono::steady_clock::time_point now);

  // Set once the process is to end.
  std::optional<int> exit_code() const { return session_.exit_code; }
  std::optional<std::int64_t> client_process() const { return session_.client_process; }
  // The destructor would wait for the thread that loads the engine.
  bool is_loading() const { return session_.generator.is_loading(); }

 private:
  void on_message(Request request);
  void on_message(Notification notification);
  void on_message(const Response& response);
  void on_message(Malformed malformed);
  void end(int exit_code);
  void send(const json& message);
  void trace(Sender sender, std::string_view body);

  const ServerOptions options_;
  const Write write_;
  Router router_;
  Trace trace_;
  Session session_;
};

}  // namespace seedling
