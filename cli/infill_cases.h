// cli/infill_cases.h
//
// Cases of `eval infill`: a hole in a text, what stood in it, and how an answer is judged.
//   Reads our own lines {"id","language","prefix","suffix","expected"?} and the rows of two public benchmarks
//   as they are published: santacoder-fim-task and human-eval-infilling. Plain values; one thread.
//   Errors: one that names file and line for a row that is none of these.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"

namespace seedling::cli {

// What of a completion is the answer.
enum class Answer {
  whole,        // all of it
  single_line,  // its first line that is not blank, without the newline; more is cut off
  whole_lines,  // all of it, and a newline where its last line has none: the suffix starts on a new line
  first_line,   // its first line, newline included
};

struct InfillCase {
  std::string id;
  std::string language;  // LSP id
  std::string prefix;
  std::string suffix;
  std::optional<std::string> expected;
  Answer answer = Answer::whole;
  std::string test_program;  // follows prefix + answer + suffix and must run to its end; empty: none

  int max_lines() const { return answer == Answer::single_line || answer == Answer::first_line ? 1 : 0; }
  bool is_executable() const { return !test_program.empty() && language == "python"; }
};

// All cases of a file in its order; only those of `language` unless it is empty; at most `limit` unless it is
// 0.
Result<std::vector<InfillCase>> read_infill_cases(const std::string& path, const std::string& language,
                                                  int limit);

// The answer that a completion gives.
std::string answer_of(std::string_view completion, Answer kind);

std::string_view stripped(std::string_view text);

// The whole program that tells whether an answer works.
std::string program_with(const InfillCase& infill, std::string_view answer);

}  // namespace seedling::cli
