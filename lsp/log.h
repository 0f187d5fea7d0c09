// lsp/log.h
//
// The log of a server process: lines on standard error, without the user's text.
//   Called once, before threads start; spdlog's own functions are thread-safe from then on.
#pragma once

#include <string>

namespace seedling {

// `level`: off, error, warn, info, debug or trace.
void set_up_log(const std::string& level);

}  // namespace seedling
