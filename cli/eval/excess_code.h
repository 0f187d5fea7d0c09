// cli/eval/excess_code.h
//
// Excess code of an edit: the share of its new or changed lines that its tests never run (0 where it adds no
// line that could be run). For Python programs that pass.
//   Any thread; runs the program once more, traced. Errors: those of the sandbox.
//   Source: the measure ExcessCode of CanItEdit (Cassano et al. 2023).
#pragma once

#include <optional>
#include <string>

#include "cli/eval/case.h"
#include "cli/eval/sandbox.h"
#include "engine/result.h"

namespace seedling::cli {

// Nothing where the traced program does not come to its end.
Result<std::optional<double>> excess_code(const EvalCase& eval_case, const std::string& answer,
                                          const Sandbox& sandbox);

}  // namespace seedling::cli
