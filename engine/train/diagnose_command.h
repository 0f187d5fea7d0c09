// engine/train/diagnose_command.h
//
// `seedling-train diagnose`: makes mistakes in the corpus' files and asks compilers and linters what they say.
//   Errors: one line on stderr, exit_code 2; a tool that is not installed is a line on stderr.
#pragma once

namespace CLI {
class App;
}

namespace seedling {

void add_diagnose_command(CLI::App& app, int& exit_code);

}  // namespace seedling
