// lsp/session.h
//
// What the handlers share: one client, its settings and documents, and the way to the engine and back.
//   The loop thread owns it; only post() may be called from elsewhere. It outlives what was posted.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/document.h"
#include "lsp/inflight.h"
#include "lsp/lazy_generator.h"
#include "lsp/outgoing.h"
#include "lsp/prefetch.h"
#include "lsp/protocol.h"
#include "lsp/settings.h"

namespace seedling {

enum class Lifecycle { uninitialized, running, shut_down };

enum class MessageType { error = 1, warning = 2, info = 3, log = 4 };

using TimePoint = std::chrono::steady_clock::time_point;
// Runs a function on the loop after a while, unless the session has ended by then.
using Later = std::function<void(std::chrono::milliseconds, std::function<void()>)>;
using Now = std::function<TimePoint()>;

struct SessionOptions {
  Loading loading = Loading::on_a_thread;
  Later later = [](std::chrono::milliseconds, const std::function<void()>&) {};
  Now now = std::chrono::steady_clock::now;
};

struct Session {
  Session(Post post_to_loop, std::function<void(const json&)> send_to_client, GeneratorSource source,
          const SessionOptions& options);

  void notify(std::string_view method, json params) const;
  void request(std::string_view method, json params, Outgoing::OnResult on_result = {});
  void show_message(MessageType type, std::string_view text) const;

  // constant after construction
  Post post;
  std::function<void(const json& message)> send;
  Later later;
  Now now;

  // loop thread only
  Lifecycle lifecycle = Lifecycle::uninitialized;
  bool is_initialized = false;   // the client said so: from here on we may ask it for something
  std::optional<int> exit_code;  // set when the process is to end
  std::optional<std::int64_t> client_process;
  ClientCapabilities client;
  TraceValue trace = TraceValue::off;
  std::vector<std::string> folders;  // paths of the workspace's folders
  Settings settings;
  std::optional<TimePoint> snoozed_until;
  DocumentStore documents;
  Inflight inflight;
  Outgoing outgoing;
  Prefetch prefetch;
  std::map<std::string, json> registered;  // method -> the options it was registered with
  std::map<std::string, std::uint64_t>
      pushed_revision;                        // URI -> what the client was last sent diagnostics of
  std::optional<std::string> progress_token;  // of the loading that the client shows
  std::uint64_t last_progress = 0;
  LazyGenerator generator;  // last, so that its threads end before what they talk to
};

// The settings let the model see this document.
bool may_use(const Session& session, const Document& document);

// Other open documents that it may see, the nearest first; no more than are worth reading.
std::vector<DocumentPtr> neighbours_of(const Session& session, const Document& document);
std::vector<SnapshotPtr> snapshots_of(const std::vector<DocumentPtr>& documents);

// Nothing is offered while typing for now.
bool is_snoozed(const Session& session);

}  // namespace seedling
