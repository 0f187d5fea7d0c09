// tests/tidy_test.cpp
//
// The rules of the source tree that no compiler checks: who includes whom, sizes, opening comments, words,
// the README.
//   Every violation is reported at once, as file:line: what is wrong.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Violations = std::vector<std::string>;

constexpr std::size_t kMostLines = 600;
constexpr std::size_t kLeastHeaderCommentLines = 3;
constexpr std::uintmax_t kMostModelBytes = std::uintmax_t{48} << 20;

// Files whose path matches `where` do not include what matches `what`. The order of the folders in README's
// picture.
struct Layer {
  const char* where;
  const char* what;
  const char* why;
};
constexpr Layer kLayers[] = {
    {"lsp/.*", "engine/(?!(generator|types|result|assert)\\.h).*",
     "lsp sees the engine through engine/generator.h"},
    {"lsp/.*", "(kernels|grammars|cli|tests)/.*", "lsp includes lsp and engine/generator.h"},
    {"lsp/handlers/.*", "(asio|lsp/(framing|server|.*transport)\\.h).*",
     "handlers get structs and a session"},
    {"engine/.*", "(lsp|cli|tests|asio|spdlog)/.*", "the engine knows no editors, sockets or logs"},
    {"engine/(?!train/).*", "engine/train/.*", "the server is built without the trainer"},
    {"kernels/.*", "(engine|lsp|grammars|cli|tests|spdlog)/.*", "kernels take pointers and shapes"},
    {"grammars/.*", "(engine|lsp|kernels|cli|tests)/.*", "grammars know only tree-sitter"},
    {"(?!(tests/)?(grammars|engine/structure)/).*", "tree_sitter/.*",
     "only grammars and engine/structure see tree-sitter"},
    {"(?!.*torch).*", "(torch|ATen|c10)/.*", "torch is seen by files with torch in their name"},
    {"(kernels|grammars|engine/(sampler|cache|structure))/.*", "nlohmann/.*", "JSON dies at the borders"},
    {"(?!tests/).*", "tests/.*", "the product does not include its tests"},
};

// Split so that this file may stand in the tree.
const std::string kUnfinished[] = {std::string("TO") + "DO", std::string("FIX") + "ME"};
const std::regex kMachinePath(std::string(".*(^|[^A-Za-z0-9_./}])/(ro") + "ot|wo" + "rk)/.*");

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string at(const std::string& path, std::size_t line) {
  return path + ":" + std::to_string(line + 1) + ": ";
}

bool has_extension(const std::string& path, std::initializer_list<std::string_view> extensions) {
  const std::string extension = fs::path(path).extension().string();
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

bool is_code(const std::string& path) {
  return has_extension(path, {".h", ".cpp", ".cu", ".cuh"});
}

void check_includes(const std::string& path, const std::vector<std::string>& lines, Violations& found) {
  static const std::regex include("\\s*#include [<\"]([^>\"]+)[>\"].*");
  std::smatch parts;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!std::regex_match(lines[i], parts, include)) continue;
    const std::string header = parts[1];
    for (const Layer& layer : kLayers) {
      if (!std::regex_match(path, std::regex(layer.where))) continue;
      if (!std::regex_match(header, std::regex(layer.what))) continue;
      found.push_back(at(path, i) + "includes " + header + ": " + layer.why);
    }
  }
}

void check_stdout(const std::string& path, const std::vector<std::string>& lines, Violations& found) {
  if (!std::regex_match(path, std::regex("(lsp|engine|kernels|grammars)/.*"))) return;
  static const std::regex to_stdout(
      ".*(std::cout|\\bv?printf\\(|\\bputs\\(|\\bputchar\\(|printf\\(stdout).*");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (std::regex_match(lines[i], to_stdout))
      found.push_back(at(path, i) + "stdout belongs to the protocol");
  }
}

void check_opening(const std::string& path, const std::vector<std::string>& lines, Violations& found) {
  const auto code =
      std::find_if(lines.begin(), lines.end(), [](const auto& line) { return !line.starts_with("//"); });
  if (lines.empty() || lines[0] != "// " + path)
    found.push_back(at(path, 0) + "begins with \"// " + path + "\"");
  if (static_cast<std::size_t>(code - lines.begin()) < kLeastHeaderCommentLines) {
    found.push_back(at(path, 0) + "opens with what it is for, its thread and its errors");
  }
}

void check_words(const std::string& path, const std::vector<std::string>& lines, Violations& found) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const std::string& word : kUnfinished) {
      if (lines[i].find(word) != std::string::npos) found.push_back(at(path, i) + "says " + word);
    }
    if (std::regex_match(lines[i], kMachinePath)) found.push_back(at(path, i) + "names a machine's own path");
  }
}

