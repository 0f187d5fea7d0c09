// $/progress while the model is loaded. A model that is there in a moment is not worth a line on the screen.

#include <utility>

#include "lsp/handlers/handlers.h"

namespace seedling {
namespace {

constexpr std::chrono::milliseconds kWorthTelling{400};

void report(Session& session, const std::string& token, json value) {
  session.notify("$/progress", {{"token", token}, {"value", std::move(value)}});
}

void begin(Session& session) {
  const std::string token = "seedling-loading-" + std::to_string(++session.last_progress);
  session.request("window/workDoneProgress/create", {{"token", token}}, [&session, token](const json&) {
    if (!session.generator.is_loading() || session.progress_token) return;
    session.progress_token = token;
    report(session, token, {{"kind", "begin"}, {"title", "Seedling"}, {"message", "loading the model"}});
  });
}

}  // namespace

void show_loading(Session& session) {
  if (!session.client.shows_progress || !session.is_initialized) return;
  if (session.generator.is_loading()) {
    session.later(kWorthTelling, [&session] {
      const bool is_running = session.lifecycle == Lifecycle::running;
      if (is_running && session.generator.is_loading()) begin(session);
    });
  } else if (const auto token = std::exchange(session.progress_token, std::nullopt)) {
    report(session, *token, {{"kind", "end"}});
  }
}

}  // namespace seedling
