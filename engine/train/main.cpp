// seedling-train: corpus, tokenizer, training runs, export. Never linked into the server.
#include <CLI/CLI.hpp>

#include "engine/train/corpus_command.h"
#include "engine/train/diagnose_command.h"
#include "engine/train/functions_command.h"
#include "engine/train/tokenizer_command.h"
#include "engine/train/train_command.h"
#include "engine/train/trajectories_command.h"

int main(int argc, char** argv) {
  CLI::App app{"seedling-train: makes the corpus, the tokenizer and the weights"};
  app.set_version_flag("--version", "seedling-train " SEEDLING_VERSION);
  app.require_subcommand(1);
  int exit_code = 0;
  seedling::add_corpus_command(app, exit_code);
  seedling::add_diagnose_command(app, exit_code);
  seedling::add_functions_command(app, exit_code);
  seedling::add_tokenizer_command(app, exit_code);
  seedling::add_train_commands(app, exit_code);
  seedling::add_trajectories_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  return exit_code;
}
