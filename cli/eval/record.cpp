#include "cli/eval/record.h"

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/json_object.h"

namespace seedling::cli {
namespace {

using nlohmann::json;

// FNV-1a; a zero byte between the parts, so that they do not run together.
class Hash {
 public:
  Hash& add(std::string_view text) {
    for (const char byte : text) step(static_cast<unsigned char>(byte));
    step(0);
    return *this;
  }
  std::string text() const {
    char digits[20];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(value_));
    return digits;
  }

 private:
  void step(unsigned char byte) { value_ = (value_ ^ byte) * 1099511628211ull; }
  std::uint64_t value_ = 14695981039346656037ull;
};

template <class T>
std::optional<T> optional_of(const json& row, const char* name) {
  const auto found = row.find(name);
  if (found == row.end() || found->is_null()) return std::nullopt;
  return found->get<T>();
}

const char* text_field(EvalKind kind) {
  return kind == EvalKind::infill ? "completion" : "text";
}

EvalRecord record_of(const json& row, EvalKind kind) {
  EvalRecord record;
  record.id = row.at("id").get<std::string>();
  record.key = row.value("key", "");
  EvalAnswer& answer = record.answer;
  answer.text = row.at(text_field(kind)).get<std::string>();
  answer.tokens = row.at("tokens").get<int>();
  answer.steps = row.at("steps").get<int>();
  answer.forwards = row.at("forwards").get<int>();
  answer.blocks = row.at("blocks").get<int>();
  answer.ms = row.at("ms").get<double>();
  answer.confidence = optional_of<double>(row, "confidence");
  answer.log_confidence = optional_of<double>(row, "log_confidence");
  answer.causal_score = optional_of<double>(row, "causal_score");
  EvalJudgement& judgement = record.judgement;
  judgement.exact = optional_of<bool>(row, "exact");
  judgement.similarity = optional_of<double>(row, "similarity");
  judgement.passed = optional_of<bool>(row, "passed");
  judgement.parses = optional_of<bool>(row, "parses");
  judgement.is_declared = optional_of<bool>(row, "declared");
  judgement.is_silent = optional_of<bool>(row, "silent");
  judgement.why = row.value("why", "");
  judgement.changed = optional_of<bool>(row, "changed");
  judgement.excess = optional_of<double>(row, "excess");
  return record;
}

// The whole lines of a file; what a killed run left of its last one is dropped.
std::string whole_lines_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  const std::size_t newline = text.rfind('\n');
  text.resize(newline == std::string::npos ? 0 : newline + 1);
  return text;
}

}  // namespace

void EvalAnswer::add_cost(const FillStats& stats, Mode mode) {
  tokens += stats.tokens;
  steps += stats.steps;
  blocks += stats.blocks;
  forwards += stats.steps;
  // In the other modes the pass over the context gives the first token too.
  if (mode != Mode::diffusion) return;
  forwards += (stats.context_tokens > stats.reused_tokens ? 1 : 0) + std::max(0, stats.blocks - 1);
}

std::string record_key(const std::string& settings, const EvalCase& eval_case) {
  Hash hash;
  hash.add(settings).add(eval_case.id).add(eval_case.language).add(eval_case.prefix).add(eval_case.suffix);
  hash.add(eval_case.text).add(eval_case.instruction).add(eval_case.expected.value_or(""));
  for (const CaseProblem& problem : eval_case.problems) {
    hash.add(std::to_string(problem.line) + ":" + std::to_string(problem.column)).add(problem.message);
  }
  if (eval_case.test.has_value()) {
    hash.add(eval_case.test->before).add(eval_case.test->behind);
    for (const InputOutput& test : eval_case.test->tests) hash.add(test.input).add(test.output);
  }
  return hash.text();
}

std::string line_of(const EvalRecord& record, EvalKind kind) {
  const EvalAnswer& answer = record.answer;
  const EvalJudgement& judgement = record.judgement;
  JsonObject line;
  line.add("id", record.id).add(text_field(kind), answer.text).add("tokens", answer.tokens);
  line.add("steps", answer.steps).add("ms", answer.ms).add("forwards", answer.forwards);
  line.add("blocks", answer.blocks).add("confidence", answer.confidence);
  line.add("log_confidence", answer.log_confidence).add("causal_score", answer.causal_score);
  line.add("exact", judgement.exact).add("similarity", judgement.similarity).add("passed", judgement.passed);
  if (!judgement.why.empty()) line.add("why", judgement.why);
  line.add("parses", judgement.parses).add("declared", judgement.is_declared);
  line.add("silent", judgement.is_silent);
  line.add("changed", judgement.changed).add("excess", judgement.excess).add("key", record.key);
  return line.text() + "\n";
}

Result<RecordFile> RecordFile::open(const std::string& path, bool is_fresh, EvalKind kind) {
  RecordFile file;
  file.path_ = path;
  file.kind_ = kind;
  if (path.empty()) return file;
  std::string text = is_fresh || !std::filesystem::is_regular_file(path) ? "" : whole_lines_of(path);
  std::size_t begin = 0;
  for (int number = 1; begin < text.size(); ++number) {
    const std::size_t end = text.find('\n', begin);
    try {
      EvalRecord record = record_of(json::parse(text.substr(begin, end - begin)), kind);
      std::string key = record.key;
      file.known_[std::move(key)] = std::move(record);
    } catch (const json::exception&) {
      return invalid_input(path + ", line " + std::to_string(number) +
                           ": no answer of this command: remove the file, or write elsewhere");
    }
    begin = end + 1;
  }
  std::error_code problem;
  if (!text.empty()) std::filesystem::resize_file(path, text.size(), problem);
  file.out_.open(path, std::ios::binary | (text.empty() ? std::ios::trunc : std::ios::app));
  if (problem || !file.out_) return invalid_input("cannot write to " + path);
  return file;
}

Status RecordFile::check(std::span<const EvalCase> cases, std::span<const std::string> keys) const {
  if (known_.empty()) return Done{};
  const std::set<std::string> asked(keys.begin(), keys.end());
  std::set<std::string> ids;
  for (const EvalCase& eval_case : cases) ids.insert(eval_case.id);
  for (const auto& [key, record] : known_) {
    if (asked.contains(key) || !ids.contains(record.id)) continue;
    return invalid_input(path_ + " holds another answer to " + record.id +
                         " (other weights, options or cases): --fresh drops it, or write elsewhere");
  }
  return Done{};
}

const EvalRecord* RecordFile::find(const std::string& key) const {
  const auto found = known_.find(key);
  return found == known_.end() ? nullptr : &found->second;
}

Status RecordFile::add(const EvalRecord& record) {
  if (path_.empty()) return Done{};
  out_ << line_of(record, kind_) << std::flush;
  if (!out_) return invalid_input("cannot write to " + path_);
  return Done{};
}

}  // namespace seedling::cli
