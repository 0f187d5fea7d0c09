// `seedling profile`, the plans that follow from it, and `eval infill --sweep`.
#include <nlohmann/json.hpp>

#include "cli/eval/sweep.h"
#include "tests/cli/program.h"

using namespace seedling;
using namespace seedling::cli;
using namespace seedling::test;
using nlohmann::json;

namespace {

// The measurements of this test are its own.
std::string with_cache(const ProgramTest& test) {
  return "XDG_CACHE_HOME=" + test / "cache" + " " + SEEDLING_BINARY + " ";
}

}  // namespace

TEST_CASE("cli profile: measures, keeps and finds again") {
  const ProgramTest test;
  const std::string command = with_cache(test) + "profile --threads 1 --model " + test.model();
  const Ran table = test.shell(command);
  INFO(table.err);
  REQUIRE(table.code == 0);
  for (const char* word : {"1 threads", "step", "extend", "causal", "plan     blocks of "}) {
    CHECK_MESSAGE(table.out.find(word) != std::string::npos, word);
  }
  CHECK(test.shell(command).out == table.out);  // nothing was measured again

  const Ran first = test.shell(command + " --json");
  const json object = json::parse(first.out);
  const std::string file = object["file"];
  CHECK(file.starts_with(test / "cache" + "/seedling/profile-"));
  CHECK(json::parse(read_text(file)) == object["profile"]);
  CHECK(object["profile"]["of"]["threads"] == 1);
  CHECK(object["plan"]["block"] == 16);

  write_text(file, "{damaged");
  CHECK(test.shell(command).code == 0);
  CHECK(json::parse(read_text(file)).contains("step"));
  const std::string before = read_text(file);
  CHECK(test.shell(command + " --refresh").code == 0);
  CHECK(read_text(file) != before);

  CHECK(test.shell("env -u HOME -u XDG_CACHE_HOME " SEEDLING_BINARY " profile --json --threads 1 --model " +
                   test.model())
            .err.find("not kept") != std::string::npos);
  check_refused(test.run("profile --model /nowhere"), "no model folder");
}

TEST_CASE("cli complete: tells the plan, and keeps to a fixed one") {
  const ProgramTest test;
  const std::string place = test.file("notes.unknown", "alpha beta\n\n") + ":2:1 --max-tokens 6 --json";
  const std::string complete = with_cache(test) + "complete --threads 1 --model " + test.model() + " ";
  for (const std::string fixed : {"--block 4 --threshold 0.5 ", "--block 4 ", "--threshold 0.5 "}) {
    const json object = json::parse(test.shell(complete + fixed + place).out);
    if (object.is_null()) continue;  // gibberish was not worth showing
    CHECK(object["block"] == (fixed.find("block") == std::string::npos ? 16 : 4));
    CHECK(object["threshold"] == doctest::Approx(fixed.find("0.5") == std::string::npos ? 0.9 : 0.5));
    CHECK(object["expected_tokens_per_step"] == 0);
  }
  const json planned = json::parse(test.shell(complete + "--no-profile " + place).out);
  if (!planned.is_null()) CHECK(planned["expected_tokens_per_step"] == 1);
  check_refused(test.shell(complete + "--block auto --threshold 0.5 " + place), "leave --threshold out");
  check_refused(test.shell(complete + "--block many " + place), "--block");
  check_refused(test.shell(complete + "--block 0 " + place), "--block");
}

TEST_CASE("cli eval infill --sweep: writes what the planner reads") {
  const ProgramTest test;
  std::string rows;
  for (int i = 0; i < 2; ++i) {
    rows += R"({"id":1,"language":"text","prefix":"a ","suffix":" b","expected":"c","single_line":true})";
    rows += "\n";
  }
  test.file("cases.jsonl", rows);
  const Ran ran =
      test.run_with_model("eval infill --sweep --json --quiet --max-tokens 3 --cases cases.jsonl");
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.err.find("tok/step") != std::string::npos);
  write_text(test.model() + "/decoding.json", ran.out);
  const auto model = Model::load(test.model());
  REQUIRE(model.ok());
  const Result<DecodingTable> table = DecodingTable::load(**model);
  REQUIRE(table.ok());
  CHECK(table->rows.size() == 1 + kSweepBlocks.size() * kSweepThresholds.size());
}
