#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/diagnostics_input.h"
#include "cli/document.h"

namespace seedling::cli {
namespace {

using nlohmann::json;

// Throws json::exception where a field is missing or of the wrong type.
Diagnostic diagnostic_of(const json& entry, const Snapshot& snapshot) {
  Diagnostic diagnostic;
  diagnostic.message = entry.at("message").get<std::string>();
  diagnostic.source = entry.value("source", std::string());
  const auto code = entry.find("code");
  if (code != entry.end()) diagnostic.code = code->is_string() ? code->get<std::string>() : code->dump();
  const LineColumn begin{entry.at("line").get<int>(), entry.at("col").get<int>()};
  const LineColumn end{entry.value("end_line", begin.line), entry.value("end_col", begin.column)};
  diagnostic.range.begin = clamped_offset_of(snapshot, begin);
  diagnostic.range.end = std::max(diagnostic.range.begin, clamped_offset_of(snapshot, end));
  return diagnostic;
}

}  // namespace

Result<std::vector<Diagnostic>> read_diagnostics(const std::string& path, const Snapshot& snapshot) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path))
    return not_found("cannot read the diagnostics in " + path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) {
    return invalid_input(
        path + " is no JSON list of diagnostics: [{\"line\": 1, \"col\": 1, \"message\": \"...\"}]");
  }
  std::vector<Diagnostic> diagnostics;
  for (const json& entry : list) {
    try {
      diagnostics.push_back(diagnostic_of(entry, snapshot));
    } catch (const json::exception& problem) {
      return invalid_input(path + ", entry " + std::to_string(diagnostics.size() + 1) +
                           " needs line, col and message: " + problem.what());
    }
  }
  return diagnostics;
}

}  // namespace seedling::cli
