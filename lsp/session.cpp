#include "lsp/session.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "lsp/uri.h"

namespace seedling {

Session::Session(Post post_to_loop, std::function<void(const json&)> send_to_client, GeneratorSource source,
                 Loading loading)
    : post(std::move(post_to_loop)),
      send(std::move(send_to_client)),
      generator(std::move(source), post, loading, [this](const Error& error) {
        spdlog::error("the engine could not be started: {}", error.message);
        show_message(MessageType::error, "Seedling gives no suggestions: " + error.message);
      }) {}

void Session::show_message(MessageType type, std::string_view text) const {
  send(make_notification("window/showMessage", {{"type", static_cast<int>(type)}, {"message", text}}));
}

bool may_use(const Session& session, const Document& document) {
  return session.settings.enable && wants_language(session.settings, document.snapshot->language) &&
         !is_excluded(session.settings, path_of_uri(document.uri));
}

}  // namespace seedling
