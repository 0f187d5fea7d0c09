#include "cli/eval/sweep.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <numeric>

#include "cli/eval/run.h"
#include "cli/eval/summary.h"
#include "cli/json_object.h"
#include "engine/assert.h"
#include "engine/model/fingerprint.h"

namespace seedling::cli {
namespace {

// The mean of differences and its standard error.
struct Change {
  double mean = 0, error = 0;
  bool is_no_loss() const { return -mean <= error && -mean <= kMostLoss; }
};

Change change_of(const std::vector<double>& differences) {
  const double count = std::max<double>(1, static_cast<double>(differences.size()));
  Change change;
  change.mean = std::accumulate(differences.begin(), differences.end(), 0.0) / count;
  double squares = 0;
  for (const double d : differences) squares += (d - change.mean) * (d - change.mean);
  change.error = std::sqrt(squares) / count;
  return change;
}

}  // namespace

SweepRow sweep_row(int block, float threshold, std::span<const EvalRecord> records,
                   std::span<const EvalRecord> reference) {
  SEEDLING_ASSERT(!records.empty() && records.size() == reference.size());
  SweepRow row;
  row.row.block = block;
  row.row.threshold = threshold;
  double tokens = 0, steps = 0, forwards = 0, blocks = 0;
  Share exact;
  std::vector<double> similarities, exact_changes, similarity_changes, ms;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const EvalAnswer& answer = records[i].answer;
    tokens += answer.tokens;
    steps += answer.steps;
    forwards += answer.forwards;
    blocks += answer.blocks;
    ms.push_back(answer.ms);
    const EvalJudgement &here = records[i].judgement, &there = reference[i].judgement;
    if (!here.exact || !here.similarity || !there.exact || !there.similarity) continue;
    exact.add(here.exact);
    similarities.push_back(*here.similarity);
    exact_changes.push_back((*here.exact ? 1.0 : 0.0) - (*there.exact ? 1.0 : 0.0));
    similarity_changes.push_back(*here.similarity - *there.similarity);
  }
  row.exact_match = exact.value();
  row.exact_interval = exact.interval();
  row.similarity = mean_of(similarities);
  const Change change = change_of(similarity_changes);
  row.similarity_change = change.mean;
  row.similarity_error = change.error;
  row.row.tokens_per_step = steps > 0 ? tokens / steps : 1;
  row.row.is_safe = !exact_changes.empty() && change.is_no_loss() && change_of(exact_changes).is_no_loss();
  row.tokens_per_forward = forwards > 0 ? tokens / forwards : 1;
  row.steps_per_block = blocks > 0 ? steps / blocks : 0;
  row.ms_p50 = percentile_of(ms, 0.5);
  return row;
}

std::string sweep_table(std::span<const SweepRow> rows) {
  std::string table =
      " block threshold  tok/step tok/forward steps/block   exact match         similar      change  p50 "
      "ms\n";
  for (const SweepRow& row : rows) {
    char line[200];
    std::snprintf(line, sizeof line,
                  "%6d %9.2f %9.3f %11.3f %11.2f %5.1f %% [%.1f, %.1f] %9.3f %+.3f±%.3f %7.1f%s\n",
                  row.row.block, static_cast<double>(row.row.threshold), row.row.tokens_per_step,
                  row.tokens_per_forward, row.steps_per_block, 100 * row.exact_match,
                  100 * row.exact_interval.low, 100 * row.exact_interval.high, row.similarity,
                  row.similarity_change, row.similarity_error, row.ms_p50, row.row.is_safe ? "" : "  worse");
    table += line;
  }
  return table;
}

std::string sweep_json(std::span<const SweepRow> rows, std::span<const EvalRecord> reference,
                       const std::string& fingerprint) {
  double tokens = 0;
  for (const EvalRecord& record : reference) tokens += record.answer.tokens;
  const double count = std::max<double>(1, static_cast<double>(reference.size()));
  JsonObject object;
  object.add("weights", fingerprint).add("cases", reference.size());
  object.add("tokens_per_hole", std::max(1.0, tokens / count));
  std::vector<std::string> lines;
  for (const SweepRow& row : rows) {
    JsonObject line;
    line.add("block", row.row.block).add("threshold", row.row.threshold);
    line.add("tokens_per_step", row.row.tokens_per_step).add("is_safe", row.row.is_safe);
    line.add("exact_match", row.exact_match);
    line.add_json("exact_match_interval", "[" + json_number(row.exact_interval.low) + "," +
                                              json_number(row.exact_interval.high) + "]");
    line.add("similarity", row.similarity).add("similarity_change", row.similarity_change);
    line.add("similarity_error", row.similarity_error).add("tokens_per_forward", row.tokens_per_forward);
    line.add("steps_per_block", row.steps_per_block).add("ms_p50", row.ms_p50);
    lines.push_back(line.text());
  }
  return object.add_json("rows", json_array(lines)).text();
}

Result<int> run_sweep(const EvalOptions& options, const GlobalOptions& global) {
  const CaseChoice choice{options.language, options.limit, options.spread, options.is_complete};
  const CaseFile file = TRY(read_cases(EvalKind::infill, options.cases, choice));
  std::vector<EvalRecord> reference;
  std::vector<SweepRow> rows;
  std::string fingerprint;
  const auto add = [&](int block, float threshold) -> Status {
    EngineOptions engine_options = cli::engine_options(global);
    engine_options.block_size = block;
    engine_options.commit_threshold = threshold;
    const std::unique_ptr<Engine> engine = TRY(Engine::open(engine_options));
    EvalRun run;
    run.engine = engine.get();
    run.rules = {
        options.decode.decode_mode(), options.decode.seed, options.max_tokens, false, false, false, nullptr};
    run.judges = options.judges;
    run.is_quiet = options.is_quiet;
    RecordFile nowhere = TRY(RecordFile::open("", false, EvalKind::infill));
    const EvalResult result = TRY(run_cases(run, file.cases, nowhere));
    if (result.records.size() < file.cases.size()) {
      return invalid_input("stopped before everything was measured");
    }
    if (rows.empty()) {
      reference = result.records;
      fingerprint = fingerprint_of(*engine->model().weights);
    }
    block = engine->session().planner.plan({}, "").block;  // where it was left to the model
    rows.push_back(sweep_row(block, threshold, result.records, reference));
    return Done{};
  };
  TRY(add(0, kReferenceThreshold));
  for (const int block : kSweepBlocks) {
    for (const float threshold : kSweepThresholds) TRY(add(block, threshold));
  }
  (options.is_json ? std::cerr : std::cout) << sweep_table(rows);
  if (options.is_json) std::cout << sweep_json(rows, reference, fingerprint) << "\n";
  return 0;
}

}  // namespace seedling::cli