Violations check(const std::string& path, const std::string& text) {
  Violations found;
  const std::vector<std::string> lines = lines_of(text);
  if (is_code(path)) {
    check_includes(path, lines, found);
    check_stdout(path, lines, found);
  }
  if (has_extension(path, {".h", ".cuh"})) check_opening(path, lines, found);
  if (lines.size() > kMostLines && !has_extension(path, {".json", ".txt"})) {
    found.push_back(at(path, lines.size() - 1) + "more than " + std::to_string(kMostLines) + " lines");
  }
  check_words(path, lines, found);
  return found;
}

// What ignored folders and binary files hold is not ours to judge.
bool is_skipped(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == "node_modules" || name == "build" || name == "out" || name == ".git" || name == ".cache" ||
         name == "corpus" || name == "package-lock.json" || name == "recipe.json" ||
         name == "tokenizer.json" ||
         has_extension(name, {".safetensors", ".png", ".gz", ".vsix", ".zst", ".jsonl", ".bin"});
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const fs::path kRoot = SEEDLING_SOURCE_DIR;

void report(const Violations& found) {
  for (const std::string& violation : found) FAIL_CHECK(violation);
}

}  // namespace

TEST_CASE("tidy: every file keeps the rules of the tree") {
  Violations found;
  int files = 0;
  for (auto entry = fs::recursive_directory_iterator(kRoot); entry != fs::recursive_directory_iterator();
       ++entry) {
    const std::string path = fs::relative(entry->path(), kRoot).generic_string();
    if (is_skipped(entry->path()) && path != "engine/train/corpus") {
      if (entry->is_directory()) entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file()) continue;
    ++files;
    const Violations here = check(path, read(entry->path()));
    found.insert(found.end(), here.begin(), here.end());
  }
  CHECK(files > 100);
  report(found);
}

TEST_CASE("tidy: README names every top-level entry and links to what is there") {
  const std::string readme = read(kRoot / "README.md");
  Violations found;
  for (const auto& entry : fs::directory_iterator(kRoot)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".") || is_skipped(entry.path()) || name == "README.md") continue;
    if (readme.find("`" + name) == std::string::npos)
      found.push_back("README.md:1: does not name `" + name + "`");
  }
  static const std::regex link("\\]\\(([^)#:]+)[^)]*\\)");
  for (auto parts = std::sregex_iterator(readme.begin(), readme.end(), link); parts != std::sregex_iterator();
       ++parts) {
    const std::string target = (*parts)[1];
    if (!fs::exists(kRoot / target))
      found.push_back("README.md:1: links to " + target + ", which is not there");
  }
  report(found);
}

TEST_CASE("tidy: the files of models/ stay small") {
  std::uintmax_t bytes = 0;
  std::error_code is_missing;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "models", is_missing)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  CHECK(bytes < kMostModelBytes);
}

TEST_CASE("tidy: the rules find what they forbid") {
  const auto count = [](const char* path, const std::string& text) { return check(path, text).size(); };
  CHECK(count("lsp/a.cpp", "#include \"engine/generator.h\"\n") == 0);
  CHECK(count("lsp/a.cpp", "#include \"engine/worker.h\"\n") == 1);
  CHECK(count("engine/a.cpp", "#include <ATen/ATen.h>\n") == 1);
  CHECK(count("engine/a_torch.cpp", "#include <ATen/ATen.h>\n") == 0);
  CHECK(count("engine/a.cpp", "  #include <tree_sitter/api.h>\n") == 1);
  CHECK(count("engine/structure/a.cpp", "#include <tree_sitter/api.h>\n#include <nlohmann/json.hpp>\n") == 1);
  CHECK(count("kernels/cpu/a.cpp", "#include \"engine/types.h\"\n") == 1);
  CHECK(count("lsp/a.cpp",
              "std::printf(\"x\");\nstd::snprintf(b, 9, \"x\");\nstd::fprintf(stderr, \"x\");\n") == 1);
  CHECK(count("lsp/a.h", "#pragma once\n") == 2);
  CHECK(count("lsp/a.h", "// lsp/a.h\n//\n// Says what it is.\n#pragma once\n") == 0);
  CHECK(count("cli/a.cpp", "// " + kUnfinished[0] + ": more\n") == 1);
  CHECK(count("scripts/a", std::string("cd /ro") + "ot/x\n") == 1);
  std::string longest;
  for (std::size_t i = 0; i <= kMostLines; ++i) longest += "\n";
  CHECK(count("cli/a.cpp", longest) == 1);
}
