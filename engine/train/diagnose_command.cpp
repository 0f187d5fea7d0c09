#include "engine/train/diagnose_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "engine/train/corpus/diagnosed.h"
#include "engine/train/corpus/self_contained.h"

namespace seedling {
namespace {

struct Arguments {
  std::string corpus;
  double minutes = 6;
  int shards = 4;
  std::uint64_t seed = 1;
  ToolPaths paths;
};

// C and C++ files of a package hardly compile without its headers; functions that need none do, mostly in
// both languages, and in a hundredth of the time.
void put_c_functions(std::vector<TextFile>& files) {
  std::vector<TextFile> kept;
  for (TextFile& file : files) {
    if (file.language != "c" && file.language != "cpp") {
      kept.push_back(std::move(file));
      continue;
    }
    for (std::string& function : self_contained_functions(file.text, file.language)) {
      const bool stays_c = file.language == "c" && kept.size() % 2 == 0;
      kept.push_back({stays_c ? "c" : "cpp", file.path, file.package, std::move(function)});
    }
  }
  files = std::move(kept);
}

// Shards hold the files in a random order, so the first ones are a fair sample of all.
Result<std::vector<TextFile>> read_texts(const Arguments& arguments, const std::string& split) {
  std::vector<std::string> shards = ShardReader::list(arguments.corpus + "/text", split, kTextShardEnding);
  if (shards.empty())
    return not_found(arguments.corpus + "/text has no " + split + " shards: run `seedling-train corpus`");
  shards.resize(std::min(shards.size(), static_cast<std::size_t>(std::max(1, arguments.shards))));
  std::vector<TextFile> files;
  for (const std::string& shard : shards) {
    std::vector<TextFile> some = TRY(ShardReader::read_text_shard(shard));
    std::move(some.begin(), some.end(), std::back_inserter(files));
  }
  put_c_functions(files);
  return files;
}

Status run(const Arguments& arguments) {
  DiagnoseOptions options;
  options.seed = arguments.seed;
  options.paths = arguments.paths;
  for (const DiagnosingTool tool : kDiagnosingTools) {
    if (is_installed(tool, options.paths)) {
      options.tools.push_back(tool);
    } else {
      std::fprintf(stderr, "%s is not installed: nothing is diagnosed by it\n",
                   std::string(name_of(tool)).c_str());
    }
  }
  if (options.tools.empty()) return not_found("none of the compilers and linters is installed");
  options.progress = [](DiagnosingTool tool, std::size_t mistakes, std::size_t diagnosed) {
    std::fprintf(stderr, "%s: %zu of %zu mistakes\n", std::string(name_of(tool)).c_str(), diagnosed,
                 mistakes);
  };
  for (const auto& [split, share] :
       {std::pair(std::string("validation"), 0.1), std::pair(std::string("train"), 0.9)}) {
    options.minutes = arguments.minutes * share;
    const std::vector<TextFile> files = TRY(read_texts(arguments, split));
    const std::vector<Sample> samples = TRY(diagnosed_samples(files, options));
    if (samples.empty()) return invalid_input("no mistake was diagnosed in time: give more --minutes");
    const std::string path = diagnosed_path(arguments.corpus, split);
    TRY(write_samples(path, samples));
    std::map<std::string, int> counts;
    for (const Sample& sample : samples) ++counts[sample.language];
    for (const auto& [language, count] : counts)
      std::fprintf(stderr, "%s %s: %d samples\n", split.c_str(), language.c_str(), count);
    std::fprintf(stderr, "written to %s\n", path.c_str());
  }
  return Done{};
}

}  // namespace

void add_diagnose_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "diagnose", "Make mistakes in the corpus' files and collect what compilers and linters say");
  command->add_option("--corpus", arguments->corpus, "Folder of the corpus, with its text shards")
      ->required();
  command->add_option("--minutes", arguments->minutes, "Budget for all tools together")
      ->capture_default_str();
  command->add_option("--shards", arguments->shards, "Text shards of a split to read")->capture_default_str();
  command->add_option("--seed", arguments->seed)->capture_default_str();
  command->add_option("--python-path", arguments->paths.python,
                      "Folders where pyflakes may be, as PYTHONPATH");
  command->add_option("--node-path", arguments->paths.node, "Folders where typescript may be, as NODE_PATH");
  command->callback([arguments, &exit_code] {
    const Status status = run(*arguments);
    if (status.ok()) return;
    std::fprintf(stderr, "seedling-train diagnose: %s\n", status.error().message.c_str());
    exit_code = 2;
  });
}

}  // namespace seedling
