#include "cli/eval/case_file.h"

#include <nlohmann/json.hpp>

#include "cli/eval/case_rows.h"
#include "cli/eval/left_out.h"
#include "cli/gzip_lines.h"

namespace seedling::cli {
namespace {

using nlohmann::json;

constexpr const char* kNeeds[] = {
    "needs id, language, prefix and suffix, or the fields of human-eval-infilling, santacoder-fim-task or "
    "SAFIM",
    "needs id, language, text and diagnostics, or the fields of DrRepair, HumanEvalPack or QuixBugs",
    "needs id, language, text and instruction, or the fields of EditEval or CanItEdit"};

Result<std::vector<EvalCase>> cases_of(EvalKind kind, const std::string& line) {
  try {
    const json row = json::parse(line);
    if (!row.is_object()) return invalid_input("not a JSON object");
    switch (kind) {
      case EvalKind::infill:
        return infill_cases_of(row);
      case EvalKind::fix:
        return fix_cases_of(row);
      case EvalKind::edit:
        return edit_cases_of(row);
    }
    return std::vector<EvalCase>();
  } catch (const json::parse_error& problem) {
    return invalid_input("not JSON (byte " + std::to_string(problem.byte) + ")");
  } catch (const json::exception& problem) {
    return invalid_input(std::string(kNeeds[static_cast<int>(kind)]) + ": " + problem.what());
  }
}

// `count` of the cases, evenly spaced.
std::vector<EvalCase> spread_over(std::vector<EvalCase> cases, std::size_t count) {
  if (cases.size() <= count) return cases;
  std::vector<EvalCase> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(std::move(cases[i * cases.size() / count]));
  return chosen;
}

}  // namespace

std::string field(const json& row, const char* name) {
  return row.at(name).get<std::string>();
}

std::string id_of(const json& row) {
  return row.at("id").is_string() ? field(row, "id") : row.at("id").dump();
}

std::string language_id(const std::string& name) {
  if (name == "py" || name == "Python") return "python";
  if (name == "js" || name == "JavaScript") return "javascript";
  if (name == "ts") return "typescript";
  if (name == "CPP") return "cpp";
  if (name == "Java") return "java";
  return name;
}

Result<CaseFile> read_cases(EvalKind kind, const std::string& path, const CaseChoice& choice) {
  GzipLines lines = TRY(GzipLines::open(path));
  CaseFile file;
  const auto is_enough = [&] {
    return choice.limit > 0 && choice.spread == 0 && static_cast<int>(file.cases.size()) >= choice.limit;
  };
  while (!is_enough()) {
    const std::optional<std::string> line = TRY(lines.next());
    if (!line.has_value()) break;
    if (stripped(*line).empty()) continue;
    Result<std::vector<EvalCase>> cases = cases_of(kind, *line);
    if (!cases.ok()) {
      return invalid_input(path + ", line " + std::to_string(lines.line_number()) + ": " +
                           cases.error().message);
    }
    if (cases->empty()) ++file.unusable;
    for (EvalCase& eval_case : *cases) {
      if (is_enough() || (!choice.language.empty() && eval_case.language != choice.language)) continue;
      if (!choice.is_complete && left_out_because(eval_case.set, eval_case.id))
        ++file.left_out;
      else
        file.cases.push_back(std::move(eval_case));
    }
  }
  if (choice.spread > 0) file.cases = spread_over(std::move(file.cases), choice.spread);
  if (file.cases.empty()) {
    return invalid_input(path + " has no cases" +
                         (choice.language.empty() ? "" : " in the language " + choice.language));
  }
  return file;
}

}  // namespace seedling::cli
