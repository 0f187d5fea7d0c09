#include "lsp/server.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "lsp/handlers/handlers.h"

namespace seedling {

Server::Server(Write write, Post post, GeneratorSource source, ServerOptions options)
    : options_(options),
      write_(std::move(write)),
      session_(
          std::move(post), [this](const json& message) { send(message); }, std::move(source),
          options_.session) {
  add_lifecycle(router_);
  add_text_sync(router_);
  add_inline_completion(router_);
  add_code_action(router_);
  add_command(router_);
  add_diagnostics(router_);
  add_settings(router_);
  add_health(router_);
  if (options.answers_document_hash) add_document_hash(router_);
}

// Before the engine goes, so that it does not finish work that nobody waits for.
Server::~Server() {
  session_.inflight.cancel_all("the server ends");
}

void Server::on_body(std::string_view body) {
  if (session_.exit_code) return;
  if (options_.log_text) spdlog::trace("--> {}", body);
  trace(Sender::client, body);
  std::visit([this](auto&& message) { on_message(std::forward<decltype(message)>(message)); },
             parse_message(body));
}

void Server::on_message(Request request) {
  Reply reply(request.id, request.method, [this](const json& message) { send(message); });
  if (session_.inflight.contains_id(request.id)) {
    return reply.error(rpc_error::invalid_request, "another request with this id is still being worked on");
  }
  if (session_.lifecycle == Lifecycle::uninitialized && request.method != "initialize") {
    return reply.error(rpc_error::server_not_initialized, "send initialize first");
  }
  if (session_.lifecycle == Lifecycle::shut_down) {
    return reply.error(rpc_error::invalid_request, "the server is shut down: only exit may follow");
  }
  const auto* handle = router_.request(request.method);
  if (!handle) return reply.error(rpc_error::method_not_found, "no such method: " + request.method);
  (*handle)(session_, request.params, std::move(reply));
}

void Server::on_message(Notification notification) {
  if (session_.lifecycle != Lifecycle::running && notification.method != "exit") {
    return spdlog::debug("{} was ignored: the server is not running", notification.method);
  }
  const auto* handle = router_.notification(notification.method);
  if (!handle) return spdlog::debug("{} was ignored: no such method", notification.method);
  (*handle)(session_, notification.params);
}

void Server::on_message(const Response& response) {
  if (session_.outgoing.on_response(response)) return;
  spdlog::debug("an answer to nothing that was asked, id {}", dump(response.id));
}

void Server::on_message(Malformed malformed) {
  spdlog::warn("a message was refused: {}", malformed.message);
  send(make_error(malformed.id, malformed.code, malformed.message));
}

void Server::on_problem(const FramingProblem& problem) {
  spdlog::warn("input: {}", problem.message);
  if (problem.is_fatal) session_.show_message(MessageType::error, "Seedling stops: " + problem.message);
}

void Server::on_end() {
  end(session_.lifecycle == Lifecycle::shut_down ? 0 : 1);
}

void Server::on_client_gone() {
  end(1);
}

void Server::on_tick(std::chrono::steady_clock::time_point now) {
  const std::chrono::minutes idle_limit{session_.settings.idle_unload_minutes};
  if (idle_limit.count() > 0 && session_.inflight.is_empty())
    session_.generator.unload_if_idle(now, idle_limit);
}

void Server::end(int exit_code) {
  if (!session_.exit_code) session_.exit_code = exit_code;
  session_.inflight.cancel_all("the server ends");
}

void Server::send(const json& message) {
  const std::string body = dump(message);
  if (options_.log_text) spdlog::trace("<-- {}", body);
  trace(Sender::server, body);
  // Not end(): a reply that is under way must not meet its own cancellation.
  if (!write_(body) && !session_.exit_code) session_.exit_code = 1;
}

// The client asked for $/logTrace, or somebody wants to report a bug. Telling is not told of itself.
void Server::trace(Sender sender, std::string_view body) {
  const bool is_told = session_.trace != TraceValue::off && session_.lifecycle == Lifecycle::running;
  if (!options_.trace && !is_told) return;
  const Trace::Entry entry = trace_.record(sender, body, session_.now());
  if (options_.trace) options_.trace(dump(entry.line));
  if (!is_told || session_.exit_code) return;
  json params = {{"message", entry.summary}};
  if (session_.trace == TraceValue::verbose) params["verbose"] = dump(entry.line["message"]);
  if (!write_(dump(make_notification("$/logTrace", std::move(params))))) session_.exit_code = 1;
}

}  // namespace seedling
