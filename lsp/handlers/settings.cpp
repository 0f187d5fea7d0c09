// workspace/didChangeConfiguration and the settings given with initialize.

#include <spdlog/spdlog.h>

#include <utility>

#include "lsp/fields.h"
#include "lsp/handlers/handlers.h"

namespace seedling {
namespace {

void on_configuration(Session& session, DidChangeConfigurationParams params) {
  if (const json* section = find_path(params.settings, "seedling")) apply_settings(session, *section);
}

}  // namespace

void apply_settings(Session& session, const json& section) {
  const std::vector<std::string> problems = update_settings(session.settings, section);
  if (!problems.empty()) {
    std::string message = "Seedling's settings: ";
    for (const std::string& problem : problems) message += problem + "; ";
    session.show_message(MessageType::warning, message + "the old values stay.");
  }
  if (!session.settings.log_level.empty())
    spdlog::set_level(spdlog::level::from_str(session.settings.log_level));
}

void add_settings(Router& router) {
  router.on_notification("workspace/didChangeConfiguration", on_configuration);
}

}  // namespace seedling
