// Rows of `eval fix`.
#include <nlohmann/json.hpp>

#include "cli/eval/case_rows.h"

namespace seedling::cli {
namespace {

using nlohmann::json;

std::vector<CaseProblem> problems_of(const json& list) {
  std::vector<CaseProblem> problems;
  for (const json& item : list) {
    problems.push_back({item.at("line").get<int>(), item.value("col", 1), field(item, "message")});
  }
  return problems;
}

// DrRepair: a program with one broken line and what g++ says of it. Right is what compiles.
std::vector<EvalCase> drrepair_cases(const json& row) {
  if (!row.value("verified", false)) return {};
  EvalCase fix;
  fix.id = id_of(row);
  fix.set = "drrepair";
  fix.part = fix.language = "cpp";
  fix.text = field(row, "buggy");
  fix.expected = field(row, "fixed");
  fix.problems = problems_of(row.at("gxx12"));
  fix.test = TestFrame{Runner::cpp_syntax, "", "", {}};
  return {std::move(fix)};
}

// HumanEvalPack: a function with a bug and its tests; Java's class is closed by the solution.
std::vector<EvalCase> humanevalpack_cases(const json& row) {
  EvalCase fix;
  fix.id = field(row, "task_id");
  fix.set = "humanevalpack";
  fix.language = language_id(fix.id.substr(0, fix.id.find('/')));
  fix.part = fix.language;
  TestFrame test;
  // C++'s declaration has the includes that the solution needs, its prompt only some of them.
  std::string head = field(row, "prompt");
  if (fix.language == "cpp") {
    test.runner = Runner::cpp;
    head = field(row, "declaration");
  } else if (fix.language == "java") {
    test.runner = Runner::java;
  } else if (fix.language == "javascript") {
    test.runner = Runner::javascript;
  } else if (fix.language != "python") {
    return {};
  }
  fix.text = head + field(row, "buggy_solution");
  fix.expected = head + field(row, "canonical_solution");
  test.behind = "\n" + field(row, "test") + "\n";
  fix.test = std::move(test);
  return {std::move(fix)};
}

EvalCase quixbugs_case(const json& row) {
  EvalCase fix;
  fix.id = field(row, "name");
  fix.set = "quixbugs";
  fix.part = fix.language = "python";
  fix.text = lines_with_newline(field(row, "buggy_program"));
  fix.expected = lines_with_newline(field(row, "solution"));
  fix.test = TestFrame{Runner::python, "", "\n" + field(row, "tests") + "\n", {}};
  return fix;
}

// What nothing but its own diagnostics is known of: right is what the language's own tool accepts.
EvalCase own_case(const json& row) {
  EvalCase fix;
  fix.id = id_of(row);
  fix.set = "cases";
  fix.language = language_id(field(row, "language"));
  fix.part = fix.language;
  fix.text = field(row, "text");
  fix.problems = problems_of(row.at("diagnostics"));
  if (row.contains("expected")) fix.expected = field(row, "expected");
  if (fix.language == "cpp") fix.test = TestFrame{Runner::cpp_syntax, "", "", {}};
  if (fix.language == "python") fix.test = TestFrame{Runner::python_syntax, "", "", {}};
  if (fix.language == "javascript") fix.test = TestFrame{Runner::javascript_syntax, "", "", {}};
  return fix;
}

}  // namespace

std::vector<EvalCase> fix_cases_of(const json& row) {
  if (row.contains("gxx12")) return drrepair_cases(row);
  if (row.contains("buggy_solution")) return humanevalpack_cases(row);
  if (row.contains("buggy_program")) return {quixbugs_case(row)};
  return {own_case(row)};
}

}  // namespace seedling::cli
