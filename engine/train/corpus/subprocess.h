// engine/train/corpus/subprocess.h
//
// Runs another program to its end. No shell: arguments arrive as they are given.
//   Threads: any number at once. Errors: a program that cannot be started or fails gives invalid_input with
//   its name, its exit status and the last line it printed on stderr.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/result.h"

namespace seedling {

struct Command {
  std::vector<std::string> words;                                // program first; found through PATH
  std::string dir;                                               // where it runs; empty: here
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::string input;                                             // file that it reads on stdin; empty: none
};

// What the program printed on stdout.
Result<std::string> run_command(const Command& command);

}  // namespace seedling
