// tests/support/lsp_client.h
//
// LspClient: a whole server in memory, with a FakeGenerator and no threads: each call runs the loop until it
// is idle. With a Relay in front of the server, as an editor window has, the server can be made to die.
//   Keeps count of answers: a second answer to one request, or one to nobody, is noted in `violations`.
#pragma once

#include <spdlog/spdlog.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lsp/relay.h"
#include "lsp/server.h"
#include "tests/support/fake_generator.h"

namespace seedling {

class LspClient {
 public:
  explicit LspClient(std::optional<Error> missing_engine = std::nullopt, bool is_relayed = false)
      : missing_engine_(std::move(missing_engine)) {
    spdlog::set_level(spdlog::level::off);
    if (is_relayed) {
      relay_.emplace([this](std::string_view body) { receive(body); },
                     [this](std::string_view body) {
                       if (server_) server_->on_body(body);
                     });
    }
    make_server();
  }

  void send_text(std::string_view body) {
    const json message = json::parse(body, nullptr, false);
    if (expects_answer(message)) ++open_requests_[dump(message["id"])];
    if (relay_) {
      relay_->on_editor_body(body);
    } else {
      server_->on_body(body);
    }
    run();
  }
  void send(const json& message) { send_text(dump(message)); }
  void request(json id, std::string_view method, json params = nullptr) {
    send({{"jsonrpc", "2.0"}, {"id", std::move(id)}, {"method", method}, {"params", std::move(params)}});
  }
  void notify(std::string_view method, json params = nullptr) {
    send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
  }
  void end_input() {
    if (server_) server_->on_end();
    if (relay_) relay_->on_end("the server ends");
    has_ended_ = true;
    run();
  }
  bool release() {
    const bool was_held = script.release();
    run();
    return was_held;
  }

  // Does what was put off, however long; whether there was any.
  bool run_later() {
    const auto due = std::exchange(later_, {});
    for (const auto& work : due) work();
    run();
    return !due.empty();
  }
  // Answers what the server asked.
  void respond(const json& id, json result) {
    send({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
  }

  // As kill -9 does: nothing more comes from it.
  void engine_dies() {
    loop_.restart();
    loop_.poll();
    later_.clear();
    script.held.clear();
    is_server_heard_ = false;
    server_.reset();
    relay_->on_engine_gone();
  }
  void engine_returns() {
    make_server();
    relay_->on_engine_back();
    run();
  }

  // Runs everything that was posted.
  void run() {
    if (!is_running_posted) return;
    loop_.restart();
    loop_.poll();
  }

  // What arrived since the last call.
  std::vector<json> take() { return std::exchange(received_, {}); }
  // The one message that arrived since the last call; null if there was not exactly one.
  json take_one() {
    auto messages = take();
    return messages.size() == 1 ? messages.front() : json(nullptr);
  }

  // initialize and initialized; gives the answer to the first.
  json start(json capabilities = json::object(), json options = nullptr) {
    request(0, "initialize",
            {{"processId", nullptr},
             {"rootUri", "file:///w"},
             {"capabilities", std::move(capabilities)},
             {"initializationOptions", std::move(options)}});
    notify("initialized", json::object());
    return received_.empty() ? json(nullptr) : received_.front();
  }
  void open(const std::string& uri, const std::string& language, const std::string& text, int version = 1) {
    notify(
        "textDocument/didOpen",
        {{"textDocument", {{"uri", uri}, {"languageId", language}, {"version", version}, {"text", text}}}});
  }

  std::vector<std::string> unanswered() const {
    std::vector<std::string> ids;
    for (const auto& [id, count] : open_requests_) {
      if (count > 0) ids.push_back(id);
    }
    return ids;
  }
  int unloads() const { return script.destroyed; }
  Server& server() { return *server_; }
  Relay& relay() { return *relay_; }
  std::optional<int> exit_code() const {
    if (!relay_) return server_->exit_code();
    return has_ended_ || relay_->has_exited() ? std::optional(relay_->exit_code()) : std::nullopt;
  }

  FakeGenerator::Script script;
  std::vector<std::string> violations;
  std::vector<std::string> traced;
  std::chrono::steady_clock::time_point now{};
  int loads = 0;
  bool is_running_posted = true;  // false: what is posted waits, as if another thread took its time

 private:
  void make_server() {
    is_server_heard_ = true;
    server_ = std::make_unique<Server>(
        [this](std::string_view body) { return hear(body); },
        [this](std::function<void()> work) { asio::post(loop_, std::move(work)); },
        [this]() -> Result<std::unique_ptr<Generator>> {
          ++loads;
          if (missing_engine_) return *missing_engine_;
          return std::unique_ptr<Generator>(std::make_unique<FakeGenerator>(script));
        },
        ServerOptions{
            .session = {.loading = Loading::on_the_loop,
                        .later = [this](std::chrono::milliseconds,
                                        std::function<void()> work) { later_.push_back(std::move(work)); },
                        .now = [this] { return now; }},
            .trace = [this](std::string_view line) { traced.emplace_back(line); },
            .answers_document_hash = true});
  }

  bool hear(std::string_view body) {
    if (!is_server_heard_) return false;
    if (!relay_) return receive(body);
    relay_->on_engine_body(body);
    return true;
  }

  static bool expects_answer(const json& message) {
    const bool has_id = message.is_object() && message.contains("id") &&
                        (message["id"].is_number_integer() || message["id"].is_string());
    return has_id &&
           (message.contains("method") || !(message.contains("result") || message.contains("error")));
  }

  bool receive(std::string_view body) {
    json message = json::parse(body);
    if (!message.contains("method") && !message["id"].is_null() &&
        --open_requests_[dump(message["id"])] < 0) {
      violations.push_back("an answer too many: " + std::string(body));
    }
    received_.push_back(std::move(message));
    return true;
  }

  const std::optional<Error> missing_engine_;
  asio::io_context loop_;
  std::vector<json> received_;
  std::vector<std::function<void()>> later_;
  std::map<std::string, int> open_requests_;
  bool has_ended_ = false;
  bool is_server_heard_ = true;
  std::optional<Relay> relay_;
  std::unique_ptr<Server> server_;  // last: it writes until it is gone
};

}  // namespace seedling
