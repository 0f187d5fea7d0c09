// The settings: those given with initialize, those that the client sends, and those it is asked for; and the
// folders of the workspace.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "lsp/fields.h"
#include "lsp/handlers/handlers.h"
#include "lsp/uri.h"

namespace seedling {
namespace {

// Clients that register send the section or, as VS Code does, nothing: then they are to be asked.
void on_configuration(Session& session, DidChangeConfigurationParams params) {
  if (const json* section = find_path(params.settings, "seedling")) return apply_settings(session, *section);
  if (params.settings.is_null()) pull_settings(session);
}

void on_folders(Session& session, DidChangeWorkspaceFoldersParams params) {
  for (const std::string& uri : params.removed) std::erase(session.folders, path_of_uri(uri));
  for (const std::string& uri : params.added) {
    std::string path = path_of_uri(uri);
    const auto known = std::find(session.folders.begin(), session.folders.end(), path);
    if (known == session.folders.end()) session.folders.push_back(std::move(path));
  }
}

// What hangs on the settings, seen from before and after a change.
bool shows_diagnostics(const Settings& settings) {
  return settings.enable && settings.diagnostics;
}

}  // namespace

void apply_settings(Session& session, const json& section) {
  const Settings before = session.settings;
  const std::vector<std::string> problems = update_settings(session.settings, section);
  if (!problems.empty()) {
    std::string message = "Seedling's settings: ";
    for (const std::string& problem : problems) message += problem + "; ";
    session.show_message(MessageType::warning, message + "the old values stay.");
  }
  if (!session.settings.log_level.empty())
    spdlog::set_level(spdlog::level::from_str(session.settings.log_level));
  if (session.settings == before) return;
  update_registrations(session);
  const Settings& now = session.settings;
  const bool is_same =
      shows_diagnostics(before) == shows_diagnostics(now) &&
      (!now.diagnostics || (before.languages == now.languages && before.exclude == now.exclude));
  if (!is_same) refresh_diagnostics(session);
}

void pull_settings(Session& session) {
  if (!session.client.answers_configuration || !session.is_initialized) return;
  session.request("workspace/configuration", {{"items", {{{"section", "seedling"}}}}},
                  [&session](const json& result) {
                    const bool has_section = result.is_array() && !result.empty() && result[0].is_object();
                    if (has_section) apply_settings(session, result[0]);
                  });
}

void add_settings(Router& router) {
  router.on_notification("workspace/didChangeConfiguration", on_configuration);
  router.on_notification("workspace/didChangeWorkspaceFolders", on_folders);
}

}  // namespace seedling
