// tests/cli/program.h
//
// Runs the built `seedling` with arguments and gives what it printed and how it ended.
//   Every test has a temporary folder; files are written there. Aborts the test where no process can be made.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/tiny_model.h"

namespace seedling::test {

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

inline void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
}

struct Ran {
  int code = -1;
  std::string out, err;
};

// Files of one test, a tiny model among them.
class ProgramTest {
 public:
  ProgramTest() { write_tiny_model(folder_ / "model"); }

  std::string file(const std::string& name, const std::string& text) const {
    write_text(folder_ / name, text);
    return folder_ / name;
  }
  std::string operator/(const std::string& name) const { return folder_ / name; }
  std::string model() const { return folder_ / "model"; }

  // The arguments as the shell reads them.
  Ran run(const std::string& arguments) const {
    return shell(std::string(SEEDLING_BINARY) + " " + arguments);
  }
  Ran run_with_model(const std::string& arguments) const {
    return run(arguments + " --threads 1 --model " + model());
  }

  Ran shell(const std::string& command) const {
    const std::string out = folder_ / "stdout", err = folder_ / "stderr";
    const int status = std::system(
        ("cd " + folder_.path() + " && { " + command + "; } >" + out + " 2>" + err + " </dev/null").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(out), read_text(err)};
  }

 private:
  TemporaryFolder folder_;
};

// Bad usage or input: exit 2, nothing on standard output, one line on standard error that says `part`.
inline void check_refused(const Ran& ran, const std::string& part) {
  INFO(ran.err);
  CHECK(ran.code == 2);
  CHECK(ran.out.empty());
  CHECK(ran.err.starts_with("seedling: "));
  CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
  CHECK(ran.err.find(part) != std::string::npos);
}

}  // namespace seedling::test
