#include "cli/eval/summary.h"

#include <algorithm>

#include "engine/assert.h"

namespace seedling::cli {
namespace {

// A case with what became of it.
struct Judged {
  const EvalCase* eval_case;
  const EvalRecord* record;
};

bool is_brackets_only(const EvalCase& eval_case) {
  return eval_case.expected.has_value() &&
         stripped(*eval_case.expected).find_first_not_of("{}()[];, \t") == std::string_view::npos;
}

std::string most_frequent(std::span<const Judged> rows) {
  std::map<std::string_view, int> counts;
  for (const Judged& row : rows) {
    if (row.eval_case->expected.has_value()) ++counts[stripped(*row.eval_case->expected)];
  }
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? std::string() : std::string(most->first);
}

void add_cost(EvalSummary& summary, std::span<const Judged> rows) {
  double tokens = 0, steps = 0, forwards = 0, blocks = 0;
  std::vector<double> ms;
  for (const Judged& row : rows) {
    const EvalAnswer& answer = row.record->answer;
    tokens += answer.tokens;
    steps += answer.steps;
    forwards += answer.forwards;
    blocks += answer.blocks;
    ms.push_back(answer.ms);
  }
  const double count = std::max<double>(1, static_cast<double>(rows.size()));
  summary.mean_tokens = tokens / count;
  summary.mean_steps = steps / count;
  summary.mean_forwards = forwards / count;
  summary.tokens_per_step = steps > 0 ? tokens / steps : 0;
  summary.tokens_per_forward = forwards > 0 ? tokens / forwards : 0;
  summary.steps_per_block = blocks > 0 ? steps / blocks : 0;
  summary.ms_p50 = percentile_of(ms, 0.50);
  summary.ms_p95 = percentile_of(ms, 0.95);
}

EvalSummary summary_of(std::string name, std::span<const Judged> rows) {
  EvalSummary summary;
  summary.name = std::move(name);
  summary.cases = static_cast<int>(rows.size());
  // Of a text that is edited no constant answer makes sense.
  const bool has_holes =
      std::any_of(rows.begin(), rows.end(), [](const Judged& row) { return row.eval_case->text.empty(); });
  if (has_holes) summary.constant = most_frequent(rows);
  std::vector<double> similarities, excesses;
  for (const Judged& row : rows) {
    const EvalJudgement& judgement = row.record->judgement;
    summary.exact.add(judgement.exact);
    summary.passed.add(judgement.passed);
    summary.silent.add(judgement.is_silent);
    if (judgement.is_silent) {
      summary.broken.add(!judgement.parses.value_or(true));
      summary.undeclared.add(!judgement.is_declared.value_or(true));
    }
    if (judgement.changed.has_value()) summary.unchanged.add(!*judgement.changed);
    if (judgement.similarity) similarities.push_back(*judgement.similarity);
    if (judgement.excess) excesses.push_back(*judgement.excess);
    if (!judgement.passed.value_or(true)) ++summary.why[judgement.why];
    if (has_holes && row.eval_case->expected)
      summary.constant_right.add(stripped(*row.eval_case->expected) == summary.constant);
  }
  if (!similarities.empty()) summary.similarity = mean_of(similarities);
  summary.similarity_interval = bootstrap_interval(similarities);
  if (!excesses.empty()) summary.excess = mean_of(excesses);
  add_cost(summary, rows);
  return summary;
}

}  // namespace

std::vector<EvalSummary> summarize(std::span<const EvalCase> cases, std::span<const EvalRecord> records) {
  SEEDLING_ASSERT(cases.size() == records.size());
  std::vector<Judged> all, more_than_brackets;
  std::map<std::string, std::vector<Judged>> parts;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    all.push_back({&cases[i], &records[i]});
    parts[cases[i].part].push_back(all.back());
    const bool is_line = cases[i].answer == Answer::single_line;
    if (!is_line || !is_brackets_only(cases[i])) more_than_brackets.push_back(all.back());
  }
  std::vector<EvalSummary> summaries{summary_of("all", all)};
  if (parts.size() > 1) {
    for (const auto& [name, rows] : parts) summaries.push_back(summary_of(name, rows));
  }
  if (!more_than_brackets.empty() && more_than_brackets.size() < all.size()) {
    summaries.push_back(summary_of("no_brackets", more_than_brackets));
  }
  return summaries;
}

}  // namespace seedling::cli
