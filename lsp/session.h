// lsp/session.h
//
// What the handlers share: one client, its settings and documents, and the way to the engine and back.
//   The loop thread owns it; only post() may be called from elsewhere. It outlives what was posted.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/document.h"
#include "lsp/inflight.h"
#include "lsp/lazy_generator.h"
#include "lsp/protocol.h"
#include "lsp/settings.h"

namespace seedling {

enum class Lifecycle { uninitialized, running, shut_down };

enum class MessageType { error = 1, warning = 2, info = 3, log = 4 };

struct Session {
  Session(Post post_to_loop, std::function<void(const json&)> send_to_client, GeneratorSource source,
          Loading loading);

  void show_message(MessageType type, std::string_view text) const;

  // constant after construction
  Post post;
  std::function<void(const json& message)> send;

  // loop thread only
  Lifecycle lifecycle = Lifecycle::uninitialized;
  std::optional<int> exit_code;  // set when the process is to end
  std::optional<std::int64_t> client_process;
  ClientCapabilities client;
  std::vector<std::string> folders;  // paths of the workspace's folders
  Settings settings;
  DocumentStore documents;
  Inflight inflight;
  LazyGenerator generator;  // last, so that its threads end before what they talk to
};

// The settings let the model see this document.
bool may_use(const Session& session, const Document& document);

}  // namespace seedling
