// engine/train/functions_command.h
//
// `seedling-train functions`: takes the self-contained functions out of the corpus' files, as a split of
//   their own, and counts them in functions.json.
//   Errors: one line on stderr, exit_code 2.
#pragma once

namespace CLI {
class App;
}

namespace seedling {

void add_functions_command(CLI::App& app, int& exit_code);

}  // namespace seedling
