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
    std::cout.flush();
    if (code.ok()) return code.value();
    cli::tell(code.error().message);
  } catch (const std::exception& problem) {
    cli::tell(std::string("this should not have happened: ") + problem.what());
  }
  return 2;
}
