// engine/model_directory.h
//
// Where the model stands when nobody says: the folder that the user chose with `seedling model use`, else the
// one that ships. The choice is the member "model" of config.json in the user's configuration folder.
//   Any thread; one process at a time writes.
//   Errors: invalid_input for a configuration that cannot be read or written, with its path.
#pragma once

#include <optional>
#include <string>

#include "engine/result.h"

namespace seedling {

// The model that ships: <executable>/../../../models if it holds a config.json (build/<preset>/bin/seedling),
// else <executable>/../share/seedling/model; the first of the two if neither does, so that errors name it.
std::string default_model_directory();

// $XDG_CONFIG_HOME/seedling/config.json, else $HOME/.config/seedling/config.json; empty if neither is set.
std::string user_config_path();

// What the user chose; nothing if nothing.
Result<std::optional<std::string>> chosen_model_directory();

// Remembers an absolute path, or forgets it; other members of the file stay.
Status choose_model_directory(const std::optional<std::string>& directory);

}  // namespace seedling
