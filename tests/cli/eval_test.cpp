// `seedling eval` on the built binary: every kind of cases, the ground truth, resuming, and Ctrl-C.
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/program.h"

using namespace seedling::test;
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

json bug_row() {
  return {{"name", "twice"},
          {"buggy_program", "def twice(x):\n    return x + 1"},
          {"solution", "def twice(x):\n    return x * 2"},
          {"tests", "assert twice(5) == 10"}};
}

std::vector<json> rows_of(const std::string& path) {
  std::istringstream lines(read_text(path));
  std::vector<json> rows;
  for (std::string line; std::getline(lines, line);) rows.push_back(json::parse(line));
  return rows;
}

}  // namespace

TEST_CASE("cli eval infill: writes a line per case and a summary") {
  const ProgramTest test;
  std::string rows;
  for (int i = 0; i < 3; ++i) rows += santacoder_row(std::to_string(i), "    y = x").dump() + "\n";
  rows += R"({"id":7,"language":"js","prefix":"let x = ","suffix":";\n"})"
          "\n";
  rows += humaneval_row().dump() + "\n";
  test.file("cases.jsonl", rows);
  CHECK(test.shell("gzip -k cases.jsonl").code == 0);
  const std::string arguments = "eval infill --max-tokens 6 --json --quiet --out r.jsonl --cases ";
  const Ran ran = test.run_with_model(arguments + "cases.jsonl.gz");
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const json summary = json::parse(ran.out);
  CHECK(summary["mode"] == "diffusion");
  CHECK(summary["cases"] == 5);
  CHECK(summary["baseline_constant"] == doctest::Approx(0.75));
  CHECK(summary["constant"] == "y = x");
  CHECK(summary["canvas"].get<std::string>().find("until <end>, 64 tokens") == std::string::npos);
  CHECK(summary["canvas"].get<std::string>().find("6 tokens at most") != std::string::npos);
  CHECK(summary["mean_forwards"] >= summary["mean_steps"]);
  CHECK(summary["pass_interval"].size() == 2);
  CHECK(ran.err.find("constant: every answer is") != std::string::npos);
  std::vector<std::string> ids;
  for (const json& row : rows_of(test / "r.jsonl")) {
    ids.push_back(row["id"]);
    for (const char* key : {"completion", "tokens", "steps", "ms"}) CHECK_MESSAGE(row.contains(key), key);
  }
  CHECK(ids == std::vector<std::string>{"0", "1", "2", "7", "SingleLineInfilling/HumanEval/1/L0"});

  // What is done is not done again; answers of another kind are not mixed with it.
  const Ran again = test.run_with_model(arguments + "cases.jsonl.gz");
  CHECK(json::parse(again.out)["taken_over"] == 5);
  CHECK(json::parse(again.out)["exact_match"] == summary["exact_match"]);
  CHECK(rows_of(test / "r.jsonl").size() == 5);
  check_refused(test.run_with_model(arguments + "cases.jsonl.gz --seed 3"), "--fresh");
  const Ran fresh = test.run_with_model(arguments + "cases.jsonl.gz --seed 3 --fresh");
  CHECK(json::parse(fresh.out)["taken_over"] == 0);

  const Ran causal =
      test.run_with_model("eval infill --mode causal --limit 2 --max-tokens 4 --cases cases.jsonl");
  CHECK(causal.code == 0);
  CHECK(causal.out.starts_with("rows "));
  CHECK(causal.err.find("case 2/2") != std::string::npos);
}

