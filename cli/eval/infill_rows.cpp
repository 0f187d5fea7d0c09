// Rows of `eval infill`.
#include <nlohmann/json.hpp>

#include "cli/eval/case_rows.h"

namespace seedling::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kHole = "{{completion}}";

// santacoder-fim-task: one line is missing; the newlines around it are missing on both sides too.
EvalCase santacoder_case(const json& row) {
  EvalCase infill;
  infill.id = field(row, "name");
  infill.set = "santacoder_fim";
  infill.language = language_id(field(row, "language"));
  infill.part = infill.language;
  infill.prefix = field(row, "prompt") + "\n";
  infill.suffix = "\n" + field(row, "suffix");
  infill.expected = field(row, "canonical_solution");
  infill.answer = Answer::single_line;
  return infill;
}

// human-eval-infilling: whole lines (single-line and multi-line sets) or any span are missing.
EvalCase humaneval_case(const json& row) {
  EvalCase infill;
  infill.id = field(row, "task_id");
  infill.set = "humaneval_infilling";
  infill.part = "random span";
  infill.language = "python";
  infill.prefix = field(row, "prompt");
  infill.suffix = field(row, "suffix");
  infill.expected = field(row, "canonical_solution");
  if (infill.id.starts_with("SingleLine")) {
    infill.part = "single line";
    infill.answer = Answer::first_line;
  } else if (infill.id.starts_with("MultiLine")) {
    infill.part = "multi-line";
    infill.answer = Answer::whole_lines;
  } else if (infill.id.starts_with("RandomSpanInfillingLight")) {
    infill.part = "random span, light";
  }
  infill.test = TestFrame{Runner::python,
                          infill.prefix,
                          infill.suffix + field(row, "test") + "\ncheck(" + field(row, "entry_point") + ")\n",
                          {}};
  return infill;
}

// The files come from machines that end lines with two characters; no test depends on it.
std::string with_plain_newlines(std::string text) {
  std::erase(text, '\r');
  return text;
}

// SAFIM: a block or a control expression is missing in a program that reads its input and prints.
std::vector<EvalCase> safim_cases(const json& row) {
  EvalCase infill;
  infill.id = field(row, "task_id");
  infill.set = "safim";
  infill.language = language_id(field(row, "lang"));
  const bool is_control = infill.id.starts_with("control");
  infill.part = (is_control ? "control, " : "block, ") + infill.language;
  infill.answer = is_control ? Answer::control : Answer::block;
  const std::string prompt = with_plain_newlines(field(row, "eval_prompt"));
  const std::size_t hole = prompt.find(kHole);
  if (hole == std::string::npos) return {};
  infill.prefix = prompt.substr(0, hole);
  infill.suffix = prompt.substr(hole + kHole.size());
  infill.expected = with_plain_newlines(field(row, "ground_truth"));
  TestFrame test{Runner::python, infill.prefix, infill.suffix, {}};
  if (infill.language == "cpp")
    test.runner = Runner::cpp;
  else if (infill.language == "java")
    test.runner = Runner::java;
  else if (infill.language != "python")
    return {};
  for (const json& io : row.at("unit_tests")) {
    const json& output = io.at("output");
    test.tests.push_back(
        {field(io, "input"), output.is_array() ? output.at(0).get<std::string>() : field(io, "output")});
  }
  infill.test = std::move(test);
  return {std::move(infill)};
}

EvalCase own_case(const json& row) {
  EvalCase infill;
  infill.id = id_of(row);
  infill.set = "cases";
  infill.language = language_id(field(row, "language"));
  infill.part = infill.language;
  infill.prefix = field(row, "prefix");
  infill.suffix = field(row, "suffix");
  if (row.contains("expected")) infill.expected = field(row, "expected");
  if (row.value("single_line", false)) infill.answer = Answer::single_line;
  return infill;
}

}  // namespace

std::vector<EvalCase> infill_cases_of(const json& row) {
  if (row.contains("eval_prompt")) return safim_cases(row);
  if (row.contains("entry_point") && row.contains("suffix")) return {humaneval_case(row)};
  if (row.contains("canonical_solution") && row.contains("suffix")) return {santacoder_case(row)};
  return {own_case(row)};
}

}  // namespace seedling::cli
