#include "cli/eval/case.h"

#include "engine/structure/tree_outline.h"

namespace seedling::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

std::string first_text_line(std::string_view completion) {
  const std::size_t text = completion.find_first_not_of(kBlanks);
  if (text == std::string_view::npos) return {};
  const std::size_t newline = completion.rfind('\n', text);
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  return std::string(completion.substr(begin, completion.find('\n', text) - begin));
}

std::string until_closing_bracket(std::string_view completion) {
  int depth = 0;
  for (std::size_t i = 0; i < completion.size(); ++i) {
    if (completion[i] == '(') ++depth;
    if (completion[i] == ')' && --depth < 0) return std::string(completion.substr(0, i));
  }
  return std::string(completion);
}

// The most lines, from the first one on, that add something at the hole and change nothing else of the tree.
std::string until_block(std::string_view completion, const EvalCase& eval_case) {
  const auto outline_with = [&](std::string_view middle) {
    return tree_outline(eval_case.prefix + std::string(middle) + eval_case.suffix, eval_case.language);
  };
  const bool is_python = eval_case.language == "python";
  const Result<TreeOutline> empty = outline_with(is_python ? "pass" : "");
  if (!empty.ok()) return std::string(completion);
  while (!completion.empty()) {
    const Result<TreeOutline> filled = outline_with(completion);
    const std::size_t left_out = is_python ? kOutlineOfPass : 0;
    if (filled.ok() && filled->errors == 0 && adds_only(*empty, *filled, left_out)) break;
    const std::size_t last = completion.substr(0, completion.size() - 1).rfind('\n');
    completion = completion.substr(0, last == std::string_view::npos ? 0 : last + 1);
  }
  return std::string(completion);
}

}  // namespace

std::string TestFrame::program(std::string_view answer) const {
  std::string text = before + std::string(answer) + behind;
  std::size_t at = before.size() + answer.size();
  while (!again.empty() && (at = text.find(again, at)) != std::string::npos) {
    text.replace(at, again.size(), answer);
    at += answer.size();
  }
  return text;
}

std::string answer_of(std::string_view completion, const EvalCase& eval_case) {
  switch (eval_case.answer) {
    case Answer::whole:
      return std::string(completion);
    case Answer::single_line:
      return first_text_line(completion);
    case Answer::whole_lines: {
      const bool needs_newline = !completion.empty() && completion.back() != '\n';
      return std::string(completion) + (needs_newline ? "\n" : "");
    }
    case Answer::first_line:
      return std::string(completion.substr(0, completion.find('\n'))) + "\n";
    case Answer::block:
      return until_block(completion, eval_case);
    case Answer::control:
      return eval_case.language == "python" ? first_text_line(completion) : until_closing_bracket(completion);
  }
  return {};
}

std::string lines_with_newline(const std::string& text) {
  return text.ends_with('\n') ? text : text + "\n";
}

std::string_view stripped(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace seedling::cli
