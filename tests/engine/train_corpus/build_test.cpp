// From unpacked packages to shards, end to end, on packages made up here: no network.
#include "engine/train/corpus/build.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <set>

#include "engine/tokenizer/special_tokens.h"
#include "engine/train/corpus/parses.h"
#include "engine/train/corpus/shards.h"
#include "engine/train/corpus/subprocess.h"
#include "tests/engine/tokenizer/tiny_tokenizer.h"
#include "tests/engine/train_corpus/temporary_folder.h"

using namespace seedling;

namespace {

std::string module_text(const std::string& word) {
  std::string text = "import " + word + "_base\n\n";
  for (const char* part : {"first", "second", "third", "fourth", "fifth"}) {
    text += "def " + word + "_" + part + "(" + word + "):\n    return " + word + "_base." + part + "(" +
            word + ", '" + part + word + "')\n\n";
  }
  return text;
}

Package python_package(const std::string& name, bool validation) {
  Package package;
  package.name = name;
  package.source = Package::Source::deb_src;
  package.languages = {"python"};
  package.licence = "MIT";
  package.validation = validation;
  return package;
}

struct Ground {
  TemporaryFolder folder;
  std::vector<Package> packages{python_package("one", false), python_package("two", true),
                                python_package("gone", false)};
  std::vector<Fetched> fetched{{folder.path + "/one", "1"}, {folder.path + "/two", "1"}, {}};
  EvaluationRuns evaluation;

  Ground() {
    folder.write("one/one-1/a.py", module_text("apple"));
    folder.write("one/one-1/b.py", module_text("banana"));
    folder.write("one/one-1/copy.py", module_text("apple") + "\n");
    folder.write("one/one-1/shared.py", module_text("cherry"));
    folder.write("one/one-1/leak.py", module_text("damson"));
    folder.write("one/one-1/broken.py", module_text("elder") + "def (((:\n" + std::string(40, '('));
    folder.write("one/one-1/rich/table.py", module_text("fig"));
    folder.write("one/one-1/notes.txt", module_text("grape"));
    folder.write("two/two-1/shared.py", module_text("cherry"));
    evaluation.add_text(module_text("damson"));
  }

  CorpusOptions options(const std::string& out, std::uint64_t seed = 1) const {
    CorpusOptions chosen;
    chosen.out = folder.path + "/" + out;
    chosen.seed = seed;
    chosen.progress = [](const std::string&, std::size_t, std::size_t) {};
    return chosen;
  }
};

std::vector<TextFile> text_of(const std::string& out, const std::string& split) {
  std::vector<TextFile> all;
  for (const std::string& path : ShardReader::list(out + "/text", split, kTextShardEnding)) {
    auto files = ShardReader::read_text_shard(path);
    REQUIRE(files.ok());
    for (TextFile& file : *files) all.push_back(std::move(file));
  }
  return all;
}

std::size_t dropped(const CorpusReport& report, Drop reason) {
  return report.dropped.at("python")[static_cast<std::size_t>(reason)];
}

}  // namespace

TEST_CASE("every file is either kept once or counted under its reason") {
  const Ground ground;
  const auto report = build_corpus(ground.packages, ground.fetched, ground.evaluation, ground.options("out"));
  REQUIRE(report.ok());
  CHECK(report->kept.at("train").at("python").files == 2);
  CHECK(report->kept.at("validation").at("python").files == 1);
  CHECK(dropped(*report, Drop::exact_copy) == 2);  // the copy, and the validation file's copy in training
  CHECK(dropped(*report, Drop::contaminated) == 1);
  CHECK(dropped(*report, Drop::unseen_ground) == 1);
  CHECK(dropped(*report, Drop::no_parse) == 1);
  std::set<std::string> words;
  for (const TextFile& file : text_of(ground.folder.path + "/out", "train")) {
    CHECK(file.package == "one");
    CHECK(file.path.find('/') == std::string::npos);  // the package's top folder is gone
    words.insert(file.text.substr(0, 12));
  }
  CHECK(words == std::set<std::string>{"import apple", "import banan"});
  const auto held_out = text_of(ground.folder.path + "/out", "validation");
  REQUIRE(held_out.size() == 1);
  CHECK(held_out[0].text == module_text("cherry"));
}

