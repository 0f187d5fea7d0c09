#include "cli/command.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "engine/engine.h"
#include "engine/model_directory.h"

namespace seedling::cli {

namespace {

std::string model_directory_of(const GlobalOptions& global) {
  if (!global.model_directory.empty()) return global.model_directory;
  const Result<std::optional<std::string>> chosen = chosen_model_directory();
  if (!chosen.ok()) tell(chosen.error().message + "; the model that ships is used");
  return chosen.ok() && *chosen ? **chosen : default_model_directory();
}

}  // namespace

std::string cache_folder() {
  // The specification of these folders tells to ignore a relative path.
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return std::string(cache) + "/seedling";
  const char* home = std::getenv("HOME");
  return home != nullptr && home[0] == '/' ? std::string(home) + "/.cache/seedling" : std::string();
}

EngineOptions engine_options(const GlobalOptions& global, const DecodeOptions& decode, Usual usual) {
  EngineOptions options;
  options.model_directory = model_directory_of(global);
  options.backend = global.backend;
  options.device = global.device;
  options.threads = global.threads;
  if (global.cache_mib >= 0) options.cache_bytes = static_cast<std::size_t>(global.cache_mib) << 20;
  options.budget.neighbour_tokens = global.neighbour_tokens;
  const bool is_told = !decode.block.empty() || decode.threshold.has_value();
  options.is_adaptive = decode.block == "auto" || (!is_told && usual == Usual::adaptive);
  if (options.is_adaptive && !decode.ignores_profile) options.profile_folder = cache_folder();
  if (is_told && decode.block != "auto" && !decode.block.empty())
    options.block_size = std::stoi(decode.block);
  options.commit_threshold = decode.threshold.value_or(options.commit_threshold);
  return options;
}

void tell(const std::string& text) {
  std::string line = text;
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::cerr << "seedling: " + line + "\n";
}

}  // namespace seedling::cli
