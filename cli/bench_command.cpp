// `seedling bench`: how long passes, completions and the start of the server take on this machine.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <utility>

#include "cli/bench/bench.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/json_object.h"

namespace seedling::cli {
namespace {

std::vector<BenchCase> all_cases() {
  std::vector<BenchCase> cases = pass_cases();
  for (BenchCase& one : product_cases()) cases.push_back(std::move(one));
  for (BenchCase& one : structure_cases()) cases.push_back(std::move(one));
  for (BenchCase& one : lsp_cases()) cases.push_back(std::move(one));
  return cases;
}

Result<std::vector<BenchCase>> cases_that_begin_with(const std::string& name) {
  std::vector<BenchCase> chosen;
  std::string names;
  for (BenchCase& one : all_cases()) {
    names += (names.empty() ? "" : ", ") + one.name;
    if (one.name.starts_with(name)) chosen.push_back(std::move(one));
  }
  if (chosen.empty()) return invalid_input("no case begins with \"" + name + "\"; there are " + names);
  return chosen;
}

std::string json_of(const BenchLine& line) {
  JsonObject object;
  object.add("case", line.name).add("m", line.m).add("context", line.context);
  object.add("p50_ms", line.p50_ms).add("p95_ms", line.p95_ms).add("n", line.n);
  object.add("tokens_per_s", line.tokens_per_s).add("tokens", line.tokens).add("steps", line.steps);
  object.add("candidates", line.candidates).add("over_floor", line.over_floor).add("cpu_ms", line.cpu_ms);
  object.add("of_step", line.of_step);
  object.add("resident_mib", line.resident_mib).add("window_mib", line.window_mib);
  object.add("cpu_s_per_minute", line.cpu_s_per_minute);
  object.add("idle_cpu_s_per_minute", line.idle_cpu_s_per_minute).add("overtaken", line.overtaken);
  object.add("checksum", line.checksum);
  return object.text();
}

// One column of the table; a dash where the value does not apply.
template <class T>
std::string cell(const char* format, const std::optional<T>& value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, format, *value);
  return text;
}

constexpr const char* kRow = "%-24s %5s %7s %9s %9s %7s %8s %6s %7s %8s %7s  %s\n";

std::string row(const char* name, const char* m, const char* context, const char* p50, const char* p95,
                const char* n, const char* rate, const char* steps, const char* floor, const char* cpu,
                const char* memory, const char* checksum) {
  char text[256];
  std::snprintf(text, sizeof text, kRow, name, m, context, p50, p95, n, rate, steps, floor, cpu, memory,
                checksum);
  return text;
}

std::string heading() {
  return row("case", "m", "context", "p50 ms", "p95 ms", "n", "tokens/s", "steps", "/floor", "cpu ms", "MiB",
             "checksum");
}

std::string row_of(const BenchLine& line) {
  return row(line.name.c_str(), cell("%d", line.m).c_str(), cell("%d", line.context).c_str(),
             cell("%.3f", std::optional(line.p50_ms)).c_str(),
             cell("%.3f", std::optional(line.p95_ms)).c_str(), cell("%d", std::optional(line.n)).c_str(),
             cell("%.0f", line.tokens_per_s).c_str(), cell("%.1f", line.steps).c_str(),
             cell("%.2f", line.over_floor).c_str(), cell("%.1f", line.cpu_ms).c_str(),
             cell("%.0f", line.resident_mib).c_str(),
             line.of_step ? cell("%.3f of a step", line.of_step).c_str() : line.checksum.c_str());
}

// What is being measured, on one line of a terminal that is written over and over.
class ProgressLine {
 public:
  ~ProgressLine() { clear(); }
  void show(const std::string& text) {
    if (is_terminal_) std::cerr << "\r\033[K" << text << " ..." << std::flush;
  }
  void clear() {
    if (is_terminal_) std::cerr << "\r\033[K" << std::flush;
  }

 private:
  bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
};

}  // namespace

Result<int> run_bench(const BenchOptions& options, const GlobalOptions& global) {
  const std::vector<BenchCase> cases = TRY(cases_that_begin_with(options.name));
  const Interrupt interrupt;
  ProgressLine progress;
  bool has_heading = options.is_json;
  const auto report = [&](const BenchLine& line) {
    progress.clear();
    if (!std::exchange(has_heading, true)) std::cout << heading();
    std::cout << (options.is_json ? json_of(line) + "\n" : row_of(line)) << std::flush;
  };
  const BenchRun run{options,
                     global,
                     report,
                     [&](const std::string& text) { progress.show(text); },
                     [&] { return interrupt.is_requested(); },
                     {}};
  for (const BenchCase& one : cases) {
    TRY(one.run(run, one.name));
    if (interrupt.is_requested()) {
      progress.clear();
      tell("stopped while measuring " + one.name);
      break;
    }
  }
  return 0;
}

}  // namespace seedling::cli
