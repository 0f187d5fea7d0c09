// `seedling eval infill` on the built binary: rows of all kinds, judging, tests that run, and Ctrl-C.
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/child_process.h"
#include "cli/infill_cases.h"
#include "cli/infill_summary.h"
#include "cli/python_check.h"
#include "tests/cli/program.h"

using namespace seedling::test;
using namespace seedling::cli;
using nlohmann::json;

namespace {

json santacoder_row(const std::string& name, const std::string& line) {
  return {{"name", name},          {"language", "py"},           {"prompt", "def f(x):\n    x += 1"},
          {"suffix", "    # end"}, {"canonical_solution", line}, {"tests", ""}};
}

json humaneval_row() {
  return {{"task_id", "SingleLineInfilling/HumanEval/1/L0"},
          {"entry_point", "f"},
          {"prompt", "def f(x):\n"},
          {"suffix", "    return y\n"},
          {"canonical_solution", "    y = x + 1\n"},
          {"test", "\ndef check(candidate):\n    assert candidate(1) == 2\n"}};
}

InfillCase only_case(const json& row) {
  TemporaryFolder folder;
  write_text(folder / "cases.jsonl", row.dump() + "\n");
  const auto cases = read_infill_cases(folder / "cases.jsonl", "", 0);
  REQUIRE(cases.ok());
  REQUIRE(cases.value().size() == 1);
  return cases.value().front();
}

}  // namespace

TEST_CASE("eval infill: what a row of each kind asks") {
  const InfillCase line = only_case(santacoder_row("a", "    y = x"));
  CHECK(line.language == "python");
  CHECK(line.prefix == "def f(x):\n    x += 1\n");
  CHECK(line.suffix == "\n    # end");
  CHECK(line.max_lines() == 1);
  CHECK(answer_of("\n\n    y = x  \n    z", line.answer) == "    y = x  ");
  CHECK(answer_of("    y = x", line.answer) == "    y = x");
  CHECK(answer_of(" \n \n", line.answer).empty());
  CHECK(!line.is_executable());

  const InfillCase code = only_case(humaneval_row());
  CHECK(answer_of("    y = x + 1", code.answer) == "    y = x + 1\n");
  CHECK(answer_of("    y = x + 1\n    return 7\n", code.answer) == "    y = x + 1\n");
  CHECK(code.is_executable());
  json lines = humaneval_row();
  lines["task_id"] = "MultiLineInfilling/HumanEval/1/L0_L1";
  CHECK(answer_of("a\nb", only_case(lines).answer) == "a\nb\n");
  lines["task_id"] = "RandomSpanInfilling/HumanEval/1/1";
  CHECK(answer_of("a\nb", only_case(lines).answer) == "a\nb");
}

TEST_CASE("eval infill: an answer passes if its program runs to the end") {
  const InfillCase code = only_case(humaneval_row());
  const auto python = PythonCheck::find();
  REQUIRE(python.ok());
  CHECK(python.value().passes(program_with(code, "    y = x + 1\n")).value());
  CHECK_FALSE(python.value().passes(program_with(code, "    y = x + 2\n")).value());
  CHECK_FALSE(python.value().passes(program_with(code, "    y = (\n")).value());
  CHECK_FALSE(python.value().passes(program_with(code, "    raise SystemExit(0)\n")).value());
  CHECK_FALSE(python.value().passes(program_with(code, "    import os; os._exit(0)\n")).value());
  CHECK_FALSE(python.value().passes(program_with(code, "    y = bytearray(1 << 33)\n")).value());
}

TEST_CASE("child process: limits hold and output comes back") {
  ChildCommand command;
  command.arguments = {"/bin/sh", "-c", "echo out; echo err >&2; echo report >&3; exit 3"};
  command.keeps_output = command.keeps_report = true;
  const auto said = run_child(command);
  REQUIRE(said.ok());
  CHECK(said.value().exit_code == 3);
  CHECK(said.value().output == "out\nerr\n");
  CHECK(said.value().report == "report\n");

  ChildCommand slow;
  slow.arguments = {"/bin/sh", "-c", "sleep 600 & sleep 600"};
  slow.wall_seconds = 1;
  CHECK(run_child(slow).value().timed_out);
  ChildCommand busy;
  busy.arguments = {"/bin/sh", "-c", "while :; do :; done"};
  busy.cpu_seconds = 1;
  const auto killed = run_child(busy);
  CHECK(killed.value().exit_code == -1);
  CHECK_FALSE(killed.value().timed_out);
}

