// Rows of every benchmark as they are published, and what each asks.
#include "cli/eval/case_file.h"

#include <nlohmann/json.hpp>

#include "cli/eval/left_out.h"
#include "tests/cli/program.h"

using namespace seedling;
using namespace seedling::test;
using namespace seedling::cli;
using nlohmann::json;

namespace {

std::vector<EvalCase> cases_of(EvalKind kind, const json& row) {
  TemporaryFolder folder;
  write_text(folder / "cases.jsonl", row.dump() + "\n");
  const Result<CaseFile> file = read_cases(kind, folder / "cases.jsonl", {});
  INFO((file.ok() ? "" : file.error().message));
  REQUIRE(file.ok());
  return file->cases;
}

EvalCase only_case(EvalKind kind, const json& row) {
  const std::vector<EvalCase> cases = cases_of(kind, row);
  REQUIRE(cases.size() == 1);
  return cases.front();
}

const json kSantacoder = {{"name", "a"},           {"language", "py"}, {"prompt", "def f(x):"},
                          {"suffix", "    # end"}, {"tests", ""},      {"canonical_solution", "    y = x"}};
const json kHumaneval = {{"task_id", "SingleLineInfilling/HumanEval/1/L0"},
                         {"entry_point", "f"},
                         {"prompt", "def f(x):\n"},
                         {"suffix", "    return y\n"},
                         {"canonical_solution", "    y = x + 1\n"},
                         {"test", "\ndef check(candidate):\n    assert candidate(1) == 2\n"}};

json safim(const std::string& id, const std::string& language, const std::string& prompt) {
  return {{"task_id", id},       {"lang", language},
          {"prompt", "words"},   {"eval_prompt", prompt},
          {"ground_truth", "x"}, {"unit_tests", json::array({{{"input", "1"}, {"output", {"2"}}}})}};
}

}  // namespace

TEST_CASE("eval cases: infilling sets") {
  const EvalCase line = only_case(EvalKind::infill, kSantacoder);
  CHECK(line.language == "python");
  CHECK(line.prefix == "def f(x):\n");
  CHECK(line.suffix == "\n    # end");
  CHECK(line.max_lines() == 1);
  CHECK(answer_of("\n\n    y = x  \n    z", line) == "    y = x  ");
  CHECK(answer_of(" \n \n", line).empty());
  CHECK(!line.test);

  const EvalCase code = only_case(EvalKind::infill, kHumaneval);
  CHECK(answer_of("    y = x + 1", code) == "    y = x + 1\n");
  CHECK(answer_of("    y = x + 1\n    return 7\n", code) == "    y = x + 1\n");
  CHECK(code.test->program("A\n").starts_with("def f(x):\nA\n    return y\n"));
  CHECK(code.test->program("").ends_with("check(f)\n"));
  json lines = kHumaneval;
  lines["task_id"] = "MultiLineInfilling/HumanEval/1/L0_L1";
  CHECK(answer_of("a\nb", only_case(EvalKind::infill, lines)) == "a\nb\n");
  lines["task_id"] = "RandomSpanInfilling/HumanEval/1/1";
  CHECK(answer_of("a\nb", only_case(EvalKind::infill, lines)) == "a\nb");
}

TEST_CASE("eval cases: SAFIM's answers end where the syntax ends") {
  const EvalCase block = only_case(
      EvalKind::infill, safim("block_1", "python", "for i in a:\r\n    {{completion}}\r\nprint(1)\r\n"));
  CHECK(block.prefix == "for i in a:\n    ");
  CHECK(answer_of("x = i\n    y = x\nprint(2)\n", block) == "x = i\n    y = x\n");
  CHECK(answer_of("x = (\n", block).empty());
  CHECK(answer_of("pass", block) == "pass");
  const EvalCase same = only_case(
      EvalKind::infill, safim("block_2", "cpp", "int main() {\n  f();\n  {{completion}}\n  f();\n}\n"));
  CHECK(answer_of("f();\n  if (a\n", same) == "f();\n");
  const EvalCase head =
      only_case(EvalKind::infill, safim("control_1", "cpp", "void f() { if ({{completion}}) g(); }"));
  CHECK(answer_of("a(b) < c) return;", head) == "a(b) < c");
  CHECK(head.test->runner == Runner::cpp);
  CHECK(head.test->tests.front().output == "2");
  const EvalCase python =
      only_case(EvalKind::infill, safim("control_2", "python", "for {{completion}}\n    print(i)\n"));
  CHECK(answer_of("i in range(3):\n    x\n", python) == "i in range(3):");
}

