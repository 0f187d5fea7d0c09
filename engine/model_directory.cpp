#include "engine/model_directory.h"

#include <array>
#include <filesystem>

namespace seedling {

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

}  // namespace seedling
