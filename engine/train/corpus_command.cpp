#include "engine/train/corpus_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/train/corpus/build.h"

namespace seedling {
namespace {

using nlohmann::json;

struct Arguments {
  std::string recipe, cache, out, tokenizer;
  std::vector<std::string> evaluation_data;
  std::size_t limit_packages = 0;
  std::uint64_t seed = 1;
  bool text_only = false;
};

// A live line on a terminal, else a line every ten seconds and at the end of a stage.
class ProgressLine {
 public:
  void show(const std::string& stage, std::size_t done, std::size_t all, const std::string& detail = {}) {
    const auto now = std::chrono::steady_clock::now();
    const auto pause = live_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
    if (now - last_ < pause && done < all) return;
    last_ = now;
    std::fprintf(stderr, live_ ? "\r\x1b[K%s %zu/%zu %s" : "%s %zu/%zu %s\n", stage.c_str(), done, all,
                 detail.c_str());
    if (live_ && done >= all) std::fputc('\n', stderr);
  }
  void line(const std::string& text) { std::fprintf(stderr, live_ ? "\r\x1b[K%s\n" : "%s\n", text.c_str()); }

 private:
  bool live_ = isatty(STDERR_FILENO) != 0;
  std::chrono::steady_clock::time_point last_{};
};

json kept_as_json(const CorpusReport& report) {
  json out = json::object();
  for (const auto& [split, languages] : report.kept) {
    for (const auto& [language, count] : languages) {
      out[split][language] = {{"files", count.files}, {"bytes", count.bytes}, {"tokens", count.tokens}};
    }
  }
  return out;
}

json dropped_as_json(const CorpusReport& report) {
  json out = json::object();
  for (const auto& [language, counts] : report.dropped) {
    for (std::size_t i = 1; i < counts.size(); ++i) {
      if (counts[i] > 0) out[language][std::string(kDropNames[i])] = counts[i];
    }
  }
  return out;
}

json packages_as_json(const std::vector<Package>& packages, const std::vector<Fetched>& fetched,
                      const CorpusReport& report) {
  json list = json::array();
  for (std::size_t i = 0; i < packages.size(); ++i) {
    const auto kept = report.packages.find(packages[i].name);
    const PackageCount count = kept == report.packages.end() ? PackageCount{} : kept->second;
    list.push_back({{"name", packages[i].name},
                    {"source", source_name(packages[i].source)},
                    {"version", fetched[i].version},
                    {"licence", packages[i].licence},
                    {"validation", packages[i].validation},
                    {"missing", fetched[i].tree.empty()},
                    {"files", count.files},
                    {"bytes", count.bytes}});
  }
  return list;
}

void print_table(const CorpusReport& report) {
  std::fprintf(stderr, "%-11s %-16s %9s %13s %13s\n", "split", "language", "files", "bytes", "tokens");
  LanguageCount total;
  for (const auto& [split, languages] : report.kept) {
    for (const auto& [language, count] : languages) {
      std::fprintf(stderr, "%-11s %-16s %9zu %13zu %13zu\n", split.c_str(), language.c_str(), count.files,
                   count.bytes, count.tokens);
      total.files += count.files;
      total.bytes += count.bytes;
      total.tokens += count.tokens;
    }
  }
  std::fprintf(stderr, "%-11s %-16s %9zu %13zu %13zu\n", "all", "", total.files, total.bytes, total.tokens);
  for (const auto& [language, counts] : report.dropped) {
    std::fprintf(stderr, "dropped %-15s", language.c_str());
    for (std::size_t i = 1; i < counts.size(); ++i) {
      if (counts[i] > 0) std::fprintf(stderr, "  %s %zu", std::string(kDropNames[i]).c_str(), counts[i]);
    }
    std::fputc('\n', stderr);
  }
}

Status run(const Arguments& arguments) {
  std::vector<Package> packages = TRY(load_recipe(arguments.recipe));
  if (arguments.limit_packages > 0 && packages.size() > arguments.limit_packages) {
    packages.resize(arguments.limit_packages);
  }
  ProgressLine progress;
  CorpusOptions options;
  options.out = arguments.out;
  options.seed = arguments.seed;
  options.progress = [&](const std::string& stage, std::size_t done, std::size_t all) {
    progress.show(stage, done, all);
  };
  if (!arguments.tokenizer.empty() && !arguments.text_only)
    options.tokenizer = TRY(Tokenizer::load(arguments.tokenizer));

  EvaluationRuns evaluation;
  for (const std::string& folder : arguments.evaluation_data) TRY(evaluation.add_folder(folder));
  progress.line(
      evaluation.text_count() > 0
          ? "evaluation data: " + std::to_string(evaluation.text_count()) + " texts, " +
                std::to_string(evaluation.run_count()) + " runs of 13 tokens to keep out"
          : "no evaluation data was given (--evaluation-data): nothing is kept out of the corpus for it");

  std::size_t missing = 0;
  FetchReport fetch_report;
  fetch_report.progress = [&](std::size_t done, std::size_t all, const std::string& name) {
    progress.show("fetch", done, all, name);
  };
  fetch_report.warning = [&](const std::string& text) {
    ++missing;
    progress.line("warning: " + text);
  };
  const std::vector<Fetched> fetched = fetch_packages(packages, arguments.cache, fetch_report);
  const CorpusReport report = TRY(build_corpus(packages, fetched, evaluation, options));
  print_table(report);
  const json written = {{"seed", arguments.seed},
                        {"evaluation_data_given", evaluation.text_count() > 0},
                        {"evaluation_texts", evaluation.text_count()},
                        {"evaluation_runs", evaluation.run_count()},
                        {"kept", kept_as_json(report)},
                        {"dropped", dropped_as_json(report)},
                        {"packages", packages_as_json(packages, fetched, report)}};
  const std::string path = arguments.out + "/report.json";
  std::ofstream out(path);
  out << written.dump(1) << "\n";
  out.close();
  if (!out) return invalid_input(path + ": cannot be written; is the disk full?");
  progress.line("corpus written to " + arguments.out +
                (missing > 0 ? " (some packages are missing, see above)" : ""));
  return Done{};
}

}  // namespace

void add_corpus_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("corpus", "Fetch the packages of a recipe and build the training corpus");
  command->add_option("--recipe", arguments->recipe, "List of packages (JSON)")->required();
  command->add_option("--cache", arguments->cache, "Folder for downloaded and unpacked packages")->required();
  command->add_option("--out", arguments->out, "Folder for the shards and report.json")->required();
  command->add_option("--evaluation-data", arguments->evaluation_data,
                      "Folders of evaluation sets; files that share text with them are dropped");
  command->add_option("--tokenizer", arguments->tokenizer, "tokenizer.json; also writes token shards");
  command->add_option("--limit-packages", arguments->limit_packages,
                      "Only the first N packages of the recipe");
  command->add_option("--seed", arguments->seed, "Seed of the order of the files")->capture_default_str();
  command->add_flag("--text-only", arguments->text_only, "Write text shards only");
  command->callback([arguments, &exit_code] {
    const Status status = run(*arguments);
    if (status.ok()) return;
    std::fprintf(stderr, "seedling-train corpus: %s\n", status.error().message.c_str());
    exit_code = 2;
  });
}

}  // namespace seedling