TEST_CASE("eval cases: texts to fix") {
  const json drrepair = {{"id", 7},
                         {"buggy", "int main() { retrn 0; }"},
                         {"fixed", "int main() { return 0; }"},
                         {"gxx12", json::array({{{"line", 1}, {"col", 14}, {"message", "no retrn"}}})},
                         {"verified", true}};
  const EvalCase compile = only_case(EvalKind::fix, drrepair);
  CHECK(compile.id == "7");
  CHECK(compile.test->runner == Runner::cpp_syntax);
  CHECK(compile.problems.front().column == 14);
  json unverified = drrepair;
  unverified["verified"] = false;
  TemporaryFolder folder;
  write_text(folder / "f", drrepair.dump() + "\n" + unverified.dump() + "\n");
  CHECK(read_cases(EvalKind::fix, folder / "f", {})->unusable == 1);

  json bug = {{"task_id", "Python/1"},
              {"prompt", "def f():\n"},
              {"declaration", "def f():\n"},
              {"buggy_solution", "    return 1\n"},
              {"canonical_solution", "    return 2\n"},
              {"test", "assert f() == 2"}};
  const EvalCase python = only_case(EvalKind::fix, bug);
  CHECK(python.text == "def f():\n    return 1\n");
  CHECK(python.problems.empty());
  CHECK(python.test->program(*python.expected) == "def f():\n    return 2\n\nassert f() == 2\n");
  bug["task_id"] = "JavaScript/1";
  CHECK(only_case(EvalKind::fix, bug).test->runner == Runner::javascript);

  const EvalCase own = only_case(
      EvalKind::fix, {{"id", "x"},
                      {"language", "python"},
                      {"text", "a = (\n"},
                      {"diagnostics", json::array({{{"line", 1}, {"message", "'(' was never closed"}}})}});
  CHECK(own.problems.front().column == 1);
  CHECK(own.test->runner == Runner::python_syntax);
}

TEST_CASE("eval cases: texts to edit") {
  const EvalCase alone = only_case(EvalKind::edit, {{"task_id", "EditEval/1"},
                                                    {"instruction", "do"},
                                                    {"context", "A\n{{Code}}B\n{{Code}}"},
                                                    {"input", "x = 1"},
                                                    {"output", "x = 2"},
                                                    {"test", "def check(): pass"}});
  CHECK(alone.text == "x = 1\n");
  CHECK(alone.test->program(alone.text).starts_with("A\nx = 1\nB\nx = 1\n"));
  CHECK(alone.test->program("").ends_with("\ncheck()\n"));
  const std::vector<EvalCase> two = cases_of(EvalKind::edit, {{"id", 3},
                                                              {"before", "a"},
                                                              {"after", "b"},
                                                              {"tests", "assert True"},
                                                              {"instruction_descriptive", "long"},
                                                              {"instruction_lazy", "short"}});
  REQUIRE(two.size() == 2);
  CHECK(two[0].id == "3/descriptive");
  CHECK(two[1].instruction == "short");
}

TEST_CASE("eval cases: which of a file") {
  TemporaryFolder folder;
  std::string rows;
  for (int i = 0; i < 10; ++i) {
    rows +=
        json({{"id", i}, {"language", i % 2 == 0 ? "js" : "py"}, {"prefix", "a"}, {"suffix", "b"}}).dump() +
        "\n";
  }
  const std::string path = folder / "cases.jsonl";
  write_text(path, rows + "\n");
  CHECK(read_cases(EvalKind::infill, path, {.limit = 3})->cases.back().id == "2");
  CHECK(read_cases(EvalKind::infill, path, {.spread = 5})->cases.back().id == "8");
  CHECK(read_cases(EvalKind::infill, path, {.language = "javascript"})->cases.size() == 5);
  CHECK(read_cases(EvalKind::infill, path, {.language = "go"}).error().message.find("in the language go") !=
        std::string::npos);
  CHECK(read_cases(EvalKind::fix, path, {}).error().message.find("line 1: needs id, language, text") !=
        std::string::npos);
  write_text(path, "{\"id\":1,\n");
  CHECK(read_cases(EvalKind::edit, path, {}).error().message.find("line 1: not JSON") != std::string::npos);
  CHECK(!read_cases(EvalKind::edit, folder / "absent", {}).ok());
}

TEST_CASE("eval cases: what does not reproduce is left out and counted, with a reason") {
  const std::optional<std::string_view> why = left_out_because("quixbugs", "levenshtein");
  REQUIRE(why);
  CHECK(!why->empty());
  CHECK(!left_out_because("quixbugs", "bitcount"));
  TemporaryFolder folder;
  const auto row = [](const char* name) {
    return json({{"name", name}, {"buggy_program", "a"}, {"solution", "b"}, {"tests", ""}}).dump() + "\n";
  };
  write_text(folder / "f", row("bitcount") + row("levenshtein"));
  const Result<CaseFile> file = read_cases(EvalKind::fix, folder / "f", {});
  CHECK(file->cases.size() == 1);
  CHECK(file->left_out == 1);
  CHECK(read_cases(EvalKind::fix, folder / "f", {.is_complete = true})->cases.size() == 2);
}
