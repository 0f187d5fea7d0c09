#include "cli/infill_cases.h"

#include <nlohmann/json.hpp>

#include "cli/gzip_lines.h"

namespace seedling::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kBlanks = " \t\r\n\f\v";

// Names of languages as benchmarks spell them.
std::string language_id(const std::string& name) {
  if (name == "py") return "python";
  if (name == "js") return "javascript";
  if (name == "ts") return "typescript";
  return name;
}

// A row that lacks a field or has one of the wrong type throws json::exception, which read_case() turns into
// an error.
std::string field(const json& row, const char* name) {
  return row.at(name).get<std::string>();
}

// santacoder-fim-task: one line is missing; the newlines around it are missing on both sides too.
InfillCase santacoder_case(const json& row) {
  InfillCase infill;
  infill.id = field(row, "name");
  infill.language = language_id(field(row, "language"));
  infill.prefix = field(row, "prompt") + "\n";
  infill.suffix = "\n" + field(row, "suffix");
  infill.expected = field(row, "canonical_solution");
  infill.answer = Answer::single_line;
  return infill;
}

// human-eval-infilling: whole lines (single-line and multi-line sets) or any span are missing.
InfillCase humaneval_case(const json& row) {
  InfillCase infill;
  infill.id = field(row, "task_id");
  infill.language = "python";
  infill.prefix = field(row, "prompt");
  infill.suffix = field(row, "suffix");
  infill.expected = field(row, "canonical_solution");
  if (infill.id.starts_with("SingleLine")) infill.answer = Answer::first_line;
  if (infill.id.starts_with("MultiLine")) infill.answer = Answer::whole_lines;
  infill.test_program = field(row, "test") + "\ncheck(" + field(row, "entry_point") + ")\n";
  return infill;
}

InfillCase own_case(const json& row) {
  InfillCase infill;
  infill.id = row.at("id").is_string() ? field(row, "id") : row.at("id").dump();
  infill.language = language_id(field(row, "language"));
  infill.prefix = field(row, "prefix");
  infill.suffix = field(row, "suffix");
  if (row.contains("expected")) infill.expected = field(row, "expected");
  if (row.value("single_line", false)) infill.answer = Answer::single_line;
  return infill;
}

Result<InfillCase> read_case(const std::string& line) {
  try {
    const json row = json::parse(line);
    if (!row.is_object()) return invalid_input("not a JSON object");
    if (row.contains("entry_point")) return humaneval_case(row);
    if (row.contains("canonical_solution")) return santacoder_case(row);
    return own_case(row);
  } catch (const json::parse_error& problem) {
    return invalid_input("not JSON (byte " + std::to_string(problem.byte) + ")");
  } catch (const json::exception& problem) {
    return invalid_input(std::string("needs id, language, prefix and suffix, or a benchmark's fields: ") +
                         problem.what());
  }
}

}  // namespace

Result<std::vector<InfillCase>> read_infill_cases(const std::string& path, const std::string& language,
                                                  int limit) {
  GzipLines lines = TRY(GzipLines::open(path));
  std::vector<InfillCase> cases;
  while (limit == 0 || static_cast<int>(cases.size()) < limit) {
    const std::optional<std::string> line = TRY(lines.next());
    if (!line.has_value()) break;
    if (stripped(*line).empty()) continue;
    Result<InfillCase> infill = read_case(*line);
    if (!infill.ok()) {
      return invalid_input(path + ", line " + std::to_string(lines.line_number()) + ": " +
                           infill.error().message);
    }
    if (language.empty() || infill.value().language == language) cases.push_back(std::move(infill).value());
  }
  if (cases.empty()) {
    return invalid_input(path + " has no cases" + (language.empty() ? "" : " in the language " + language));
  }
  return cases;
}

std::string answer_of(std::string_view completion, Answer kind) {
  switch (kind) {
    case Answer::whole:
      return std::string(completion);
    case Answer::single_line: {
      const std::size_t text = completion.find_first_not_of(kBlanks);
      if (text == std::string_view::npos) return {};
      const std::size_t newline = completion.rfind('\n', text);
      const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
      return std::string(completion.substr(begin, completion.find('\n', text) - begin));
    }
    case Answer::whole_lines: {
      const bool needs_newline = !completion.empty() && completion.back() != '\n';
      return std::string(completion) + (needs_newline ? "\n" : "");
    }
    case Answer::first_line:
      return std::string(completion.substr(0, completion.find('\n'))) + "\n";
  }
  return {};
}

std::string_view stripped(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string program_with(const InfillCase& infill, std::string_view answer) {
  return infill.prefix + std::string(answer) + infill.suffix + infill.test_program;
}

}  // namespace seedling::cli
