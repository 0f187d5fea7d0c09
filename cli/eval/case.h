// cli/eval/case.h
//
// One case of `eval`: what the model is given, what stood there, and how an answer is judged.
//   infill: a hole between `prefix` and `suffix`. fix: a `text` with problems. edit: a `text` with an
//   instruction. Plain values; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seedling::cli {

// What of a completion is the answer.
enum class Answer {
  whole,        // all of it
  single_line,  // its first line that is not blank, without the newline; more is cut off
  whole_lines,  // all of it, and a newline where its last line has none: the suffix starts on a new line
  first_line,   // its first line, newline included
  block,        // as many of its lines as are one block to the parser (SAFIM)
  control,      // up to the bracket that closes what stands before the hole, in Python its first line (SAFIM)
};

// What runs a program, or only looks at it, and says whether it is right.
enum class Runner { python, javascript, cpp, java, python_syntax, javascript_syntax, cpp_syntax };

struct InputOutput {
  std::string input, output;  // outputs are compared word by word
};

// The program around an answer.
struct TestFrame {
  Runner runner = Runner::python;
  std::string before, behind;
  std::vector<InputOutput> tests;  // none: the program must run to its end
  std::string again;               // what stands for the answer in `behind` once more; empty: nothing

  std::string program(std::string_view answer) const;
};

struct CaseProblem {
  int line = 1, column = 1;  // characters, counted from 1; a line of 0: somewhere in the text
  std::string message;
};

struct EvalCase {
  std::string id;
  std::string set, part;  // the benchmark and which of its lists
  std::string language;   // LSP id
  std::string prefix, suffix;
  std::string text;
  std::vector<CaseProblem> problems;  // of a fix; none: what the failing test says
  std::string instruction;
  std::optional<std::string> expected;
  Answer answer = Answer::whole;
  std::optional<TestFrame> test;

  int max_lines() const {
    const bool is_line = answer == Answer::single_line || answer == Answer::first_line;
    return is_line || (answer == Answer::control && language == "python") ? 1 : 0;
  }
};

// The answer that a completion gives. Pure.
std::string answer_of(std::string_view completion, const EvalCase& eval_case);

std::string_view stripped(std::string_view text);
std::string lines_with_newline(const std::string& text);  // as it is, and a newline at its end

}  // namespace seedling::cli