TEST_CASE("cli eval --truth: the ground truth scores everything, nothing scores nothing") {
  const ProgramTest test;
  test.file("infill", santacoder_row("a", "    y = x").dump() + "\n" + humaneval_row().dump() + "\n");
  test.file("fix", bug_row().dump() + "\n");
  const json edit = {{"task_id", "EditEval/1"},
                     {"instruction", "double it"},
                     {"input", "def f(x):\n    return x"},
                     {"output", "def f(x):\n    return 2 * x"},
                     {"test", "def check():\n    assert f(4) == 8"}};
  test.file("edit", edit.dump() + "\n");
  for (const std::string kind : {"infill", "fix", "edit"}) {
    INFO(kind);
    const std::string command = "eval " + kind + " --quiet --json --cases " + kind;
    const Ran truth = test.run(command + " --truth");
    REQUIRE(truth.code == 0);
    CHECK(json::parse(truth.out)["exact_match"] == 1);
    CHECK(json::parse(truth.out)["pass"] == 1);
    const Ran nothing = test.run(command + " --nothing");
    CHECK(json::parse(nothing.out)["pass"] == 0);
    if (kind != "infill") CHECK(json::parse(nothing.out)["unchanged"] == 1);
    CHECK(!json::parse(test.run(command + " --truth --no-execute").out).contains("pass"));
  }
  CHECK(json::parse(test.run("eval edit --quiet --json --truth --cases edit").out)["excess_code"] == 0);
  test.file("own", R"({"id":1,"language":"js","prefix":"","suffix":""})"
                   "\n");
  check_refused(test.run("eval infill --truth --cases own"), "does not say what was expected");
}

TEST_CASE("cli eval fix and edit: the model answers with whole texts") {
  const ProgramTest test;
  const json own = {
      {"id", "x"},
      {"language", "python"},
      {"text", "def f(x:\n    return x\n"},
      {"diagnostics", json::array({{{"line", 1}, {"col", 6}, {"message", "'(' was never closed"}}})}};
  test.file("fix", own.dump() + "\n" + bug_row().dump() + "\n");
  const Ran fix = test.run_with_model("eval fix --quiet --json --max-tokens 4 --out r.jsonl --cases fix");
  INFO(fix.err);
  REQUIRE(fix.code == 0);
  const std::vector<json> rows = rows_of(test / "r.jsonl");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["id"] == "x");
  CHECK(rows[0]["text"].get<std::string>().find("return x") != std::string::npos);
  CHECK(rows[1].contains("passed"));
  CHECK(json::parse(fix.out).contains("unchanged"));

  const json edit = {
      {"id", 1}, {"language", "python"}, {"text", "x = 1\n"}, {"instruction", "add a comment"}};
  test.file("edit", edit.dump() + "\n");
  const Ran edited = test.run_with_model("eval edit --quiet --max-tokens 4 --cases edit");
  CHECK(edited.code == 0);
  CHECK(edited.out.find("unchanged") != std::string::npos);
  check_refused(test.run_with_model("eval edit --cases fix"), "needs id, language, text and instruction");
  check_refused(test.run_with_model("eval"), "--help");
}

TEST_CASE("cli eval infill --calibrate: writes what the engine reads") {
  const ProgramTest test;
  std::string rows;
  for (int i = 0; i < 80; ++i) {
    rows += json({{"id", "f" + std::to_string(i) + ":1"},
                  {"language", "text"},
                  {"prefix", "a " + std::to_string(i)},
                  {"suffix", "\n"},
                  {"expected", "b"},
                  {"single_line", true}})
                .dump() +
            "\n";
  }
  test.file("cases.jsonl", rows);
  const Ran ran = test.run_with_model("eval infill --calibrate --quiet --max-tokens 3 --cases cases.jsonl");
  INFO(ran.err);
  if (ran.code == 2) {  // a model of random weights may have nothing to show
    check_refused(ran, "would be shown");
    return;
  }
  REQUIRE(ran.code == 0);
  write_text(test.model() + "/calibration.json", ran.out);
  const std::string place = test.file("n.text", "a 5\n") + ":1:4 --json --max-tokens 3";
  const json shown = json::parse(test.run_with_model("complete " + place).out);
  if (!shown.is_null()) CHECK(shown["confidence"] < 0.2);  // none of them was ever right
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
