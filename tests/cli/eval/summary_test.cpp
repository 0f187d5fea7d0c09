// Scores and intervals of judged cases, and the sweep that compares rows.
#include "cli/eval/summary.h"

#include <nlohmann/json.hpp>

#include "cli/eval/sweep.h"
#include "tests/cli/program.h"

using namespace seedling;
using namespace seedling::cli;
using nlohmann::json;

namespace {

EvalCase hole(const std::string& part, std::optional<std::string> expected) {
  EvalCase made;
  made.id = part;
  made.part = part;
  made.expected = std::move(expected);
  made.answer = Answer::single_line;
  return made;
}

EvalRecord record(std::optional<bool> exact, std::optional<bool> passed, int tokens, int steps, double ms) {
  EvalRecord made;
  made.answer.tokens = tokens;
  made.answer.steps = steps;
  made.answer.forwards = 2 * steps;
  made.answer.blocks = 1;
  made.answer.ms = ms;
  made.judgement.exact = exact;
  if (exact) made.judgement.similarity = *exact ? 1 : 0.5;
  made.judgement.passed = passed;
  if (passed == false) made.judgement.why = "fails";
  return made;
}

EvalRecord swept(bool is_exact, double similarity, int tokens, int steps) {
  EvalRecord made = record(is_exact, {}, tokens, steps, 1);
  made.judgement.similarity = similarity;
  return made;
}

}  // namespace

TEST_CASE("similarity: edits against the longer text") {
  CHECK(similarity_of("", "") == 1);
  CHECK(similarity_of("abc", "") == 0);
  CHECK(similarity_of("abc", "abc") == 1);
  CHECK(similarity_of("abcd", "abxd") == doctest::Approx(0.75));
  CHECK(similarity_of("kitten", "sitting") == doctest::Approx(1 - 3.0 / 7));
  CHECK(similarity_of("xyz", "abc") == 0);
  CHECK(similarity_of("aaa", "aa") == doctest::Approx(2.0 / 3));
}

TEST_CASE("intervals: Wilson's and the bootstrap's") {
  // Known values of Wilson's interval.
  CHECK(wilson_interval(5, 10).low == doctest::Approx(0.2366).epsilon(0.001));
  CHECK(wilson_interval(5, 10).high == doctest::Approx(0.7634).epsilon(0.001));
  CHECK(wilson_interval(0, 20).low == 0);
  CHECK(wilson_interval(0, 20).high == doctest::Approx(0.1611).epsilon(0.001));
  CHECK(wilson_interval(20, 20).high == 1);
  CHECK(wilson_interval(0, 0).high == 1);
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i % 2);
  const Interval interval = bootstrap_interval(values);
  CHECK(interval.low == doctest::Approx(0.4).epsilon(0.06));
  CHECK(interval.high == doctest::Approx(0.6).epsilon(0.06));
  CHECK(bootstrap_interval(values).low == interval.low);
  CHECK(bootstrap_interval({}).high == 0);
}

TEST_CASE("eval summary: counts against the rows' own baseline") {
  const std::vector<EvalCase> cases = {hole("java", "}"), hole("java", " }"), hole("python", "y = 1"),
                                       hole("python", {})};
  const std::vector<EvalRecord> records = {record(true, {}, 2, 1, 10), record(false, {}, 4, 2, 20),
                                           record(true, true, 6, 3, 30), record({}, false, 8, 4, 40)};
  const std::vector<EvalSummary> summaries = summarize(cases, records);
  REQUIRE(summaries.size() == 4);
  CHECK(summaries[0].cases == 4);
  CHECK(summaries[0].exact.value() == doctest::Approx(2.0 / 3));
  CHECK(summaries[0].constant_right.value() == doctest::Approx(2.0 / 3));
  CHECK(summaries[0].constant == "}");
  CHECK(summaries[0].passed.value() == doctest::Approx(0.5));
  CHECK(summaries[0].why.at("fails") == 1);
  CHECK(*summaries[0].similarity == doctest::Approx(2.5 / 3));
  CHECK(summaries[0].mean_tokens == 5);
  CHECK(summaries[0].tokens_per_step == 2);
  CHECK(summaries[0].tokens_per_forward == 1);
  CHECK(summaries[0].steps_per_block == 2.5);
  CHECK(summaries[0].ms_p50 == 30);
  CHECK(summaries[1].name == "java");
  CHECK(summaries[1].passed.count == 0);
  CHECK(summaries[3].name == "no_brackets");
  CHECK(summaries[3].cases == 2);

  RunFacts facts;
  facts.mode = "causal";
  facts.is_offline = true;
  const json object = json::parse(json_of(summaries, facts));
  CHECK(object["mode"] == "causal");
  CHECK(object["parts"]["java"]["baseline_constant"] == 1);
  CHECK(object["exact_match_interval"].size() == 2);
  CHECK(!object["parts"]["java"].contains("pass"));
  CHECK(object["no_brackets"]["cases"] == 2);
  const std::string table = table_of(summaries, facts);
  CHECK(table.starts_with("rows "));
  CHECK(table.find("66.7 % [") != std::string::npos);
  CHECK(table.find("unchanged") == std::string::npos);
  CHECK(table.find("without network") != std::string::npos);
  CHECK(json::parse(json_of(summarize({}, {}), facts))["cases"] == 0);
}

TEST_CASE("sweep: a row is safe where it loses no more than noise") {
  std::vector<EvalRecord> reference, same, better, worse;
  for (int i = 0; i < 40; ++i) {
    const bool is_right = i % 4 != 0;
    reference.push_back(swept(is_right, is_right ? 1 : 0.9, 10, 10));
    same.push_back(swept(is_right, is_right ? 1 : 0.9, 10, 5));
    better.push_back(swept(true, 1, 10, 4));
    worse.push_back(swept(i % 2 != 0, i % 2 != 0 ? 1 : 0, 10, 2));
  }
  const SweepRow first = sweep_row(16, 1, reference, reference);
  CHECK(first.row.is_safe);
  CHECK(first.row.tokens_per_step == 1);
  CHECK(first.steps_per_block == 10);
  CHECK(first.exact_match == doctest::Approx(0.75));
  CHECK(first.exact_interval.low < 0.75);
  CHECK(first.similarity_change == 0);
  CHECK(sweep_row(8, 0.5f, same, reference).row.is_safe);
  CHECK(sweep_row(8, 0.5f, same, reference).row.tokens_per_step == 2);
  CHECK(sweep_row(8, 0.5f, better, reference).row.is_safe);
  const SweepRow last = sweep_row(8, 0.3f, worse, reference);
  CHECK(!last.row.is_safe);
  CHECK(last.similarity_change < -0.1);

  const std::vector<SweepRow> rows = {first, last};
  CHECK(sweep_table(rows).find("worse") != std::string::npos);
  const Result<DecodingTable> table = DecodingTable::parse(sweep_json(rows, reference, "w"), "f", "w");
  REQUIRE(table.ok());
  CHECK(table->tokens_per_hole == 10);
  CHECK(table->rows.size() == 2);

  // Cases that do not say what is expected cannot tell that anything is as good.
  std::vector<EvalRecord> unknown = same;
  for (EvalRecord& one : unknown) one.judgement.exact.reset();
  CHECK(!sweep_row(8, 0.5f, unknown, unknown).row.is_safe);
}