TEST_CASE("eval infill: the summary counts against the rows' own baselines") {
  std::vector<InfillOutcome> outcomes(4);
  outcomes[0] = {"java", "}", "}", {}, {}, 2, 1, 10};
  outcomes[1] = {"java", "}", "x", {}, {}, 4, 2, 20};
  outcomes[2] = {"python", "y = 1", "y = 1", true, false, 6, 3, 30};
  outcomes[3] = {"python", {}, "z", false, false, 8, 4, 40};
  const std::vector<InfillSummary> summaries = summarize(outcomes);
  REQUIRE(summaries.size() == 4);
  CHECK(summaries[0].cases == 4);
  CHECK(*summaries[0].exact_match == doctest::Approx(2.0 / 3));
  CHECK(*summaries[0].baseline_constant == doctest::Approx(2.0 / 3));
  CHECK(summaries[0].constant == "}");
  CHECK(*summaries[0].pass == doctest::Approx(0.5));
  CHECK(*summaries[0].baseline_empty == 0);
  CHECK(summaries[0].mean_tokens == 5);
  CHECK(summaries[0].tokens_per_step == 2);
  CHECK(summaries[0].ms_p50 == 30);
  CHECK(summaries[1].name == "java");
  CHECK_FALSE(summaries[1].pass.has_value());
  CHECK(summaries[3].name == "no_brackets");
  CHECK(summaries[3].cases == 2);
  const json object = json::parse(json_of(summaries, "causal"));
  CHECK(object["mode"] == "causal");
  CHECK(object["by_language"]["java"]["baseline_constant"] == 1);
  CHECK(json::parse(json_of(summarize({}), "causal"))["cases"] == 0);
}

TEST_CASE("cli eval infill: writes a line per case and a summary") {
  const ProgramTest test;
  std::string rows;
  for (int i = 0; i < 3; ++i) rows += santacoder_row(std::to_string(i), "    y = x").dump() + "\n";
  rows += R"({"id":7,"language":"js","prefix":"let x = ","suffix":";\n"})"
          "\n";
  rows += humaneval_row().dump() + "\n";
  test.file("cases.jsonl", rows);
  CHECK(test.shell("gzip -k cases.jsonl").code == 0);
  const std::string arguments = "eval infill --max-tokens 6 --execute --json --quiet --out r.jsonl --cases ";
  const Ran ran = test.run_with_model(arguments + "cases.jsonl.gz");
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const json summary = json::parse(ran.out);
  CHECK(summary["mode"] == "diffusion");
  CHECK(summary["cases"] == 5);
  CHECK(summary["baseline_constant"] == doctest::Approx(0.75));
  CHECK(summary["constant"] == "y = x");
  CHECK(summary["baseline_empty"] == 0);
  CHECK(ran.err.find("constant: every answer is") != std::string::npos);
  std::istringstream lines(read_text(test / "r.jsonl"));
  std::string line;
  std::vector<std::string> ids;
  while (std::getline(lines, line)) {
    const json row = json::parse(line);
    ids.push_back(row["id"]);
    for (const char* key : {"completion", "tokens", "steps", "ms"}) CHECK_MESSAGE(row.contains(key), key);
  }
  CHECK(ids == std::vector<std::string>{"0", "1", "2", "7", "SingleLineInfilling/HumanEval/1/L0"});

  const Ran causal =
      test.run_with_model("eval infill --mode causal --limit 2 --max-tokens 4 --cases cases.jsonl");
  CHECK(causal.code == 0);
  CHECK(causal.out.starts_with("rows "));
  CHECK(causal.err.find("case 2/2") != std::string::npos);
}

TEST_CASE("cli eval infill: Ctrl-C ends with the summary so far") {
  const ProgramTest test;
  std::string rows;
  for (int i = 0; i < 60000; ++i)
    rows += R"({"id":"1","language":"text","prefix":"a ","suffix":" b"})"
            "\n";
  test.file("cases.jsonl", rows);
  const Ran ran = test.shell(std::string(SEEDLING_BINARY) +
                             " eval infill --max-tokens 8 --json --threads 1 --model " + test.model() +
                             " --cases cases.jsonl >summary 2>progress & "
                             "until grep -q 'case 50/' progress; do kill -0 $! || break; sleep 0.01; done; "
                             "kill -INT $!; wait $!");
  CHECK(ran.code == 0);
  const json summary = json::parse(read_text(test / "summary"));
  CHECK(summary["cases"] >= 50);
  CHECK(summary["cases"] < 60000);
  CHECK(read_text(test / "progress").find("of 60000 cases") != std::string::npos);
}
