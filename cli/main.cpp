// The `seedling` binary: runs the chosen command and turns errors into exit codes.
#include <exception>
#include <iostream>

#include "cli/command.h"

int main(int argc, char** argv) {
  using namespace seedling;
  const cli::Chosen chosen = cli::read_arguments(argc, argv);
  if (!chosen.run) return chosen.exit_code;
  try {
    const Result<int> code = chosen.run();
    if (!code.ok()) {
      cli::tell(code.error().message);
    } else if (!std::cout.flush()) {
      cli::tell("cannot write to standard output");
    } else {
      return code.value();
    }
  } catch (const std::exception& problem) {
    cli::tell(std::string("this should not have happened: ") + problem.what());
  }
  return 2;
}
