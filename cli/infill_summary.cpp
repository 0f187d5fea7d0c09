#include "cli/infill_summary.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "cli/json_object.h"

namespace seedling::cli {
namespace {

constexpr std::string_view kNoBrackets = "no_brackets";

using Pointers = std::vector<const InfillOutcome*>;

// Share of the rows for which `says` is true, of those for which it says anything.
template <class Says>
std::optional<double> share(const Pointers& rows, Says says) {
  int asked = 0, yes = 0;
  for (const InfillOutcome* row : rows) {
    const std::optional<bool> answer = says(*row);
    if (!answer.has_value()) continue;
    ++asked;
    if (*answer) ++yes;
  }
  if (asked == 0) return std::nullopt;
  return static_cast<double>(yes) / asked;
}

std::string most_frequent(const Pointers& rows) {
  std::map<std::string, int> counts;
  for (const InfillOutcome* row : rows) {
    if (row->expected.has_value()) ++counts[*row->expected];
  }
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? std::string() : most->first;
}

double percentile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  const std::size_t at = static_cast<std::size_t>(part * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

InfillSummary summary_of(std::string name, const Pointers& rows) {
  InfillSummary summary;
  summary.name = std::move(name);
  summary.cases = static_cast<int>(rows.size());
  if (rows.empty()) return summary;
  const auto if_expected = [](const InfillOutcome& row, bool value) {
    return row.expected.has_value() ? std::optional<bool>(value) : std::nullopt;
  };
  summary.exact_match =
      share(rows, [&](const InfillOutcome& row) { return if_expected(row, row.is_exact()); });
  summary.pass = share(rows, [](const InfillOutcome& row) { return row.passed; });
  summary.constant = most_frequent(rows);
  summary.baseline_constant = share(
      rows, [&](const InfillOutcome& row) { return if_expected(row, row.expected == summary.constant); });
  summary.baseline_empty = share(rows, [](const InfillOutcome& row) { return row.empty_passed; });
  double tokens = 0, steps = 0;
  std::vector<double> ms;
  for (const InfillOutcome* row : rows) {
    tokens += row->tokens;
    steps += row->steps;
    ms.push_back(row->ms);
  }
  summary.mean_tokens = tokens / summary.cases;
  summary.mean_steps = steps / summary.cases;
  summary.tokens_per_step = steps > 0 ? tokens / steps : 0;
  summary.ms_p50 = percentile(ms, 0.50);
  summary.ms_p95 = percentile(ms, 0.95);
  return summary;
}

bool is_brackets_only(const InfillOutcome& row) {
  return row.expected.has_value() && row.expected->find_first_not_of("{}()[];, \t") == std::string::npos;
}

std::string percent(const std::optional<double>& value) {
  if (!value.has_value()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * *value);
  return text;
}

void add_to(JsonObject& object, const InfillSummary& summary) {
  object.add("cases", summary.cases).add("exact_match", summary.exact_match).add("pass", summary.pass);
  object.add("mean_tokens", summary.mean_tokens).add("mean_steps", summary.mean_steps);
  object.add("tokens_per_step", summary.tokens_per_step);
  object.add("ms_p50", summary.ms_p50).add("ms_p95", summary.ms_p95);
  object.add("baseline_constant", summary.baseline_constant);
  if (summary.baseline_constant.has_value()) object.add("constant", summary.constant);
  object.add("baseline_empty", summary.baseline_empty);
}

}  // namespace

std::vector<InfillSummary> summarize(std::span<const InfillOutcome> outcomes) {
  Pointers all, more_than_brackets;
  std::map<std::string, Pointers> by_language;
  for (const InfillOutcome& outcome : outcomes) {
    all.push_back(&outcome);
    by_language[outcome.language].push_back(&outcome);
    if (!is_brackets_only(outcome)) more_than_brackets.push_back(&outcome);
  }
  std::vector<InfillSummary> summaries{summary_of("all", all)};
  if (by_language.size() > 1) {
    for (const auto& [language, rows] : by_language) summaries.push_back(summary_of(language, rows));
  }
  if (!more_than_brackets.empty() && more_than_brackets.size() < all.size()) {
    summaries.push_back(summary_of(std::string(kNoBrackets), more_than_brackets));
  }
  return summaries;
}

std::string table_of(std::span<const InfillSummary> summaries) {
  std::string table;
  char line[256];
  std::snprintf(line, sizeof line, "%-12s %6s %8s %8s %9s %8s %7s %6s %8s %8s %8s\n", "rows", "cases",
                "exact", "pass", "constant", "empty", "tokens", "steps", "tok/step", "p50 ms", "p95 ms");
  table += line;
  for (const InfillSummary& row : summaries) {
    std::snprintf(line, sizeof line, "%-12s %6d %8s %8s %9s %8s %7.1f %6.1f %8.2f %8.1f %8.1f\n",
                  row.name.substr(0, 12).c_str(), row.cases, percent(row.exact_match).c_str(),
                  percent(row.pass).c_str(), percent(row.baseline_constant).c_str(),
                  percent(row.baseline_empty).c_str(), row.mean_tokens, row.mean_steps, row.tokens_per_step,
                  row.ms_p50, row.ms_p95);
    table += line;
  }
  if (!summaries.empty() && summaries.front().baseline_constant.has_value()) {
    table += "constant: every answer is \"" + summaries.front().constant + "\"";
    for (const InfillSummary& row : summaries.subspan(1))
      table += "; " + row.name + ": \"" + row.constant + "\"";
    table += "\n";
  }
  return table;
}

std::string json_of(std::span<const InfillSummary> summaries, const std::string& mode) {
  JsonObject object, languages;
  object.add("mode", mode);
  add_to(object, summaries.front());
  for (const InfillSummary& row : summaries.subspan(1)) {
    JsonObject part;
    add_to(part, row);
    (row.name == kNoBrackets ? object : languages).add_json(row.name, part.text());
  }
  return object.add_json("by_language", languages.text()).text();
}

}  // namespace seedling::cli
