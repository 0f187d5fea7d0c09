// `seedling bench`: which cases run, what a line says, and what the floor is made of. How fast anything is,
// is not tested.
#include "cli/bench/bench.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/bench/floor.h"
#include "tests/cli/program.h"

using namespace seedling;
using namespace seedling::cli;
using namespace seedling::test;
using nlohmann::json;

namespace {

std::vector<json> json_lines(const std::string& text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("bench: a name chooses the cases that begin with it") {
  const ProgramTest test;
  check_refused(test.run_with_model("bench --case fly"),
                "there are step.shipped, step.30m, step.100m, prefill.");
  check_refused(test.run_with_model("bench --case step.shippedd"), "no case begins with \"step.shippedd\"");
  check_refused(test.run_with_model("bench --case step.shipped --m 65"), "--m");
  check_refused(test.run_with_model("bench --case step.shipped --context -1"), "--context");
  check_refused(test.run_with_model("bench --case step.shipped --passes 0"), "--passes");
  check_refused(test.run("bench --case step.shipped --model /nowhere"), "/nowhere");

  const Ran ran = test.run_with_model("bench --case complete.causal --passes 1 --json");
  CHECK(ran.code == 0);
  const std::vector<json> lines = json_lines(ran.out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["case"] == "complete.causal.cold");
  CHECK(lines[1]["case"] == "complete.causal.warm");
  CHECK(lines[0]["checksum"] == lines[1]["checksum"]);  // what is cached changes no answer
}

TEST_CASE("bench: a line of a step") {
  const ProgramTest test;
  const std::string arguments = "bench --case step.shipped --json --m 3,1 --context 5,0 --seconds 0";
  const Ran ran = test.run_with_model(arguments);
  CHECK(ran.code == 0);
  CHECK(ran.err.empty());
  const std::vector<json> lines = json_lines(ran.out);
  REQUIRE(lines.size() == 4);
  std::vector<std::pair<int, int>> points;
  for (const json& line : lines) {
    points.emplace_back(line["context"], line["m"]);
    CHECK(line["case"] == "step.shipped");
    CHECK(line["p50_ms"].get<double>() > 0);
    CHECK(line["p95_ms"].get<double>() >= line["p50_ms"].get<double>());
    CHECK(line["n"].get<int>() >= 5);
    CHECK(line["over_floor"].get<double>() > 0);
    CHECK(line["checksum"].get<std::string>().size() == 8);
    CHECK(!line.contains("tokens_per_s"));
  }
  CHECK(points == std::vector<std::pair<int, int>>{{0, 1}, {0, 3}, {5, 1}, {5, 3}});
  CHECK(lines[0]["checksum"] != lines[1]["checksum"]);

  // Another run gives the same answers; without --json it is a table.
  const Ran table = test.run_with_model("bench --case step.shipped --m 1 --context 0 --passes 1");
  CHECK(table.code == 0);
  CHECK(std::count(table.out.begin(), table.out.end(), '\n') == 2);
  CHECK(table.out.find(lines[0]["checksum"].get<std::string>()) != std::string::npos);
}

TEST_CASE("bench: a shape with random weights leaves no file behind") {
  const ProgramTest test;
  const Ran ran =
      test.shell("mkdir tmp && TMPDIR=$PWD/tmp " SEEDLING_BINARY
                 " bench --case step.30m --m 2 --context 0 --passes 1 --json --threads 1 && ls tmp");
  CHECK(ran.code == 0);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 1);
  CHECK(ran.out.find("\"checksum\":\"") != std::string::npos);
}

TEST_CASE("bench: prefill, causal, typing and the server's start") {
  const ProgramTest test;
  for (const std::string name : {"prefill.shipped", "causal.shipped", "typing.diffusion", "start.alone"}) {
    CAPTURE(name);
    const Ran ran = test.run_with_model("bench --passes 1 --json --case " + name);
    CHECK(ran.code == 0);
    const std::vector<json> lines = json_lines(ran.out);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0]["case"] == name);
    CHECK(lines[0]["n"] == 1);
    CHECK(lines[0].contains("tokens_per_s") == !name.starts_with("start"));
    CHECK(lines[0].contains("over_floor") == false);
  }
}

TEST_CASE("bench: alternatives are counted") {
  const ProgramTest test;
  const Ran ran = test.run_with_model("bench --passes 1 --json --block 4 --case invoked.causal");
  CHECK(ran.code == 0);
  const std::vector<json> lines = json_lines(ran.out);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["candidates"].get<double>() >= 0);
  CHECK(lines[0]["candidates"].get<double>() <= 3);
  check_refused(test.run_with_model("bench --case invoked.causal --block 0"), "--block");
}

TEST_CASE("bench: the work of a pass, counted by hand") {
  ModelConfig config;
  config.vocab_size = 100;
  config.hidden_size = 8;
  config.num_hidden_layers = 3;
  config.num_attention_heads = 4;
  config.num_key_value_heads = 2;
  config.head_dim = 2;
  config.intermediate_size = 5;
  // A layer: q 8x8, k and v 4x8 each, o 8x8, gate, up and down 5x8 each.
  const double layer = 64 + 32 + 32 + 64 + 120, head = 800;

  const Work block = work_of_pass(config, 6, 10, 6, /*causal=*/false);
  CHECK(block.linear == 6 * 3 * layer + 6 * head);
  CHECK(block.attention ==
        3 * 4 * (6 * 16) * 2 * 2);  // layers, heads, tokens seen, D for scores and for values
  CHECK(block.bytes == 3 * layer + head + 3 * 2 * 10 * (2 * 2) * 2);

  const Work causal = work_of_pass(config, 6, 10, 0, /*causal=*/true);
  CHECK(causal.linear == 6 * 3 * layer);
  CHECK(causal.attention == 3 * 4 * (11 + 12 + 13 + 14 + 15 + 16) * 2 * 2);
  CHECK(causal.bytes == 3 * layer + 3 * 2 * 10 * (2 * 2) * 2);

  const Work work{.linear = 2e9, .attention = 1e9, .bytes = 5e9};
  CHECK(floor_ms(work, {.int8 = 1e12, .float_ = 5e11, .bytes = 1e13}) == doctest::Approx(4));   // arithmetic
  CHECK(floor_ms(work, {.int8 = 1e12, .float_ = 5e11, .bytes = 1e11}) == doctest::Approx(50));  // reading
}

TEST_CASE("bench: the rates of this machine are numbers") {
  RateMeter meter(1);
  const Rates rates = meter.measure(1000);
  CHECK(rates.int8 > 0);
  CHECK(rates.float_ > 0);
  CHECK(rates.bytes > 0);
}

TEST_CASE("bench: quantiles and checksums") {
  const std::vector<double> values = {4, 1, 3, 2};
  CHECK(quantile(values, 0) == 1);
  CHECK(quantile(values, 0.5) == 2.5);
  CHECK(quantile(values, 1) == 4);
  CHECK(quantile(std::vector<double>{7}, 0.95) == 7);
  Checksum whole, parts, other;
  whole.add("abcd");
  parts.add("ab");
  parts.add("cd");
  other.add("abdc");
  CHECK(whole.text() == "ed82cd11");
  CHECK(parts.text() == whole.text());
  CHECK(other.text() != whole.text());
}
