// cli/bench/sample.h
//
// The file that completions are measured in: cli/bench/sample.py, which travels inside the binary, so that
// two versions of Seedling can be compared on two machines. Changing it makes earlier measurements worthless.
#pragma once

#include <string_view>

namespace seedling::cli {

std::string_view sample_text();

inline constexpr std::string_view kSamplePath = "logs/summary.py";
inline constexpr std::string_view kSampleLanguage = "python";

}  // namespace seedling::cli
