#include "engine/train/functions_command.h"

#include <xxhash.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "engine/train/corpus/build.h"
#include "engine/train/corpus/self_contained.h"

namespace seedling {
namespace {

struct Arguments {
  std::string corpus, tokenizer;
};

struct Count {
  std::size_t functions = 0, tokens = 0;
};

Status run(const Arguments& arguments) {
  const auto tokenizer = TRY(Tokenizer::load(arguments.tokenizer));
  std::vector<std::string> shards = ShardReader::list(arguments.corpus + "/text", "train", kTextShardEnding);
  if (shards.empty())
    return not_found(arguments.corpus + "/text has no train shards: run `seedling-train corpus`");
  std::ranges::move(ShardReader::list(arguments.corpus + "/text", kSpareSplit, kTextShardEnding),
                    std::back_inserter(shards));
  ShardWriter writer(arguments.corpus, std::string(kFunctionSplit), std::string(kTokenShardEnding));
  std::unordered_set<std::uint64_t> seen;
  std::map<std::string, Count> counts;
  for (std::size_t done = 0; done < shards.size();) {
    const std::vector<TextFile> files = TRY(ShardReader::read_text_shard(shards[done]));
    for (const TextFile& file : files) {
      for (const std::string& function : self_contained_functions(file.text, file.language)) {
        if (!seen.insert(XXH3_64bits(function.data(), function.size())).second) continue;
        const PackedFile one = pack({file.language, file.path, file.package, function}, *tokenizer);
        TRY(writer.append(one));
        Count& count = counts[file.language];
        ++count.functions;
        count.tokens += one.tokens.size();
      }
    }
    ++done;
    std::fprintf(stderr, "%zu of %zu shards, %zu functions\n", done, shards.size(), seen.size());
  }
  if (seen.empty()) return invalid_input("no function of the corpus stands for itself");
  TRY(writer.finish());
  nlohmann::json report = nlohmann::json::object();
  for (const auto& [language, count] : counts) {
    std::fprintf(stderr, "%s: %zu functions, %zu tokens\n", language.c_str(), count.functions, count.tokens);
    report[language] = {{"functions", count.functions}, {"tokens", count.tokens}};
  }
  std::ofstream out(arguments.corpus + "/functions.json");
  if (!(out << report.dump(1) << "\n"))
    return invalid_input("cannot write " + arguments.corpus + "/functions.json");
  return Done{};
}

}  // namespace

void add_functions_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "functions",
      "Take the functions that stand for themselves out of the corpus' files, to show them more often");
  command->add_option("--corpus", arguments->corpus, "Folder of the corpus, with its text shards")
      ->required();
  command->add_option("--tokenizer", arguments->tokenizer, "tokenizer.json")->required();
  command->callback([arguments, &exit_code] {
    const Status status = run(*arguments);
    if (status.ok()) return;
    std::fprintf(stderr, "seedling-train functions: %s\n", status.error().message.c_str());
    exit_code = 2;
  });
}

}  // namespace seedling
