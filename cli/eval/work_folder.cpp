#include "cli/eval/work_folder.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace seedling::cli {

namespace fs = std::filesystem;

WorkFolder::WorkFolder() {
  std::error_code problem;
  std::string name = (fs::temp_directory_path(problem) / "seedling-eval-XXXXXX").string();
  if (::mkdtemp(name.data()) != nullptr) path_ = name;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Status WorkFolder::write(std::string_view name, std::string_view text) const {
  std::ofstream file(*this / name, std::ios::binary);
  file << text;
  file.close();
  if (!path_.empty() && file) return Done{};
  return Error{ErrorCode::internal, "cannot write to the folder for temporary files"};
}

}  // namespace seedling::cli
