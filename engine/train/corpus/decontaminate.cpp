#include "engine/train/corpus/decontaminate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/train/corpus/lexical.h"

namespace seedling {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t kBase = 0x9e3779b97f4a7c15u;

std::uint64_t power(std::uint64_t base, std::size_t exponent) {
  std::uint64_t value = 1;
  for (std::size_t i = 0; i < exponent; ++i) value *= base;
  return value;
}

bool is_table_noise(std::span<const std::uint64_t> run) {
  std::array<std::uint64_t, EvaluationRuns::kRun> sorted;
  std::copy(run.begin(), run.end(), sorted.begin());
  std::sort(sorted.begin(), sorted.end());
  return std::unique(sorted.begin(), sorted.end()) - sorted.begin() <
         static_cast<std::ptrdiff_t>(EvaluationRuns::kLeastDistinct);
}

// Calls visit(first token, hash of the run) for every run of kRun tokens until it returns true.
template <class Visit>
bool any_run(std::span<const std::uint64_t> tokens, Visit visit) {
  static const std::uint64_t kLeading = power(kBase, EvaluationRuns::kRun - 1);
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i >= EvaluationRuns::kRun) hash -= tokens[i - EvaluationRuns::kRun] * kLeading;
    hash = hash * kBase + tokens[i];
    if (i + 1 < EvaluationRuns::kRun) continue;
    if (visit(tokens.subspan(i + 1 - EvaluationRuns::kRun, EvaluationRuns::kRun), hash)) return true;
  }
  return false;
}

// zlib reads plain files unchanged, so .jsonl and .jsonl.gz need no telling apart.
Result<std::string> read_maybe_gzip(const std::string& path) {
  std::unique_ptr<gzFile_s, decltype(&gzclose)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (!file) return invalid_input(path + ": cannot be opened");
  std::string text;
  std::vector<char> buffer(1 << 18);
  int count = 0;
  while ((count = gzread(file.get(), buffer.data(), static_cast<unsigned>(buffer.size()))) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  if (count < 0) return invalid_input(path + ": is damaged and cannot be read to its end");
  return text;
}

void add_strings(EvaluationRuns& runs, const json& value) {
  if (value.is_string()) return runs.add_text(value.get_ref<const std::string&>());
  if (value.is_array()) {
    for (const json& item : value) add_strings(runs, item);
  }
  if (!value.is_object()) return;
  for (const auto& [name, item] : value.items()) {
    if (name.find("test") == name.npos) add_strings(runs, item);
  }
}

Status add_json_lines(EvaluationRuns& runs, const std::string& path) {
  const std::string text = TRY(read_maybe_gzip(path));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const json line = json::parse(text.begin() + static_cast<std::ptrdiff_t>(at),
                                  text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (line.is_discarded() && end > at) return invalid_input(path + ": holds a line that is not JSON");
    add_strings(runs, line);
    // Infilling sets cut one text in two: the runs across the cut are part of the solution as well.
    if (line.is_object() && line.contains("prompt") && line["prompt"].is_string()) {
      std::string whole = line["prompt"].get<std::string>();
      for (const char* part : {"canonical_solution", "suffix"}) {
        if (line.contains(part) && line[part].is_string()) whole += line[part].get<std::string>();
      }
      runs.add_text(whole);
    }
    at = end + 1;
  }
  return Done{};
}

// Just enough of the tar format: names, sizes, contents.
Status add_tar(EvaluationRuns& runs, const std::string& path) {
  constexpr std::size_t kBlock = 512;
  const std::string tar = TRY(read_maybe_gzip(path));
  for (std::size_t at = 0; at + kBlock <= tar.size() && tar[at] != '\0';) {
    const std::string name = std::string(tar, at, 100).c_str();
    const std::size_t size = std::strtoull(std::string(tar, at + 124, 12).c_str(), nullptr, 8);
    at += kBlock;
    if (size > tar.size() - at) return invalid_input(path + ": is damaged and cannot be read to its end");
    if (name.ends_with(".py") || name.ends_with(".js")) runs.add_text(std::string_view(tar).substr(at, size));
    at += (size + kBlock - 1) / kBlock * kBlock;
  }
  return Done{};
}

}  // namespace

void EvaluationRuns::add_text(std::string_view text) {
  const std::vector<std::uint64_t> tokens = lexical_hashes(text);
  if (tokens.size() < kRun) return;
  ++texts_;
  any_run(tokens, [this](std::span<const std::uint64_t> run, std::uint64_t hash) {
    if (!is_table_noise(run)) runs_.insert(hash);
    return false;
  });
}

Status EvaluationRuns::add_folder(const std::string& folder) {
  std::error_code failed;
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder, failed)) {
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  }
  if (failed)
    return not_found(folder + ": cannot be read (" + failed.message() +
                     "); name a folder of evaluation sets");
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    if (path.ends_with(".jsonl") || path.ends_with(".jsonl.gz")) TRY(add_json_lines(*this, path));
    if (path.ends_with(".tar.gz")) TRY(add_tar(*this, path));
  }
  return Done{};
}

bool EvaluationRuns::contaminated(std::span<const std::uint64_t> tokens) const {
  if (runs_.empty()) return false;
  return any_run(tokens, [this](std::span<const std::uint64_t> run, std::uint64_t hash) {
    return runs_.contains(hash) && !is_table_noise(run);
  });
}

}  // namespace seedling
