// cli/eval/record.h
//
// One answered and judged case, as a line of --out, and the lines of a run that was broken off.
//   Plain values; main thread. Errors: invalid_input where --out holds answers to the same cases that were
//   made in another way, or cannot be read or written.
#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "cli/eval/case_file.h"
#include "engine/generator.h"
#include "engine/result.h"

namespace seedling::cli {

// What came back for one case, and what it cost.
struct EvalAnswer {
  std::string text;  // the completion; of a fix or edit the whole text
  int tokens = 0, steps = 0, blocks = 0;
  int forwards = 0;  // passes of the model, those over the context and over finished blocks too
  double ms = 0;
  // What the model says of its own completion: what calibration starts from.
  std::optional<double> confidence, log_confidence, causal_score;

  void add_cost(const FillStats& stats, Mode mode);
};

struct EvalJudgement {
  std::optional<bool> exact;         // as expected, blanks at the ends aside
  std::optional<double> similarity;  // to what was expected
  // Of an infilled answer: whether the text with it parses, as python3 says of Python and else our parser
  // (for which what was expected is the measure), and whether no name of it is one that nothing declares.
  // Absent where the answer is empty.
  std::optional<bool> parses, is_declared;
  std::optional<bool> is_silent;  // there is no answer
  std::optional<bool> passed;
  std::string why;               // it did not pass
  std::optional<bool> changed;   // of a fix or edit: it is not what it was
  std::optional<double> excess;  // of an edit that passes: share of the new lines that no test runs
};

struct EvalRecord {
  std::string id, key;  // the key tells the same case, asked in the same way, from others
  EvalAnswer answer;
  EvalJudgement judgement;
};

// Hash of everything an answer and its judgement depend on.
std::string record_key(const std::string& settings, const EvalCase& eval_case);

std::string line_of(const EvalRecord& record, EvalKind kind);

// --out: finds the answers that it holds already and takes new ones.
class RecordFile {
 public:
  // An empty path: nothing is kept. Fresh: what was there goes.
  static Result<RecordFile> open(const std::string& path, bool is_fresh, EvalKind kind);

  // An error where it holds an answer to one of the cases under another key than theirs.
  Status check(std::span<const EvalCase> cases, std::span<const std::string> keys) const;
  // The record with a key; nothing where there is none.
  const EvalRecord* find(const std::string& key) const;
  Status add(const EvalRecord& record);

 private:
  std::string path_;
  EvalKind kind_ = EvalKind::infill;
  std::map<std::string, EvalRecord> known_;  // by their keys
  std::ofstream out_;
};

}  // namespace seedling::cli
