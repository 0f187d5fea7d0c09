// cli/eval/sandbox.h
//
// Runs programs that somebody's model wrote and says whether they are right.
//   Each run has processes and a temporary folder of its own, limits of processor time, time, memory and file
//   size, no network where the system lets us take it away, and an environment of four variables; what is
//   left running is killed. This contains mistakes; it is no prison for malice.
//   Any thread after open(). Errors: internal when no process or folder can be made.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "cli/child_process.h"
#include "cli/eval/case.h"
#include "cli/eval/work_folder.h"
#include "engine/result.h"

namespace seedling::cli {

struct ProgramRun {
  bool passed = false;
  std::string why;  // it did not pass: "does not compile", "wrong output", "out of time", "is killed",
                    // "leaves early", "fails"
  std::string
      output;  // what it printed, errors included; of the first test that failed where there are tests
};

class Sandbox {
 public:
  // Looks the tools up once: what is found first may be a slow launcher of the real one.
  static std::unique_ptr<Sandbox> open();

  bool can_run(Runner runner) const { return runners_.contains(runner); }
  bool is_offline() const { return is_offline_; }

  // A program without tests passes if it runs to its end; one that leaves early with status 0 does not.
  Result<ProgramRun> run(Runner runner, const std::string& program, std::span<const InputOutput> tests) const;

  // A Python program with files beside it; what it wrote to file descriptor 3, if it ended well.
  Result<std::optional<std::string>> run_python(const std::string& program, const WorkFolder& folder) const;

 private:
  ChildCommand command_in(const WorkFolder& folder, std::vector<std::string> arguments) const;
  Result<ProgramRun> compile_cpp(const WorkFolder& folder, bool only_checks) const;
  Result<ProgramRun> compile_java(const WorkFolder& folder) const;
  Result<ProgramRun> run_once(const WorkFolder& folder, Runner runner, const InputOutput* test) const;
  const std::string& compiled_headers() const;

  std::set<Runner> runners_;
  std::string python_, path_variable_;
  bool is_offline_ = false;
  // All of the standard library's headers, compiled when the first C++ program comes.
  WorkFolder headers_;
  mutable std::once_flag headers_made_;
  mutable std::string headers_flag_;
};

}  // namespace seedling::cli
