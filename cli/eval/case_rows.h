// cli/eval/case_rows.h
//
// What a row of a case file means, for each kind of `eval`. Internal to case_file.cpp.
//   Pure; any thread. A row that lacks a field or has one of the wrong type throws json::exception, which
//   read_cases() turns into an error. No case: the row cannot be judged.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "cli/eval/case.h"

namespace seedling::cli {

std::vector<EvalCase> infill_cases_of(const nlohmann::json& row);
std::vector<EvalCase> fix_cases_of(const nlohmann::json& row);
std::vector<EvalCase> edit_cases_of(const nlohmann::json& row);

std::string field(const nlohmann::json& row, const char* name);
std::string id_of(const nlohmann::json& row);      // "id", whatever its type
std::string language_id(const std::string& name);  // of a name as benchmarks spell it

}  // namespace seedling::cli
