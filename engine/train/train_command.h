// engine/train/train_command.h
//
// `seedling-train run` and `seedling-train export`: flags onto RunOptions. Main thread only; no torch in
// sight, so a build without libtorch still has the commands and says what it lacks.
#pragma once

#include <CLI/CLI.hpp>

namespace seedling {

void add_train_commands(CLI::App& app, int& exit_code);

}  // namespace seedling
