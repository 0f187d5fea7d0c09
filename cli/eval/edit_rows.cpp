// Rows of `eval edit`.
#include <nlohmann/json.hpp>

#include "cli/eval/case_rows.h"

namespace seedling::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kCode = "{{Code}}";

// EditEval: the edited text stands in a context, or alone, and check() tests it.
EvalCase editeval_case(const json& row) {
  EvalCase edit;
  edit.id = field(row, "task_id");
  edit.set = "editeval";
  edit.part = edit.language = "python";
  edit.text = lines_with_newline(field(row, "input"));
  edit.expected = lines_with_newline(field(row, "output"));
  edit.instruction = field(row, "instruction");
  TestFrame test{Runner::python, "", "\n" + field(row, "test") + "\ncheck()\n", {}, ""};
  const std::string context = row.value("context", std::string());
  if (const std::size_t hole = context.find(kCode); hole != std::string::npos) {
    test.before = context.substr(0, hole);
    test.behind = context.substr(hole + kCode.size()) + test.behind;
    test.again = kCode;
  }
  edit.test = std::move(test);
  return edit;
}

// CanItEdit: one program, told twice what to do with it.
std::vector<EvalCase> canitedit_cases(const json& row) {
  EvalCase edit;
  edit.set = "canitedit";
  edit.language = "python";
  edit.text = lines_with_newline(field(row, "before"));
  edit.expected = lines_with_newline(field(row, "after"));
  edit.test = TestFrame{Runner::python, "", "\n" + field(row, "tests") + "\n", {}, ""};
  std::vector<EvalCase> cases;
  for (const char* kind : {"descriptive", "lazy"}) {
    edit.id = id_of(row) + "/" + kind;
    edit.part = kind;
    edit.instruction = field(row, (std::string("instruction_") + kind).c_str());
    cases.push_back(edit);
  }
  return cases;
}

EvalCase own_case(const json& row) {
  EvalCase edit;
  edit.id = id_of(row);
  edit.set = "cases";
  edit.language = language_id(field(row, "language"));
  edit.part = edit.language;
  edit.text = field(row, "text");
  edit.instruction = field(row, "instruction");
  if (row.contains("expected")) edit.expected = field(row, "expected");
  return edit;
}

}  // namespace

std::vector<EvalCase> edit_cases_of(const json& row) {
  if (row.contains("instruction_lazy")) return canitedit_cases(row);
  if (row.contains("input") && row.contains("output")) return {editeval_case(row)};
  return {own_case(row)};
}

}  // namespace seedling::cli
