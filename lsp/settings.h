// lsp/settings.h
//
// The `seedling.*` settings, as both editors send them.
//   Errors: a bad value leaves the old one and is named in the problems. An absent one stays as it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/rpc.h"

namespace seedling {

enum class Trigger { automatic, manual };

struct Settings {
  bool enable = true;
  Trigger trigger = Trigger::automatic;
  int max_lines = 8;
  int max_tokens = 96;
  int candidates = 3;            // of an invoked completion; typing asks for one
  int latency_budget_ms = 500;   // 0: none
  int idle_unload_minutes = 30;  // 0: the engine stays loaded
  // By LSP language id; "*" stands for those that are not named. Empty: every language.
  std::map<std::string, bool, std::less<>> languages;
  std::vector<std::string> exclude = {"**/.env*", "**/*.pem", "**/*.key", "**/id_rsa*", "**/secrets.*"};
  // While typing nothing is offered that is less sure; nothing: what the model is calibrated to.
  std::optional<float> min_confidence;
  bool prefetch = true;      // while nothing else is to be done, what would follow if the offer were accepted
  bool diagnostics = false;  // what our own parser finds wrong
  std::string log_level;     // empty: as the command line says
  bool operator==(const Settings&) const = default;
};

// Takes the `seedling` section over into `settings`; returns one line for each value that was refused.
std::vector<std::string> update_settings(Settings& settings, const json& section);

// `path` is absolute or as in path_of_uri. A pattern without "/" is compared with the file's name alone.
bool is_excluded(const Settings& settings, std::string_view path);
bool wants_language(const Settings& settings, std::string_view language);

}  // namespace seedling
