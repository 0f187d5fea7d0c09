#include "lsp/session.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "lsp/uri.h"

namespace seedling {

Session::Session(Post post_to_loop, std::function<void(const json&)> send_to_client, GeneratorSource source,
                 const SessionOptions& options)
    : post(std::move(post_to_loop)),
      send(std::move(send_to_client)),
      later(options.later),
      now(options.now),
      generator(std::move(source), post, options.loading, [this](const Error& error) {
        spdlog::error("the engine could not be started: {}", error.message);
        show_message(MessageType::error, "Seedling gives no suggestions: " + error.message);
      }) {}

void Session::notify(std::string_view method, json params) const {
  send(make_notification(method, std::move(params)));
}

void Session::request(std::string_view method, json params, Outgoing::OnResult on_result) {
  outgoing.request(send, method, std::move(params), std::move(on_result));
}

void Session::show_message(MessageType type, std::string_view text) const {
  notify("window/showMessage", {{"type", static_cast<int>(type)}, {"message", text}});
}

bool may_use(const Session& session, const Document& document) {
  return session.settings.enable && wants_language(session.settings, document.snapshot->language) &&
         !is_excluded(session.settings, path_of_uri(document.uri));
}

std::vector<DocumentPtr> neighbours_of(const Session& session, const Document& document) {
  constexpr std::size_t kMostNeighbours = 16;
  std::vector<DocumentPtr> neighbours = session.documents.neighbours_of(document);
  std::erase_if(neighbours, [&](const DocumentPtr& other) { return !may_use(session, *other); });
  if (neighbours.size() > kMostNeighbours) neighbours.resize(kMostNeighbours);
  return neighbours;
}

std::vector<SnapshotPtr> snapshots_of(const std::vector<DocumentPtr>& documents) {
  std::vector<SnapshotPtr> snapshots;
  for (const DocumentPtr& document : documents) snapshots.push_back(document->snapshot);
  return snapshots;
}

bool is_snoozed(const Session& session) {
  return session.snoozed_until && session.now() < *session.snoozed_until;
}

}  // namespace seedling
