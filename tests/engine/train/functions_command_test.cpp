// `seedling-train functions`, the built binary on a corpus made up here.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/train/corpus/subprocess.h"
#include "tests/engine/train/tiny_corpus.h"

namespace {

using namespace seedling;

constexpr std::string_view kFunction =
    "def longest(words):\n    best = ''\n    for word in words:\n        if len(word) > len(best):\n"
    "            best = word\n    return best\n";

Command functions_command(const std::string& corpus, const std::string& tokenizer) {
  Command command;
  command.words = {SEEDLING_TRAIN_BINARY, "functions", "--corpus", corpus, "--tokenizer", tokenizer};
  return command;
}

TEST_CASE("functions that stand for themselves become a split, each once, and are counted") {
  const test::TinyCorpus corpus;
  const std::string root = corpus.root.string(), model = root + "/model";
  test::write_tiny_model(model, {});
  for (const char* split : {"train", "spare"}) {
    ShardWriter writer(root + "/text", split, std::string(kTextShardEnding));
    for (const char* path : {"one/a.py", "two/b.py"}) {
      const std::string text =
          std::string(kFunction) + "\n\ndef " + split +
          "(words):\n    for word in words:\n        if word.ok:\n            return word\n    return "
          "None\n" +
          "\n\ndef few(words):\n    if len(words) > LIMIT:\n        return None\n    return words\n";
      REQUIRE(writer.append(TextFile{"python", path, "package", text}).ok());
    }
    REQUIRE(writer.finish().ok());
  }

  REQUIRE(run_command(functions_command(root, model + "/tokenizer.json")).ok());
  const std::vector<std::string> shards = ShardReader::list(root, kFunctionSplit, kTokenShardEnding);
  REQUIRE(shards.size() == 1);
  const auto files = ShardReader::read_token_shard(shards.front());
  REQUIRE(files.ok());
  REQUIRE(files->size() == 3);  // the one that is everywhere, and the own one of each split
  const std::vector<TokenId> tokens(files->front().tokens.begin(), files->front().tokens.end());
  CHECK(corpus.tokenizer->decode(tokens) == kFunction);
  std::size_t token_count = 0;
  for (const PackedFile& file : *files) token_count += file.tokens.size();
  const auto counts = nlohmann::json::parse(std::ifstream(root + "/functions.json"));
  CHECK(counts.at("python").at("functions") == 3);
  CHECK(counts.at("python").at("tokens") == token_count);
}

TEST_CASE("a folder without a corpus says what to run") {
  const test::TinyCorpus corpus;
  const std::string model = corpus.root.string() + "/model";
  test::write_tiny_model(model, {});
  const auto refused = run_command(functions_command(corpus.root.string(), model + "/tokenizer.json"));
  REQUIRE(!refused.ok());
  CHECK(refused.error().message.find("seedling-train corpus") != std::string::npos);
}

}  // namespace
