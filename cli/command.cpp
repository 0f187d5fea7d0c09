#include "cli/command.h"

#include <algorithm>
#include <iostream>

#include "engine/engine.h"
#include "engine/model_directory.h"

namespace seedling::cli {

EngineOptions engine_options(const GlobalOptions& global, const DecodeOptions& decode) {
  EngineOptions options;
  options.model_directory =
      global.model_directory.empty() ? default_model_directory() : global.model_directory;
  options.backend = global.backend;
  options.device = global.device;
  options.threads = global.threads;
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
