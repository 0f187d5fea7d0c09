// engine/train/corpus/decontaminate.h
//
// Keeps evaluation sets out of the training text: a text is contaminated when it shares 13 consecutive
// lexical tokens with a prompt or a solution of an evaluation set.
//   Runs of fewer than 6 different tokens are table noise (0,0,0,...) and do not count.
//   Read are the string fields, at any depth, of every *.jsonl and *.jsonl.gz below a folder, except those
//   whose name says that they are tests, and the *.py and *.js files inside every *.tar.gz. Other files
//   (sealed sets among them) are never opened. Threads: add_* from one thread first; then contaminated() from
//   any number. Errors: a folder that is missing gives not_found; an unreadable file invalid_input naming it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "engine/result.h"

namespace seedling {

class EvaluationRuns {
 public:
  static constexpr std::size_t kRun = 13;
  static constexpr std::size_t kLeastDistinct = 6;

  void add_text(std::string_view text);
  Status add_folder(const std::string& folder);

  bool contaminated(std::span<const std::uint64_t> tokens) const;  // lexical_hashes() of the text
  std::size_t run_count() const { return runs_.size(); }
  std::size_t text_count() const { return texts_; }

 private:
  std::unordered_set<std::uint64_t> runs_;
  std::size_t texts_ = 0;
};

}  // namespace seedling
