// cli/child_process.h
//
// Runs a program as a child with limits and waits for it.
//   The child is a process group of its own; all of it is killed when the time is over. Any thread.
//   Not for the language server. Errors: internal when no process can be made (says why).
#pragma once

#include <string>
#include <vector>

#include "engine/result.h"

namespace seedling::cli {

struct ChildCommand {
  std::vector<std::string> arguments;    // the first is looked up in PATH
  std::string folder;                    // where it runs; empty: here
  int wall_seconds = 0;                  // 0: no limit
  int cpu_seconds = 0;                   // 0: no limit
  std::size_t memory_bytes = 0;          // 0: no limit
  std::size_t file_bytes = 0;            // the longest file it may write; 0: no limit
  std::string input_file;                // its standard input; empty: nothing
  std::vector<std::string> environment;  // NAME=VALUE, all of it; empty: ours
  // Without network, where the system lets us take it away, and killed when the thread that started it ends.
  bool is_confined = false;
  bool keeps_output = false;  // standard output and error are returned together; else discarded
  bool drops_errors = false;  // standard error is discarded all the same
  bool keeps_report = false;  // what it writes to file descriptor 3 is returned
};

struct ChildResult {
  int exit_code = -1;  // -1: ended by a signal
  bool timed_out = false;
  std::string output;
  std::string report;
};

Result<ChildResult> run_child(const ChildCommand& command);

// Whether a confined child has no network here.
bool can_take_network_away();

}  // namespace seedling::cli
