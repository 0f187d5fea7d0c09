// engine/train/diagnostics.h
//
// Messages as compilers and linters would have written them about a hole's broken draft, so that the model
// meets
// <|diagnostic|> in training and learns what a message says about the text that is missing: a name in it is
// close to the right one, an expected character is in it.
//   Pure; thread-free. Source: DESIGN.md section 6, stage edit (what programmers get wrong).
#pragma once

#include <string>
#include <string_view>

#include "engine/train/random.h"

namespace seedling {

// A message for the true text `middle`; empty when it has neither a name nor a bracket to get wrong.
std::string diagnostic_for(std::string_view language, std::string_view middle, Random&);

}  // namespace seedling
