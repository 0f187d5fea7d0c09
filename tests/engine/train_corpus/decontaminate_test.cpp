// Evaluation text stays out: 13 shared tokens are one too many, 12 are not, table noise never counts.
#include "engine/train/corpus/decontaminate.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include "engine/train/corpus/lexical.h"
#include "tests/engine/train_corpus/temporary_folder.h"

using namespace seedling;

namespace {

bool contaminated(const EvaluationRuns& runs, const std::string& text) {
  return runs.contaminated(lexical_hashes(text));
}

std::string gzip(const std::string& bytes) {
  TemporaryFolder folder;
  const std::string path = folder.path + "/a.gz";
  gzFile file = gzopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string tar_entry(const std::string& name, const std::string& text) {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  char size[13];
  std::snprintf(size, sizeof size, "%011o", static_cast<unsigned>(text.size()));
  header.replace(124, 11, size, 11);
  return header + text + std::string((512 - text.size() % 512) % 512, '\0');
}

constexpr const char* kSolution =
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu";  // 13 tokens

}  // namespace

TEST_CASE("thirteen tokens in a row are found anywhere, whatever the white space") {
  EvaluationRuns runs;
  runs.add_text(kSolution);
  CHECK(runs.run_count() == 1);
  CHECK(contaminated(runs, kSolution));
  CHECK(contaminated(
      runs, "x = 1\nalpha beta gamma\n\n  delta epsilon zeta eta theta\tiota kappa lambda mu nu\ny = 2\n"));
  CHECK_FALSE(
      contaminated(runs, "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu"));  // 12
  CHECK_FALSE(
      contaminated(runs, "alpha beta gamma delta epsilon zeta OTHER eta theta iota kappa lambda mu nu"));
  CHECK_FALSE(contaminated(runs, ""));
}

TEST_CASE("runs of fewer than six different tokens do not count") {
  EvaluationRuns runs;
  runs.add_text("0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0");
  runs.add_text("[[0, 1], [0, 1], [0, 1], [0, 1]]");
  CHECK(runs.run_count() == 0);
  CHECK_FALSE(contaminated(runs, "x = [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]"));
}

TEST_CASE("with no evaluation data nothing is contaminated") {
  CHECK_FALSE(contaminated(EvaluationRuns(), kSolution));
}

TEST_CASE("string fields of jsonl files are read, tests and other files are not") {
  TemporaryFolder folder;
  auto numbered = [](const std::string& word) {
    std::string text;
    for (int i = 0; i < 13; ++i) text += word + std::to_string(i) + " ";
    return text;
  };
  folder.write("a/cases.jsonl", "{\"prompt\": \"" + numbered("prompt") + "\", \"test\": \"" +
                                    numbered("check") + "\", \"deep\": {\"edits\": [\"" + numbered("edit") +
                                    "\"]}}\n");
  folder.write("b.jsonl.gz", gzip("{\"canonical_solution\": \"" + numbered("packed") + "\"}\n"));
  folder.write("c.tar.gz", gzip(tar_entry("x/readme.md", numbered("readme")) +
                                tar_entry("x/a.py", numbered("python")) + std::string(1024, '\0')));
  folder.write("sealed.bin", numbered("sealed"));
  EvaluationRuns runs;
  REQUIRE(runs.add_folder(folder.path).ok());
  CHECK(contaminated(runs, numbered("prompt")));
  CHECK(contaminated(runs, numbered("edit")));
  CHECK(contaminated(runs, numbered("packed")));
  CHECK(contaminated(runs, numbered("python")));
  CHECK_FALSE(contaminated(runs, numbered("check")));
  CHECK_FALSE(contaminated(runs, numbered("readme")));
  CHECK_FALSE(contaminated(runs, numbered("sealed")));
}

TEST_CASE("a text cut into prompt, solution and suffix is put together again") {
  TemporaryFolder folder;
  folder.write(
      "infill.jsonl",
      "{\"prompt\": \"alpha beta gamma delta epsilon \", \"canonical_solution\": \"zeta eta theta \","
      " \"suffix\": \"iota kappa lambda mu nu\"}\n");
  EvaluationRuns runs;
  REQUIRE(runs.add_folder(folder.path).ok());
  CHECK(contaminated(runs, kSolution));
}

TEST_CASE("a damaged or missing set is an error that names it, not silence") {
  TemporaryFolder folder;
  const std::string path = folder.write("bad.jsonl", "{\"prompt\": \n");
  EvaluationRuns runs;
  const Status status = runs.add_folder(folder.path);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().message.find(path) == 0);
  CHECK(runs.add_folder(folder.path + "/none").error().code == ErrorCode::not_found);
}
