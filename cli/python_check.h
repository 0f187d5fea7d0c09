// cli/python_check.h
//
// Runs a Python program that tests an answer: passed means that it ran to its end within the limits.
//   Each run has a process and a temporary folder of its own, 5 s of processor time, 10 s in all and 1 GiB of
//   memory; its output is discarded. This contains mistakes; it is no sandbox against malice.
//   Errors: not_found when there is no python3; internal when no process or folder can be made.
#pragma once

#include <string>

#include "engine/result.h"

namespace seedling::cli {

class PythonCheck {
 public:
  // Looks python3 up once: what is found first may be a slow launcher of the real one.
  static Result<PythonCheck> find();
  Result<bool> passes(const std::string& program) const;

 private:
  explicit PythonCheck(std::string interpreter) : interpreter_(std::move(interpreter)) {}
  std::string interpreter_;
};

}  // namespace seedling::cli
