// engine/train/holes.h
//
// Where training cuts holes: the editor's cases in the proportions in which they are met.
//   Pure; thread-free. Offsets are bytes on character boundaries of the text.
#pragma once

#include <string_view>

#include "engine/train/random.h"

namespace seedling {

struct HoleCut {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// A hole in `text`: the rest of a line from any character, a whole line (with or without its newline), the
// rest of a line and the lines after it, or any short span. REQUIRES: text is not empty.
HoleCut cut_hole(std::string_view text, Random&);

// One to `most` whole lines, without the newline behind them: what a fix takes out. REQUIRES: text is not
// empty.
HoleCut cut_lines(std::string_view text, int most, Random&);

}  // namespace seedling
