// engine/hole_check.h
//
// HoleCheck: whether a text fits into a hole, and where it does not: what decoding asks of every candidate,
// so that what is wrong can be reopened.
//   One hole, one thread, no longer than the tree. Costs a reparse of what the candidate changes.
//   Errors: stopped when the token was set.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "engine/structure/document_tree.h"
#include "engine/structure/python_lines.h"

namespace seedling {

enum class Fit {
  worse,     // the text parses worse with it than without it, or it uses a name that nothing declares
  no_worse,  // something near the hole is still broken, which it may have been before
  sound,
};

struct HoleVerdict {
  Fit fit = Fit::sound;
  // In bytes of the candidate: what is wrong shows there; its size: behind it. Exact for an undeclared name.
  std::size_t shows_at = 0;
  bool is_exact = false;
};

class HoleCheck {
 public:
  // `tree` is that of the text with nothing in the hole; `hole`: where that is.
  HoleCheck(DocumentTree& tree, std::size_t hole);

  Result<HoleVerdict> judge(std::string_view candidate, std::stop_token stop);

 private:
  struct Lines {
    int problems = 0;
    bool is_unfinished = false;  // the text ends behind a line that opens a block
  };
  Result<HoleVerdict> judge_syntax(std::string_view candidate, std::stop_token stop);
  HoleVerdict judge_lines(std::string_view candidate) const;
  Lines python_lines(std::string_view candidate) const;

  DocumentTree& tree_;
  std::size_t hole_;        // offset in the tree's text
  std::size_t line_begin_;  // of the line of the hole
  PythonLines before_;      // what was read up to that line, where the language is Python
};

}  // namespace seedling
