#include "engine/train/corpus/samples.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/engine/train_corpus/temporary_folder.h"

namespace {

using namespace seedling;

TEST_CASE("samples come back as they were written") {
  const TemporaryFolder folder;
  Sample diagnosed{
      "python", "a/b.py", "def f(:\n", "\n", "expected ')'", "x = (1", "x = (1)\n\"\\\xC3\xA9\"", {}, {}, 0};
  Sample filled{"c", "", "", "", "", "", "y", {40, 41, 1}, {2, 0, 3}, 16};
  const std::string path = diagnosed_path(folder.path, "train");
  REQUIRE(write_samples(path, {diagnosed, filled}).ok());
  const auto again = read_samples(path);
  REQUIRE(again.ok());
  CHECK(again.value() == std::vector<Sample>{diagnosed, filled});
}

TEST_CASE("a damaged sample is refused with its file and line") {
  const TemporaryFolder folder;
  const std::string path = folder.path + "/pool.jsonl";
  const char* whole =
      R"({"language":"c","path":"","prefix":"","suffix":"","message":"","draft":"","middle":"")";
  for (const char* rest : {"", R"(,"tokens":[1],"steps":[],"block":1})",
                           R"(,"tokens":[1],"steps":[0],"block":0})", R"(,"tokens":"x"})"}) {
    CAPTURE(rest);
    std::ofstream(path) << whole << "}\n" << whole << rest << "\n";
    const auto read = read_samples(path);
    REQUIRE(!read.ok());
    CHECK(read.error().code == ErrorCode::invalid_input);
    CHECK(read.error().message.find("pool.jsonl:2") != std::string::npos);
  }
  CHECK(read_samples(folder.path + "/none").error().code == ErrorCode::not_found);
}

}  // namespace
