// cli/eval/left_out.h
//
// Cases whose own ground truth is not right here: cli/eval/left_out.txt, which travels inside the binary.
//   A line is a set, an id and the reason. `eval --truth --complete` finds them. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace seedling::cli {

// Why a case is left out; nothing where it is not.
std::optional<std::string_view> left_out_because(std::string_view set, std::string_view id);

}  // namespace seedling::cli
