// Everything that can be wrong with what the user gives ends with exit 2 and one clear line.
#include "tests/cli/program.h"

using namespace seedling::test;

TEST_CASE("cli: usage") {
  const ProgramTest test;
  const Ran version = test.run("--version");
  CHECK(version.code == 0);
  CHECK(version.out == "seedling " SEEDLING_VERSION "\n");
  CHECK(test.run("--help").code == 0);
  CHECK(test.run("complete --help").out.find("--show-steps") != std::string::npos);
  check_refused(test.run(""), "subcommand");
  check_refused(test.run("fly"), "there is no command \"fly\"");
  check_refused(test.run("eval fly"), "fly");
  check_refused(test.run("complete"), "PLACE");
  check_refused(test.run("complete a.py:1:1 --wings"), "--wings");
  check_refused(test.run("complete a.py:1:1 --mode sideways"), "sideways");
  check_refused(test.run("complete a.py:1:1 --max-tokens 0"), "max-tokens");
  check_refused(test.run("complete a.py:1:1 --json --show-steps"), "--json");
  check_refused(test.run("check x.py --threads 0"), "threads");
  check_refused(test.run("eval infill"), "--cases");
}

TEST_CASE("cli: a model that is missing or damaged") {
  const ProgramTest test;
  const std::string file = test.file("a.py", "x = 1\n");
  check_refused(test.run("complete " + file + ":1:1 --model /nowhere"), "/nowhere");
  check_refused(test.run("model info /nowhere"), "/nowhere");
  check_refused(test.run("model verify /nowhere"), "/nowhere");
  check_refused(test.run("refactor " + test.file("b.py", "y = f(1 + 2)\n") +
                         ":1:7-1:12 --action extract-variable --model /nowhere"),
                "/nowhere");

  const std::string weights = test / "model/model.safetensors";
  std::filesystem::resize_file(weights, std::filesystem::file_size(weights) / 2);
  check_refused(test.run_with_model("complete " + file + ":1:1"), "model.safetensors");
  check_refused(test.run("model verify " + test.model()), "model.safetensors");
  std::filesystem::resize_file(weights, 3);
  check_refused(test.run("model info " + test.model()), "model.safetensors");

  write_tiny_model(test.model());
  write_text(test / "model/config.json", "{\"hidden_size\": ");
  check_refused(test.run("model info " + test.model()), "config.json");
}

TEST_CASE("cli: a file that is no text, or is not there") {
  const ProgramTest test;
  check_refused(test.run_with_model("complete " + test.file("binary.py", "x = \"\xff\xfe\"\n") + ":1:1"),
                "not UTF-8");
  check_refused(test.run_with_model("complete " + test / "absent.py" + ":1:1"), "absent.py");
  check_refused(test.run_with_model("complete " + test.model() + ":1:1"), "is a folder");
  check_refused(test.run("check " + test / "absent.py"), "absent.py");
  check_refused(test.run("fix " + test / "absent.py"), "absent.py");
}

TEST_CASE("cli: a position that is not there") {
  const ProgramTest test;
  const std::string file = test.file("a.py", "x = 1\nname = \"äöü\"");
  check_refused(test.run_with_model("complete " + file + ":3:1"),
                "a.py has 2 lines, so there is no line 3; the last position is 2:13");
  check_refused(test.run_with_model("complete " + file + ":2:14"),
                "line 2 of " + file + " ends at column 13");
  check_refused(test.run_with_model("complete " + file + ":1:7"), "ends at column 6");
  check_refused(test.run_with_model("complete " + file + ":0:1"), "FILE:LINE:COL");
  check_refused(test.run_with_model("complete " + file), "FILE:LINE:COL");
  check_refused(test.run_with_model("complete " + file + ":1:1-1:2"), "FILE:LINE:COL");
  check_refused(test.run_with_model("refactor " + file + ":1:3-1:1 --list"), "ends before it begins");
  check_refused(test.run_with_model("refactor " + file + ":1:1-1:3 --action re-examine"), "diffusion.edits");
  CHECK(test.run_with_model("complete " + file + ":2:13 --max-tokens 4").code == 0);
}

TEST_CASE("cli: cases that cannot be read") {
  const ProgramTest test;
  check_refused(test.run_with_model("eval infill --cases " + test / "absent.jsonl"), "absent.jsonl");
  check_refused(test.run_with_model("eval infill --cases " + test.file("empty.jsonl", "\n")), "no cases");
  const std::string good = R"({"id":"1","language":"python","prefix":"a","suffix":"b"})";
  check_refused(test.run_with_model("eval infill --cases " + test.file("c.jsonl", good + "\n{\"id\":\n")),
                "c.jsonl, line 2: not JSON");
  check_refused(
      test.run_with_model("eval infill --cases " + test.file("d.jsonl", good + "\n\n{\"id\":\"2\"}\n")),
      "d.jsonl, line 3: ");
  check_refused(test.run_with_model("eval infill --language c --cases " + test.file("e.jsonl", good)),
                "in the language c");
  CHECK(test.shell("gzip -k c.jsonl && head -c 40 c.jsonl.gz > cut.jsonl.gz").code == 0);
  check_refused(test.run_with_model("eval infill --cases " + test / "cut.jsonl.gz"),
                "cut.jsonl.gz is damaged");
  check_refused(
      test.run_with_model("eval infill --out /nowhere/r.jsonl --cases " + test.file("f.jsonl", good)),
      "/nowhere/r.jsonl");
}

TEST_CASE("cli: diagnostics that cannot be read") {
  const ProgramTest test;
  const std::string fix = "fix " + test.file("a.py", "x = 1\n") + " --diagnostics ";
  check_refused(test.run_with_model(fix + test / "absent.json"), "absent.json");
  check_refused(test.run_with_model(fix + test.file("object.json", "{}")), "no JSON list");
  check_refused(
      test.run_with_model(fix + test.file("half.json", R"([{"line":1,"col":1,"message":"m"},{"line":1}])")),
      "half.json, entry 2");
  check_refused(test.run_with_model("fix a.py --run 'no-such-tool-at-all'"), "no-such-tool-at-all");
}
