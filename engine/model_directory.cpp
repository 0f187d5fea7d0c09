#include "engine/model_directory.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace seedling {
namespace {

using Json = nlohmann::ordered_json;

// The user's configuration; an empty object where there is none.
Result<Json> read_user_config(const std::string& path) {
  std::error_code problem;
  if (path.empty() || !std::filesystem::exists(path, problem)) return Json::object();
  std::ifstream file(path, std::ios::binary);
  Json root = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (root.is_object()) return root;
  return invalid_input(path + ": expected a JSON object: mend or remove it");
}

}  // namespace

std::string default_model_directory() {
  namespace fs = std::filesystem;
  std::error_code problem;
  const fs::path executable = fs::read_symlink("/proc/self/exe", problem);
  if (problem) return "models";
  const fs::path folder = executable.parent_path();
  const std::array candidates = {(folder / "../../../models").lexically_normal(),
                                 (folder / "../share/seedling/model").lexically_normal()};
  for (const fs::path& candidate : candidates) {
    if (fs::exists(candidate / "config.json", problem)) return candidate.string();
  }
  return candidates.front().string();
}

std::string user_config_path() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  // The specification has relative paths ignored.
  if (const std::string folder = variable("XDG_CONFIG_HOME"); folder.starts_with('/')) {
    return folder + "/seedling/config.json";
  }
  const std::string home = variable("HOME");
  return home.empty() ? "" : home + "/.config/seedling/config.json";
}

Result<std::optional<std::string>> chosen_model_directory() {
  const std::string path = user_config_path();
  const Json root = TRY(read_user_config(path));
  const auto found = root.find("model");
  if (found == root.end()) return std::optional<std::string>();
  if (found->is_string()) return std::optional<std::string>(found->get<std::string>());
  return invalid_input(path + ": model: expected a folder's path, found " + found->dump() +
                       ": mend it with seedling model use");
}

Status choose_model_directory(const std::optional<std::string>& directory) {
  const std::string path = user_config_path();
  if (path.empty()) return invalid_input("neither XDG_CONFIG_HOME nor HOME is set: nowhere to remember it");
  Json root = TRY(read_user_config(path));
  if (directory) {
    root["model"] = *directory;
  } else if (root.erase("model") == 0) {
    return Done{};
  }
  std::error_code problem;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), problem);
  const std::string temporary = path + ".tmp";
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file << root.dump(2) << "\n";
  file.close();
  if (file) std::filesystem::rename(temporary, path, problem);
  if (!file || problem) return invalid_input(path + ": cannot be written");
  return Done{};
}

}  // namespace seedling
