// engine/train/corpus/diagnosed.h
//
// Diagnosed mistakes: programmers' mistakes (mistakes.h) in real files, with what a compiler or linter says
// of each, cut into holes exactly as a fix cuts them at run time (engine/fix_holes.h).
//   A mistake gives the whole statement with its broken text as draft, and the smallest hole that can mend
//   it, without one. Mistakes that no tool complains about, or whose place a fix would not find, give
//   nothing. A function of files, seed and tools, except that the budget is of time. One thread. Errors:
//   those of the tools' processes. Source: DESIGN.md section 6, stage edit.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "engine/train/corpus/diagnosing_tools.h"
#include "engine/train/corpus/mistakes.h"
#include "engine/train/corpus/samples.h"
#include "engine/train/corpus/shards.h"

namespace seedling {

struct DiagnoseOptions {
  double minutes = 6;  // for all tools together; they share it alike
  std::size_t most_files = 1u << 20;
  std::uint64_t seed = 1;
  std::vector<DiagnosingTool> tools;  // that are installed
  ToolPaths paths;
  std::function<void(DiagnosingTool, std::size_t mistakes, std::size_t diagnosed)> progress;  // after a batch
};

Result<std::vector<Sample>> diagnosed_samples(const std::vector<TextFile>& files, const DiagnoseOptions&);

// The holes of one mistake that a tool complains about; none where a fix would look elsewhere.
std::vector<Sample> samples_of(const TextFile& file, const Mistake& mistake, const ToolMessage& message);

}  // namespace seedling
