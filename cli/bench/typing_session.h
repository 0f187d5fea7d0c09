// cli/bench/typing_session.h
//
// The session that `lsp.typing` replays: a function of sample.py while somebody writes it, key by key.
//   Composed, not recorded: the text is real, the hand follows a seeded rhythm (kRhythm) with the mistakes,
//   corrections and pauses that people make, and brackets close by themselves as in an editor. The same every
//   time. Pure. Changing it makes earlier measurements worthless.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace seedling::cli {

// One edit: `erased` bytes before the cursor go, `typed` comes in front of it and `closed` behind it.
struct Keystroke {
  int wait_ms = 0;  // since the one before
  std::size_t erased = 0;
  std::string typed;
  std::string closed;
  std::size_t skipped = 0;  // closing brackets that are typed over
};

struct TypingSession {
  std::string before, after;  // the text around the cursor at its beginning
  std::vector<Keystroke> keys;
};

TypingSession typing_session();

}  // namespace seedling::cli