TEST_CASE("the same seed gives the same corpus") {
  const Ground ground;
  for (const char* out : {"x", "y"}) {
    REQUIRE(build_corpus(ground.packages, ground.fetched, ground.evaluation, ground.options(out, 7)).ok());
  }
  const auto x = text_of(ground.folder.path + "/x", "train"), y = text_of(ground.folder.path + "/y", "train");
  REQUIRE(x.size() == y.size());
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i].text == y[i].text);
}

TEST_CASE("packed shards give the text back through the tokenizer") {
  const Ground ground;
  CorpusOptions options = ground.options("packed");
  auto tokenizer = Tokenizer::parse(tiny_tokenizer_json().dump(), "tiny");
  REQUIRE(tokenizer.ok());
  options.tokenizer = *tokenizer;
  const auto report = build_corpus(ground.packages, ground.fetched, ground.evaluation, options);
  REQUIRE(report.ok());
  const auto texts = text_of(options.out, "train");
  const auto shards = ShardReader::list(options.out, "train", kTokenShardEnding);
  REQUIRE(shards.size() == 1);
  const auto packed = ShardReader::read_token_shard(shards[0]);
  REQUIRE(packed.ok());
  REQUIRE(packed->size() == texts.size());
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const PackedFile& file = (*packed)[i];
    CHECK(options.tokenizer->decode(std::vector<TokenId>(file.tokens.begin(), file.tokens.end())) ==
          texts[i].text);
    CHECK(options.tokenizer->decode(std::vector<TokenId>(file.path.begin(), file.path.end())) ==
          texts[i].path);
    CHECK(file.language == language_token("python"));
    tokens += file.tokens.size();
  }
  CHECK(report->kept.at("train").at("python").tokens == tokens);
}

TEST_CASE("what a package's cap leaves out is a split of its own, with the same rules") {
  Ground ground;
  ground.packages[0].megabytes = static_cast<double>(module_text("banana").size() + 10) / 1e6;
  const auto report =
      build_corpus(ground.packages, ground.fetched, ground.evaluation, ground.options("capped"));
  REQUIRE(report.ok());
  CHECK(report->kept.at("train").at("python").files == 1);
  CHECK(dropped(*report, Drop::over_cap) > 0);
  // apple or banana: the others are contaminated, broken, unseen ground or copies.
  const auto spare = text_of(ground.folder.path + "/capped", std::string(kSpareSplit));
  REQUIRE(spare.size() == 1);
  const auto kept = text_of(ground.folder.path + "/capped", "train");
  const std::set<std::string> words = {kept.at(0).text.substr(0, 12), spare[0].text.substr(0, 12)};
  CHECK(words == std::set<std::string>{"import apple", "import banan"});
}

TEST_CASE("nothing left is an error, not an empty corpus") {
  const Ground ground;
  const std::vector<Fetched> nothing(3);
  CHECK_FALSE(build_corpus(ground.packages, nothing, ground.evaluation, ground.options("none")).ok());
}

TEST_CASE("paths are shown as in a workspace") {
  using Source = Package::Source;
  CHECK(workspace_path(Source::deb, "usr/lib/python3/dist-packages/sympy/core/add.py") ==
        "sympy/core/add.py");
  CHECK(workspace_path(Source::deb_src, "zlib-1.2.13/inflate.c") == "inflate.c");
  CHECK(workspace_path(Source::npm, "package/src/a.ts") == "src/a.ts");
  CHECK(workspace_path(Source::npm, "a.ts") == "a.ts");
}

TEST_CASE("what parses and what does not") {
  CHECK(parses("def f(x):\n    return x\n", "python"));
  CHECK(parses("int main(void) { return 0; }\n", "c"));
  CHECK_FALSE(parses("def ((:\n ]]]] 5 5 5 = = = class\n", "python"));
  CHECK(parses("anything ((( at all", "a language without a grammar"));
}

TEST_CASE("other programs run without a shell and fail with their own words") {
  const auto echoed = run_command({{"echo", "$HOME; a b", "*"}, "", {}});
  REQUIRE(echoed.ok());
  CHECK(*echoed == "$HOME; a b *\n");
  CHECK(*run_command({{"sh", "-c", "pwd; echo $SEEDLING_WORD"}, "/", {{"SEEDLING_WORD", "here"}}}) ==
        "/\nhere\n");
  const auto failed = run_command({{"sh", "-c", "echo first >&2; echo why >&2; exit 3"}, "", {}});
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().message == "sh failed (exit 3): why");
  CHECK_FALSE(run_command({{"no-such-program-anywhere"}, "", {}}).ok());
}
