// The summary of a run as a table and as JSON.
#include <algorithm>
#include <cstdio>
#include <functional>

#include "cli/eval/summary.h"
#include "cli/json_object.h"

namespace seedling::cli {
namespace {

template <class... Values>
std::string format(const char* pattern, Values... values) {
  char text[200];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

std::string percents(double value, const Interval& interval) {
  return format("%.1f %% [%.1f, %.1f]", 100 * value, 100 * interval.low, 100 * interval.high);
}

std::string percents(const Share& share) {
  return share.count == 0 ? std::string() : percents(share.value(), share.interval());
}

std::string share_text(const Share& share) {
  return share.count == 0 ? std::string() : format("%.1f %%", 100 * share.value());
}

struct Column {
  const char* title;
  std::function<std::string(const EvalSummary&)> text;  // empty: says nothing of this row
};

std::vector<Column> columns() {
  using S = const EvalSummary&;
  return {
      {"rows", [](S s) { return s.name; }},
      {"cases", [](S s) { return std::to_string(s.cases); }},
      {"exact match", [](S s) { return percents(s.exact); }},
      {"pass", [](S s) { return percents(s.passed); }},
      {"no answer", [](S s) { return share_text(s.silent); }},
      {"does not parse", [](S s) { return share_text(s.broken); }},
      {"undeclared", [](S s) { return share_text(s.undeclared); }},
      {"unchanged",
       [](S s) { return s.unchanged.count == 0 ? "" : format("%.1f %%", 100 * s.unchanged.value()); }},
      {"similarity",
       [](S s) {
         const Interval& i = s.similarity_interval;
         return s.similarity ? format("%.3f [%.3f, %.3f]", *s.similarity, i.low, i.high) : std::string();
       }},
      {"excess code", [](S s) { return s.excess ? format("%.1f %%", 100 * *s.excess) : std::string(); }},
      {"constant",
       [](S s) {
         return s.constant_right.count == 0 ? "" : format("%.1f %%", 100 * s.constant_right.value());
       }},
      {"tokens", [](S s) { return format("%.1f", s.mean_tokens); }},
      {"steps", [](S s) { return format("%.1f", s.mean_steps); }},
      {"tok/step", [](S s) { return format("%.2f", s.tokens_per_step); }},
      {"tok/forward", [](S s) { return format("%.2f", s.tokens_per_forward); }},
      {"steps/block", [](S s) { return format("%.1f", s.steps_per_block); }},
      {"p50 ms", [](S s) { return format("%.1f", s.ms_p50); }},
      {"p95 ms", [](S s) { return format("%.1f", s.ms_p95); }},
  };
}

std::string grid_of(std::span<const EvalSummary> summaries) {
  std::vector<std::vector<std::string>> lines(summaries.size() + 1);
  for (const Column& column : columns()) {
    std::vector<std::string> cells{column.title};
    for (const EvalSummary& row : summaries) cells.push_back(column.text(row));
    if (std::all_of(cells.begin() + 1, cells.end(), [](const auto& cell) { return cell.empty(); })) continue;
    std::size_t width = 0;
    for (const std::string& cell : cells) width = std::max(width, cell.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string space(width - cells[i].size(), ' ');
      lines[i].push_back(lines[i].empty() ? cells[i] + space : space + cells[i]);
    }
  }
  std::string grid;
  for (const std::vector<std::string>& cells : lines) {
    std::string line;
    for (const std::string& cell : cells) line += (line.empty() ? "" : "  ") + cell;
    grid += line + "\n";
  }
  return grid;
}

std::string facts_text(const RunFacts& facts) {
  std::string text = facts.set + ": " + facts.answers + " answers";
  if (facts.answers == "model") {
    text += ", " + facts.mode + "; " + facts.canvas + "; seed " + std::to_string(facts.seed) + "; " +
            facts.backend + "; weights " + facts.weights.substr(0, 8);
  }
  text += format("; %.1f s in all, %.1f s of them the model's", facts.wall_seconds, facts.model_seconds);
  if (facts.judges > 0) text += "; " + std::to_string(facts.judges) + " judges";
  if (facts.is_offline) text += *facts.is_offline ? ", without network" : ", network could not be cut off";
  if (facts.left_out > 0) text += "; " + std::to_string(facts.left_out) + " left out (truth does not pass)";
  if (facts.unusable > 0) text += "; " + std::to_string(facts.unusable) + " rows nothing here can judge";
  if (facts.taken_over > 0) text += "; " + std::to_string(facts.taken_over) + " taken from --out";
  return text + "\n";
}

std::string constants_text(std::span<const EvalSummary> summaries) {
  if (summaries.empty() || summaries.front().constant_right.count == 0) return {};
  std::string text = "constant: every answer is \"" + summaries.front().constant + "\"";
  for (const EvalSummary& row : summaries.subspan(1)) text += "; " + row.name + ": \"" + row.constant + "\"";
  return text + "\n";
}

void add_share(JsonObject& object, const std::string& name, double value, const Interval& interval) {
  object.add(name, value);
  object.add_json(name + "_interval",
                  "[" + json_number(interval.low) + "," + json_number(interval.high) + "]");
}

void add_share(JsonObject& object, const std::string& name, const Share& share) {
  if (share.count > 0) add_share(object, name, share.value(), share.interval());
}

void add_to(JsonObject& object, const EvalSummary& row) {
  object.add("cases", row.cases);
  add_share(object, "exact_match", row.exact);
  add_share(object, "pass", row.passed);
  add_share(object, "no_answer", row.silent);
  add_share(object, "does_not_parse", row.broken);
  add_share(object, "undeclared_name", row.undeclared);
  add_share(object, "unchanged", row.unchanged);
  if (row.similarity) add_share(object, "similarity", *row.similarity, row.similarity_interval);
  object.add("excess_code", row.excess);
  object.add("mean_tokens", row.mean_tokens).add("mean_steps", row.mean_steps);
  object.add("mean_forwards", row.mean_forwards).add("tokens_per_step", row.tokens_per_step);
  object.add("tokens_per_forward", row.tokens_per_forward).add("steps_per_block", row.steps_per_block);
  object.add("ms_p50", row.ms_p50).add("ms_p95", row.ms_p95);
  if (row.constant_right.count > 0) {
    object.add("baseline_constant", row.constant_right.value()).add("constant", row.constant);
  }
  if (row.why.empty()) return;
  JsonObject why;
  for (const auto& [reason, count] : row.why) why.add(reason, count);
  object.add_json("why", why.text());
}

}  // namespace

std::string table_of(std::span<const EvalSummary> summaries, const RunFacts& facts) {
  return grid_of(summaries) + constants_text(summaries) + facts_text(facts);
}

std::string json_of(std::span<const EvalSummary> summaries, const RunFacts& facts) {
  JsonObject object, parts;
  object.add("eval", facts.kind).add("set", facts.set).add("answers", facts.answers).add("mode", facts.mode);
  add_to(object, summaries.front());
  for (const EvalSummary& row : summaries.subspan(1)) {
    JsonObject part;
    add_to(part, row);
    (row.name == "no_brackets" ? object : parts).add_json(row.name, part.text());
  }
  object.add_json("parts", parts.text());
  object.add("canvas", facts.canvas).add("block", facts.block).add("threshold", facts.threshold);
  object.add("seed", facts.seed).add("backend", facts.backend).add("weights", facts.weights);
  object.add("wall_seconds", facts.wall_seconds).add("model_seconds", facts.model_seconds);
  object.add("judges", facts.judges).add("is_offline", facts.is_offline);
  object.add("left_out", facts.left_out).add("unusable", facts.unusable).add("taken_over", facts.taken_over);
  return object.text();
}

}  // namespace seedling::cli
