#include "cli/command.h"

#include <algorithm>
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

EngineOptions engine_options(const GlobalOptions& global, const DecodeOptions& decode) {
  EngineOptions options;
  options.model_directory = model_directory_of(global);
  options.backend = global.backend;
  options.device = global.device;
  options.threads = global.threads;
  if (global.cache_mib >= 0) options.cache_bytes = static_cast<std::size_t>(global.cache_mib) << 20;
  options.block_size = decode.block;
  options.commit_threshold = decode.threshold;
  return options;
}

void tell(const std::string& text) {
  std::string line = text;
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::cerr << "seedling: " + line + "\n";
}

}  // namespace seedling::cli
