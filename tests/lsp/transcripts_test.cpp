// Runs every golden transcript; see tests/support/transcript.h for the format.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/transcript.h"

namespace seedling {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> transcripts_in(const char* folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(SEEDLING_SOURCE_DIR) / folder)) {
    if (entry.path().extension() == ".lsp") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void check_transcript(const std::filesystem::path& path, bool is_relayed) {
  const bool is_updating = std::getenv("UPDATE_GOLDEN") != nullptr;
  const TranscriptRun run = run_transcript(path.filename().string(), read_file(path), is_relayed);
  if (is_updating) std::ofstream(path) << run.rewritten;
  for (const std::string& failure : run.failures) {
    if (is_updating) {
      MESSAGE("rewritten: ", failure);
    } else {
      FAIL_CHECK(failure);
    }
  }
}

TEST_CASE("transcripts: every session goes as written") {
  const auto paths = transcripts_in("tests/transcripts");
  REQUIRE(paths.size() >= 34);
  for (const auto& path : paths) check_transcript(path, /*is_relayed=*/false);
}

TEST_CASE("transcripts: an editor does not notice that an engine is shared") {
  for (const auto& path : transcripts_in("tests/transcripts")) check_transcript(path, /*is_relayed=*/true);
}

TEST_CASE("transcripts: sessions that outlive their engine") {
  const auto paths = transcripts_in("tests/transcripts/relay");
  REQUIRE(paths.size() >= 5);
  for (const auto& path : paths) check_transcript(path, /*is_relayed=*/true);
}

// The runner itself must be able to fail.
TEST_CASE("transcripts: what differs is found and rewritten") {
  const std::string session =
      "--> start\n"
      "--> open a.py | x = ^\n"
      "generator: says \"1\"\n"
      "--> 1 inlineCompletion\n";
  CHECK(run_transcript("t", session + "<-- 1 {\"items\":[{\"insertText\":\"1\"}]}\n").failures.empty());
  CHECK(run_transcript("t", session).failures.size() == 1);
  CHECK(run_transcript("t", session + "<-- 1 {\"items\":[]}\n").failures.size() == 1);
  CHECK(run_transcript("t", session + "<-- 2 {\"items\":[{\"insertText\":\"1\"}]}\n").failures.size() == 1);
  CHECK(run_transcript("t", session + "<-- 1 error -32800\n").failures.size() == 1);
  CHECK(run_transcript("t", session + "<-- 1 {}\n<-- 1 {}\n").failures.size() == 1);
  CHECK(run_transcript("t", "nonsense\n").failures.size() == 1);
  const std::string mended = run_transcript("t", session + "<-- 1 {\"items\":[]}\n").rewritten;
  CHECK(run_transcript("t", mended).failures.empty());
  CHECK(mended.find("\"insertText\":\"1\"") != std::string::npos);
}

TEST_CASE("transcripts: a request that is never answered is found") {
  const std::string session =
      "--> start\n"
      "generator: hold\n"
      "--> open a.py | x = ^\n"
      "--> 1 inlineCompletion\n";
  const TranscriptRun run = run_transcript("t", session);
  REQUIRE(run.failures.size() == 1);
  CHECK(run.failures.front().find("request 1 was never answered") != std::string::npos);
}

}  // namespace
}  // namespace seedling
