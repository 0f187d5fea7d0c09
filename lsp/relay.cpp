#include "lsp/relay.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "lsp/fields.h"
#include "lsp/protocol.h"

namespace seedling {
namespace {

// No client's own id begins so.
constexpr std::string_view kOwnId = "seedling:";
constexpr std::string_view kReplayId = "seedling:initialize";
constexpr std::string_view kPingId = "seedling:ping:";

std::string engine_id(std::uint64_t generation) {
  return std::string(kOwnId) + std::to_string(generation) + ":";
}

std::string text_of(const json* value) {
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

PositionEncoding encoding_named(const std::string& name) {
  if (name == "utf-8") return PositionEncoding::utf8;
  return name == "utf-32" ? PositionEncoding::utf32 : PositionEncoding::utf16;
}

}  // namespace

Relay::Relay(Send to_editor, Send to_engine)
    : to_editor_(std::move(to_editor)), to_engine_(std::move(to_engine)) {}

void Relay::on_editor_body(std::string_view body) {
  if (has_exited_) return;
  const Message message = parse_message(body);
  if (const auto* request = std::get_if<Request>(&message)) return on_editor_request(*request, body);
  if (const auto* told = std::get_if<Notification>(&message)) return on_editor_notification(*told, body);
  if (std::holds_alternative<Response>(message)) return on_editor_response(body);
  // The engine says what is wrong with it.
  const auto& malformed = std::get<Malformed>(message);
  if (has_engine_) {
    if (!malformed.id.is_null()) waiting_.emplace(dump(malformed.id), Asked{malformed.id, "", ""});
    return to_engine_(body);
  }
  to_editor_(dump(make_error(malformed.id, malformed.code, malformed.message)));
}

void Relay::on_editor_request(const Request& request, std::string_view body) {
  Asked asked{request.id, request.method, ""};
  const bool is_first_initialize = request.method == "initialize" && !initialize_;
  if (is_first_initialize) {
    note_initialize(request);
    asked.body = body;
  }
  if (!has_engine_ && !is_first_initialize) return refuse(asked, "the engine is being started again");
  waiting_.emplace(dump(request.id), std::move(asked));
  if (has_engine_) to_engine_(body);
}

void Relay::note_initialize(const Request& request) {
  initialize_ = request.params;
  // Progress of a new engine's start is nobody's.
  if (initialize_->is_object()) initialize_->erase("workDoneToken");
  const json* process = find_path(request.params, "processId");
  if (process && process->is_number_integer()) client_process_ = process->get<std::int64_t>();
}

void Relay::on_editor_notification(const Notification& notification, std::string_view body) {
  const std::string& method = notification.method;
  if (method == "exit") has_exited_ = true;
  if (method == "initialized") has_sent_initialized_ = true;
  if (method == "workspace/didChangeConfiguration" || method == "$/setTrace") last_of_method_[method] = body;
  if (method == "workspace/didChangeWorkspaceFolders") folder_changes_.emplace_back(body);
  if (is_initialized_) {
    follow_documents(notification);
  } else if (initialize_ && method.starts_with("textDocument/")) {
    early_.emplace_back(body);  // how positions count is not agreed on yet
  }
  if (has_engine_) to_engine_(body);
}

// As the engine itself does: what it would drop is dropped.
void Relay::follow_documents(const Notification& notification) {
  const std::string& method = notification.method;
  if (method == "textDocument/didOpen") {
    auto params = DidOpenParams::parse(notification.params);
    if (!params.ok()) return;
    open_.insert(params->uri);
    documents_.open(std::move(params->uri),
                    {"", std::move(params->language), params->version, std::move(params->text)});
  } else if (method == "textDocument/didChange") {
    const auto params = DidChangeParams::parse(notification.params);
    if (!params.ok()) return;
    if (!params->problem.empty()) return documents_.drop(params->uri);
    const Status changed = documents_.change(params->uri, params->version, params->changes, encoding_);
    if (!changed.ok()) spdlog::debug("a change could not be followed: {}", changed.error().message);
  } else if (method == "textDocument/didClose") {
    const auto params = DidCloseParams::parse(notification.params);
    if (!params.ok()) return;
    open_.erase(params->uri);
    documents_.close(params->uri);
  }
}

// Ids of a later engine's requests carry which engine asked: each counts from the start again.
void Relay::on_editor_response(std::string_view body) {
  json message = json::parse(body, nullptr, /*allow_exceptions=*/false);
  const std::string id = text_of(find_path(message, "id"));
  if (has_engine_ && generation_ == 1) return to_engine_(body);
  const std::string prefix = engine_id(generation_);
  if (!has_engine_ || !id.starts_with(prefix)) return spdlog::debug("an answer to an engine that is gone");
  message["id"] = json::parse(id.substr(prefix.size()), nullptr, /*allow_exceptions=*/false);
  to_engine_(dump(message));
}

void Relay::on_engine_body(std::string_view body) {
  json message = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!message.is_object()) return spdlog::error("the engine said something that is no message");
  const bool has_id = message.contains("id");
  if (!message.contains("method")) return on_engine_response(message, body);
  if (has_id) return on_engine_request(std::move(message));
  on_engine_notification(message, body);
}

void Relay::on_engine_response(const json& message, std::string_view body) {
  const json* id = find_path(message, "id");
  const std::string text = text_of(id);
  if (text.starts_with(kPingId)) {
    const json* overdue = find_path(message, "result", "overdueMs");
    overdue_ = std::chrono::milliseconds(overdue && overdue->is_number_integer() ? overdue->get<int>() : 0);
    return;
  }
  if (text == kReplayId) return;
  const auto asked = id ? waiting_.find(dump(*id)) : waiting_.end();
  if (asked == waiting_.end()) return to_editor_(body);
  const bool is_result = message.contains("result");
  if (!asked->second.body.empty()) on_initialized(message);
  if (asked->second.method == "shutdown" && is_result) is_shut_down_ = true;
  waiting_.erase(asked);
  to_editor_(body);
}

void Relay::on_initialized(const json& answer) {
  const std::vector<std::string> early = std::exchange(early_, {});
  is_initialized_ = answer.contains("result");
  if (!is_initialized_) return initialize_.reset();
  encoding_ = encoding_named(text_of(find_path(answer, "result", "capabilities", "positionEncoding")));
  for (const std::string& body : early) {
    const Message message = parse_message(body);
    follow_documents(std::get<Notification>(message));
  }
}

void Relay::on_engine_request(json message) {
  if (is_registered_already(message)) {
    return to_engine_(dump(make_result(message["id"], nullptr)));
  }
  if (generation_ > 1) message["id"] = engine_id(generation_) + dump(message["id"]);
  to_editor_(dump(message));
}

// A new engine registers what the editor has from the one before.
bool Relay::is_registered_already(const json& message) {
  if (message["method"] == "client/registerCapability") {
    return !registrations_.insert(dump(message.value("params", json()))).second;
  }
  if (message["method"] == "client/unregisterCapability") registrations_.clear();
  return false;
}

void Relay::on_engine_notification(const json& message, std::string_view body) {
  if (message["method"] == "$/progress") {
    const json* token = find_path(message, "params", "token");
    const std::string kind = text_of(find_path(message, "params", "value", "kind"));
    if (token && kind == "begin") progress_.insert(dump(*token));
    if (token && kind == "end") progress_.erase(dump(*token));
  }
  to_editor_(body);
}

void Relay::on_engine_gone() {
  has_engine_ = false;
  overdue_ = {};
  for (const std::string& token : std::exchange(progress_, {})) {
    to_editor_(
        dump(make_notification("$/progress", {{"token", json::parse(token)}, {"value", {{"kind", "end"}}}})));
  }
  auto waiting = std::exchange(waiting_, {});
  for (auto& [id, asked] : waiting) {
    if (!asked.body.empty()) {
      waiting_.emplace(id, std::move(asked));  // the next engine answers it
    } else {
      refuse(asked, "the engine ended before it could answer");
    }
  }
}

// What typing asked for is dropped without a word, as editors drop what they cancelled themselves.
void Relay::refuse(const Asked& asked, std::string_view why) {
  if (asked.method == "shutdown") {
    is_shut_down_ = true;
    return to_editor_(dump(make_result(asked.id, nullptr)));
  }
  if (is_shut_down_) {
    return to_editor_(dump(
        make_error(asked.id, rpc_error::invalid_request, "the server is shut down: only exit may follow")));
  }
  const bool is_typing =
      asked.method == "textDocument/inlineCompletion" || asked.method == "textDocument/completion";
  const int code = is_typing ? rpc_error::request_cancelled : rpc_error::request_failed;
  to_editor_(dump(make_error(asked.id, code, why)));
}

void Relay::on_engine_back() {
  has_engine_ = true;
  ++generation_;
  if (!initialize_) return;
  if (!is_initialized_) {
    // The answer may come before the call returns, and takes the request out of what waits.
    const auto asked = std::find_if(waiting_.begin(), waiting_.end(),
                                    [](const auto& entry) { return !entry.second.body.empty(); });
    if (asked != waiting_.end()) to_engine_(std::string(asked->second.body));
  } else {
    to_engine_(
        dump({{"jsonrpc", "2.0"}, {"id", kReplayId}, {"method", "initialize"}, {"params", *initialize_}}));
  }
  if (has_sent_initialized_) to_engine_(dump(make_notification("initialized", json::object())));
  for (const std::string& change : folder_changes_) to_engine_(change);
  for (const auto& [method, body] : last_of_method_) to_engine_(body);
  for (const std::string& body : early_) to_engine_(body);
  reopen_documents();
}

void Relay::reopen_documents() {
  for (const std::string& uri : open_) {
    const auto document = documents_.find(uri);
    if (!document.ok()) continue;
    const Snapshot& snapshot = *(*document)->snapshot;
    to_engine_(dump(make_notification("textDocument/didOpen", {{"textDocument",
                                                                {{"uri", uri},
                                                                 {"languageId", snapshot.language},
                                                                 {"version", snapshot.version},
                                                                 {"text", snapshot.text}}}})));
  }
}

void Relay::on_end(std::string_view why) {
  for (const auto& [id, asked] : std::exchange(waiting_, {}))
    to_editor_(dump(make_error(asked.id, rpc_error::request_cancelled, why)));
}

void Relay::ping() {
  if (!has_engine_) return;
  to_engine_(dump({{"jsonrpc", "2.0"},
                   {"id", std::string(kPingId) + std::to_string(++last_ping_)},
                   {"method", "seedling/ping"}}));
}

void Relay::show_message(int type, std::string_view text) {
  to_editor_(dump(make_notification("window/showMessage", {{"type", type}, {"message", text}})));
}

}  // namespace seedling
