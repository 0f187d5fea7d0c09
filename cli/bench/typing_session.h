// cli/bench/typing_session.h
//
// The sessions that `lsp.typing` replays: somebody writing in a real Neovim, recorded key by key with the
// times between them (typing/record.lua says how). They travel inside the binary.
//   Recorded: every edit as the editor's client sent it (mistakes, corrections, undo, indenting, brackets
//   that close by themselves), when, and where the cursor was then. Pure. Changing a recording makes earlier
//   measurements worthless.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace seedling::cli {

struct TypingPlace {
  int line = 0;
  int character = 0;
};

// `text` takes the place of what lies between two places.
struct TypingEdit {
  TypingPlace begin, end;
  std::string text;
};

struct TypingEvent {
  int ms = 0;  // since the first one
  std::vector<TypingEdit> edits;
  std::optional<TypingPlace> cursor;  // nothing: nobody is writing then
};

struct TypingSession {
  std::string name;      // "python"
  std::string file;      // "orders.py"
  std::string language;  // LSP id
  std::string text;      // at the beginning
  std::vector<TypingEvent> events;
};

std::vector<TypingSession> typing_sessions();

// The text after an event. REQUIRES: its places lie in the text, which is ASCII.
std::string after(std::string text, const TypingEvent& event);

}  // namespace seedling::cli
