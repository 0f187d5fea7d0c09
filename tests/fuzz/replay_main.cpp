// tests/fuzz/replay_main.cpp
//
// Runs fuzz targets over the committed corpus and over inputs made from it, with any compiler.
//   usage: fuzz_replay [TARGET...]; without a name, all. The inputs are the same in every run. A broken
//   invariant aborts, and the last line printed names the input that broke it.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/replay_targets.h"

namespace {

constexpr int kMadeInputs = 200;
constexpr std::size_t kMostBytes = 4096;
constexpr std::uint32_t kSeed = 1;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> replay_corpus(const seedling::FuzzTarget& target) {
  const std::filesystem::path folder =
      std::filesystem::path(SEEDLING_FUZZ_CORPUS) / std::string_view(target.name).substr(5);
  std::vector<std::filesystem::path> paths;
  std::error_code is_missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, is_missing))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const auto& path : paths) {
    std::printf("%s: %s\n", target.name, path.filename().c_str());
    inputs.push_back(read(path));
    target.run(reinterpret_cast<const std::uint8_t*>(inputs.back().data()), inputs.back().size());
  }
  return inputs;
}

// One to eight edits: a byte changed, a run dropped, repeated or taken from another input.
std::string made_from(const std::vector<std::string>& inputs, std::mt19937& random) {
  const auto below = [&random](std::size_t end) { return end == 0 ? 0 : random() % end; };
  std::string text = inputs.empty() ? std::string(below(64), 'a') : inputs[below(inputs.size())];
  for (std::size_t edits = 1 + below(8); edits > 0; --edits) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = below(std::min<std::size_t>(text.size() - at, 32) + 1);
    switch (below(4)) {
      case 0:
        text.insert(at, 1, static_cast<char>(random()));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      default: {
        const std::string& other = inputs.empty() ? text : inputs[below(inputs.size())];
        const std::size_t from = below(other.size() + 1);
        text.insert(below(text.size() + 1), other.substr(from, below(32)));
      }
    }
  }
  return text.substr(0, kMostBytes);
}

void replay(const seedling::FuzzTarget& target) {
  const std::vector<std::string> inputs = replay_corpus(target);
  std::mt19937 random(kSeed);
  for (int i = 0; i < kMadeInputs; ++i) {
    std::printf("%s: made input %d\n", target.name, i);
    const std::string text = made_from(inputs, random);
    target.run(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // the last line must be out when a target aborts
  int replayed = 0;
  for (const seedling::FuzzTarget& target : seedling::fuzz_targets()) {
    const auto is_named = [&target](const char* name) { return std::string_view(name) == target.name; };
    if (argc > 1 && std::none_of(argv + 1, argv + argc, is_named)) continue;
    replay(target);
    ++replayed;
  }
  if (argc > 1 && replayed != argc - 1) {
    std::fprintf(stderr, "fuzz_replay: no such target among:");
    for (int i = 1; i < argc; ++i) std::fprintf(stderr, " %s", argv[i]);
    std::fprintf(stderr, "\n");
    return 2;
  }
  return 0;
}
