// engine/train/corpus_command.h
//
// `seedling-train corpus`: fetches the packages of a recipe and builds the training corpus from them.
//   Errors: one line on stderr, exit_code 2; a package that cannot be had is a warning and a line in the
//   report.
#pragma once

namespace CLI {
class App;
}

namespace seedling {

void add_corpus_command(CLI::App& app, int& exit_code);

}  // namespace seedling
