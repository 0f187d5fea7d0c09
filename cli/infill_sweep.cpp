#include "cli/infill_sweep.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "cli/json_object.h"
#include "engine/assert.h"

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

double similarity_of(std::string_view a, std::string_view b) {
  const std::size_t longer = std::max(a.size(), b.size());
  if (longer == 0) return 1;
  std::vector<std::size_t> edits(b.size() + 1);  // from what is read of a to each beginning of b
  std::iota(edits.begin(), edits.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = edits[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = edits[j + 1];
      edits[j + 1] = std::min({substituted, edits[j] + 1, diagonal + 1});
    }
  }
  return 1 - static_cast<double>(edits.back()) / static_cast<double>(longer);
}

SweepRow sweep_row(int block, float threshold, std::span<const InfillOutcome> outcomes,
                   std::span<const InfillOutcome> reference) {
  SEEDLING_ASSERT(!outcomes.empty() && outcomes.size() == reference.size());
  SweepRow row;
  row.row.block = block;
  row.row.threshold = threshold;
  double tokens = 0, steps = 0;
  std::vector<double> exact, similarity, ms;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const InfillOutcome &here = outcomes[i], &there = reference[i];
    tokens += here.tokens;
    steps += here.steps;
    ms.push_back(here.ms);
    if (!here.expected) continue;
    const double similar = similarity_of(here.answer, *here.expected);
    row.exact_match += here.is_exact() ? 1 : 0;
    row.similarity += similar;
    exact.push_back((here.is_exact() ? 1.0 : 0.0) - (there.is_exact() ? 1.0 : 0.0));
    similarity.push_back(similar - similarity_of(there.answer, *there.expected));
  }
  const double judged = std::max<double>(1, static_cast<double>(exact.size()));
  row.exact_match /= judged;
  row.similarity /= judged;
  const Change change = change_of(similarity);
  row.similarity_change = change.mean;
  row.similarity_error = change.error;
  row.row.tokens_per_step = steps > 0 ? tokens / steps : 1;
  row.row.is_safe = !exact.empty() && change.is_no_loss() && change_of(exact).is_no_loss();
  const auto middle = ms.begin() + static_cast<std::ptrdiff_t>(ms.size() / 2);
  std::nth_element(ms.begin(), middle, ms.end());
  row.ms_p50 = *middle;
  return row;
}

std::string sweep_table(std::span<const SweepRow> rows) {
  std::string table = " block threshold  tok/step    exact  similar     change  p50 ms\n";
  for (const SweepRow& row : rows) {
    char line[160];
    std::snprintf(line, sizeof line, "%6d %9.2f %9.3f %6.1f %% %8.3f %+.3f±%.3f %7.1f%s\n", row.row.block,
                  static_cast<double>(row.row.threshold), row.row.tokens_per_step, 100 * row.exact_match,
                  row.similarity, row.similarity_change, row.similarity_error, row.ms_p50,
                  row.row.is_safe ? "" : "  worse");
    table += line;
  }
  return table;
}

std::string sweep_json(std::span<const SweepRow> rows, std::span<const InfillOutcome> reference,
                       const std::string& fingerprint) {
  double tokens = 0;
  for (const InfillOutcome& outcome : reference) tokens += outcome.tokens;
  JsonObject object;
  object.add("weights", fingerprint).add("cases", reference.size());
  object.add("tokens_per_hole",
             std::max(1.0, tokens / std::max<double>(1, static_cast<double>(reference.size()))));
  std::vector<std::string> lines;
  for (const SweepRow& row : rows) {
    JsonObject line;
    line.add("block", row.row.block).add("threshold", row.row.threshold);
    line.add("tokens_per_step", row.row.tokens_per_step).add("is_safe", row.row.is_safe);
    line.add("exact_match", row.exact_match).add("similarity", row.similarity);
    line.add("similarity_change", row.similarity_change).add("similarity_error", row.similarity_error);
    lines.push_back(line.text());
  }
  return object.add_json("rows", json_array(lines)).text();
}

}  // namespace seedling::cli
