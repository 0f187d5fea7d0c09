// cli/eval/work_folder.h
//
// A temporary folder of one's own that goes with all it holds at the end of its life.
//   Any thread. Errors: none; path() is empty where no folder can be made, and write() fails then.
#pragma once

#include <string>
#include <string_view>

#include "engine/result.h"

namespace seedling::cli {

class WorkFolder {
 public:
  WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder();

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  Status write(std::string_view name, std::string_view text) const;

 private:
  std::string path_;
};

}  // namespace seedling::cli
