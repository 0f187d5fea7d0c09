// engine/structure/fallback_name.h
//
// A plain name for the value of an expression, for when the model has none. Internal to engine/structure.
//   The result is well formed and not in `taken` (sorted), in the case that the language usually has.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/structure/syntax.h"

namespace seedling {

std::string fallback_name(TSNode expression, std::string_view text, const Grammar& grammar,
                          std::span<const std::string> taken);

}  // namespace seedling
