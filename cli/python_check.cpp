#include "cli/python_check.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "cli/child_process.h"

namespace seedling::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kCpuSeconds = 5;
constexpr int kWallSeconds = 10;
constexpr std::size_t kMemoryBytes = std::size_t{1} << 30;
constexpr std::size_t kFileBytes = std::size_t{16} << 20;

// Written at the program's end: an early exit with status 0 is no pass.
constexpr std::string_view kReached = "reached";
constexpr std::string_view kReport = "\nimport os as _os\n_os.write(3, b'reached')\n";

class WorkFolder {
 public:
  WorkFolder() {
    std::error_code problem;
    std::string name = (fs::temp_directory_path(problem) / "seedling-eval-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

Result<PythonCheck> PythonCheck::find() {
  ChildCommand ask;
  ask.arguments = {"python3", "-c", "import sys; print(sys.executable)"};
  ask.keeps_output = true;
  ask.wall_seconds = kWallSeconds;
  const ChildResult answer = TRY(run_child(ask));
  std::string path = answer.output.substr(0, answer.output.find('\n'));
  if (answer.exit_code != 0 || !fs::exists(path)) {
    return not_found("--execute runs the tests with python3, which is not installed");
  }
  return PythonCheck(std::move(path));
}

Result<bool> PythonCheck::passes(const std::string& program) const {
  const WorkFolder folder;
  std::ofstream file(folder.path() + "/program.py", std::ios::binary);
  file << program << kReport;
  file.close();
  if (folder.path().empty() || !file) {
    return Error{ErrorCode::internal, "cannot write to the folder for temporary files"};
  }
  ChildCommand command;
  command.arguments = {interpreter_, "-I", "-S", "-B", "program.py"};
  command.folder = folder.path();
  command.cpu_seconds = kCpuSeconds;
  command.wall_seconds = kWallSeconds;
  command.memory_bytes = kMemoryBytes;
  command.file_bytes = kFileBytes;
  command.keeps_report = true;
  const ChildResult result = TRY(run_child(command));
  return result.exit_code == 0 && result.report == kReached;
}

}  // namespace seedling::cli
