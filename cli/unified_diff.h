// cli/unified_diff.h
//
// The difference between two texts as a unified diff that `patch` and `git apply` take.
//   Pure. Empty where the texts are the same.
#pragma once

#include <string>
#include <string_view>

namespace seedling::cli {

std::string unified_diff(std::string_view before, std::string_view after, std::string_view path);

}  // namespace seedling::cli
