// lsp/relay.h
//
// Relay: what stands between an editor and an engine that may die, so that the editor does not notice.
//   Messages pass through unchanged. On the way it keeps what a new engine has to be told: initialize,
//   settings and the open documents with their present text; and which requests the engine owes an answer.
//   The loop thread owns it; pure: no I/O, no clock. Guarantees: every request that came from the editor gets
//   exactly one reply, from the engine or, when that is gone, from here. Errors: a document whose changes
//   cannot be followed is not given to the next engine, which says so when it is asked about it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/document.h"
#include "lsp/rpc.h"

namespace seedling {

class Relay {
 public:
  using Send = std::function<void(std::string_view body)>;

  Relay(Send to_editor, Send to_engine);

  void on_editor_body(std::string_view body);
  void on_engine_body(std::string_view body);

  // What waits is answered; what comes until there is an engine again is answered here too.
  void on_engine_gone();
  // A new engine is told how things stand.
  void on_engine_back();
  // The input ended: what waits will not be asked for again.
  void on_end(std::string_view why);

  // Asks the engine for a sign of life. The answer counts as one, and says whether a call hangs in it.
  void ping();
  // For how long a call that was told to stop goes on in the engine, as it said last.
  std::chrono::milliseconds overdue() const { return overdue_; }
  // The editor waits for the engine.
  bool is_waiting() const { return !waiting_.empty(); }

  void show_message(int type, std::string_view text);

  bool has_exited() const { return has_exited_; }
  bool is_shut_down() const { return is_shut_down_; }
  int exit_code() const { return is_shut_down_ ? 0 : 1; }
  std::optional<std::int64_t> client_process() const { return client_process_; }

 private:
  struct Asked {
    json id;
    std::string method;
    std::string body;  // of initialize only, to be asked again
  };

  void on_editor_request(const Request& request, std::string_view body);
  void on_editor_notification(const Notification& notification, std::string_view body);
  void on_editor_response(std::string_view body);
  void on_engine_response(const json& message, std::string_view body);
  void on_engine_request(json message);
  void on_engine_notification(const json& message, std::string_view body);
  bool is_registered_already(const json& message);
  void follow_documents(const Notification& notification);
  void on_initialized(const json& answer);
  void note_initialize(const Request& request);
  void refuse(const Asked& asked, std::string_view why);
  void reopen_documents();

  const Send to_editor_;  // constant after construction
  const Send to_engine_;

  bool has_engine_ = true;
  std::uint64_t generation_ = 1;  // of the engine
  std::uint64_t last_ping_ = 0;
  std::chrono::milliseconds overdue_{0};
  std::multimap<std::string, Asked> waiting_;  // by the id's JSON

  // What a new engine has to be told.
  std::optional<json> initialize_;  // as it came
  bool is_initialized_ = false;     // it was answered
  bool has_sent_initialized_ = false;
  std::vector<std::string> early_;  // what was said of documents before initialize was answered
  std::map<std::string, std::string> last_of_method_;  // notifications of which only the last one counts
  std::vector<std::string> folder_changes_;
  DocumentStore documents_;
  std::set<std::string> open_;  // URIs
  PositionEncoding encoding_ = PositionEncoding::utf16;

  std::set<std::string> registrations_;  // that the editor has
  std::set<std::string> progress_;       // tokens of progress that has begun
  std::optional<std::int64_t> client_process_;
  bool is_shut_down_ = false;
  bool has_exited_ = false;
};

}  // namespace seedling
