// cli/bench/bench.h
//
// The cases of `seedling bench`: a table of names and functions. A new case is a function and a line in it.
//   A case measures and reports one line per point (tokens of a pass, context). It polls is_stopped() between
//   measurements and returns early then. Main thread. Errors: those of loading a model and of the backend; a
//   case whose repeated answers differ is an internal error.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "engine/model/model.h"

namespace seedling::cli {

// One line of the table. What does not apply is left out.
struct BenchLine {
  std::string name;
  std::optional<int> m;        // tokens of one pass
  std::optional<int> context;  // tokens cached before it
  double p50_ms = 0, p95_ms = 0;
  int n = 0;  // measurements
  std::optional<double> tokens_per_s;
  std::optional<double> tokens, steps;  // of one answer, on average; a step is a forward pass
  std::optional<double> candidates;     // of one answer, where several are asked for
  std::optional<double> over_floor;     // time / floor, see floor.h
  std::optional<double> of_step;        // the mean as a share of a denoising step, M=16, nothing cached
  std::optional<double> cpu_ms;         // of all threads, one answer
  std::optional<double> resident_mib;   // of the process, at its highest
  // Of a server in front of which somebody types.
  std::optional<double> cpu_s_per_minute;  // while they do
  std::optional<double> idle_cpu_s_per_minute;
  std::optional<double> window_mib;  // of what each further editor window adds
  std::optional<int> overtaken;      // requests that the next keystroke took back
  std::string checksum;              // of the answers
};

// What a case may use while it runs.
struct BenchRun {
  const BenchOptions& options;
  const GlobalOptions& global;
  std::function<void(const BenchLine&)> report;
  std::function<void(const std::string&)> show_progress;
  std::function<bool()> is_stopped;

  // The model of a shape (see shapes.h), made once.
  Result<std::shared_ptr<const Model>> model(std::string_view shape) const;
  mutable std::map<std::string, std::shared_ptr<const Model>, std::less<>> models;
};

struct BenchCase {
  std::string name;
  std::function<Status(const BenchRun&, const std::string& name)> run;
};

std::vector<BenchCase> pass_cases();       // one forward pass: step, prefill, causal
std::vector<BenchCase> product_cases();    // what a user waits for: complete, typing
std::vector<BenchCase> lsp_cases();        // the same of a running server: start, lsp
std::vector<BenchCase> structure_cases();  // trees and scopes that follow a document

// The value below which `share` of the sorted copy of `values` lies. REQUIRES: not empty.
double quantile(std::span<const double> values, double share);

// Of everything that was added, in order: the same answers give the same eight digits.
class Checksum {
 public:
  void add(const void* bytes, std::size_t count);
  void add(std::string_view text) { add(text.data(), text.size()); }
  std::string text() const;

 private:
  unsigned long value_ = 0;
};

}  // namespace seedling::cli
