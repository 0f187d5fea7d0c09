// engine/structure/verdict.h
//
// verdict: what the structural check says of a text, to be compared with that of the text it replaces.
//   Pure; any thread; a parse of the whole text (about 10 ms for 100 KB).
//   Text that programmers really wrote must never be judged worse for being unusual: only syntax counts here,
//   and of that nothing that a macro brings about.
//   Errors: unsupported for an unknown language, stopped when the token was set.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

struct Verdict {
  int error_nodes = 0;            // stretches that no rule of the grammar explains
  int missing_nodes = 0;          // tokens that had to be imagined
  std::uint32_t error_bytes = 0;  // text in outermost error nodes
  std::uint32_t text_bytes = 0;   // the whole text

  bool is_clean() const { return error_nodes == 0 && missing_nodes == 0; }
  // Text added inside a stretch that was broken before is not held against the candidate.
  bool parses_no_worse_than(const Verdict& before) const;
  bool parses_better_than(const Verdict& before) const;
};

// A verdict with where what it counts is.
struct LocatedVerdict {
  Verdict verdict;
  Verdict parsed;  // the same with what macros bring about
  // Outermost stretches that no rule explains and places where something is missing (empty ranges), in the
  // order of the text.
  std::vector<ByteRange> problems;

  // Of the verdict or of what was parsed: what a macro explains in one text it may not explain in the other.
  bool parses_no_worse_than(const LocatedVerdict& before) const;
};

Result<Verdict> judge(std::string_view text, std::string_view language, std::stop_token stop = {});

struct SyntaxProblem {
  ByteRange range;
  int line = 0;    // 1-based
  int column = 0;  // 1-based, counted in characters
  std::string message;
};

// Syntax errors in the order of the text; at most `at_most` of them.
Result<std::vector<SyntaxProblem>> syntax_problems(std::string_view text, std::string_view language,
                                                   std::stop_token stop = {}, std::size_t at_most = 100);

// The problem at a range of a text, with its line and column filled in.
SyntaxProblem problem_at(std::string_view text, ByteRange range, std::string message);

}  // namespace seedling
