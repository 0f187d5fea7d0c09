// engine/train/corpus/diagnosing_tools.h
//
// What compilers and linters say of mistaken versions of a file, in their own words: g++, clang++, the Python
// compiler, pyflakes and the TypeScript compiler.
//   One process works on many files (a Python process that calls the compilers or holds pyflakes, a Node
//   process with one language service). A message counts if the file has it only with the mistake: headers
//   that are not there bring errors of their own, the same ones before and after.
//   Threads: any number at once. Errors: those of run_command().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"

namespace seedling {

enum class DiagnosingTool { python, pyflakes, gcc, clang, typescript };
inline constexpr DiagnosingTool kDiagnosingTools[] = {DiagnosingTool::python, DiagnosingTool::pyflakes,
                                                      DiagnosingTool::gcc, DiagnosingTool::clang,
                                                      DiagnosingTool::typescript};

std::string_view name_of(DiagnosingTool tool);
bool speaks(DiagnosingTool tool, std::string_view language);

// Where modules are looked for that are not installed for everybody: folders as PYTHONPATH and NODE_PATH have
// them; empty: nowhere else.
struct ToolPaths {
  std::string python, node;
};

// Whether it is installed here: it is given a mistake and has to complain.
bool is_installed(DiagnosingTool tool, const ToolPaths& paths);

struct ToolJob {
  std::string language;               // LSP language id
  std::string text;                   // as it is right
  std::vector<std::string> mistaken;  // the same text with a mistake each
};

struct ToolMessage {
  int line = 0;    // 1-based; 0: the tool has nothing to say of the mistake
  int column = 0;  // 1-based, in bytes
  std::string text;
};

// For each mistaken version of each job the first new message. `seconds` bounds the whole call: versions that
// were not reached have none.
Result<std::vector<std::vector<ToolMessage>>> diagnose(DiagnosingTool tool, const std::vector<ToolJob>& jobs,
                                                       double seconds, const ToolPaths& paths);

}  // namespace seedling
