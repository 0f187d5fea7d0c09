#include "cli/bench/typing_session.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace seedling::cli;

namespace {

bool is_inside(const std::string& text, TypingPlace place) {
  std::size_t begin = 0;
  for (int line = 0; line < place.line; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string::npos) return false;
    ++begin;
  }
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  return place.character >= 0 && begin + static_cast<std::size_t>(place.character) <= end;
}

}  // namespace

TEST_CASE("typing session: every edit of a recording lies in its text, and time goes on") {
  const std::vector<TypingSession> sessions = typing_sessions();
  REQUIRE(sessions.size() == 2);
  for (const TypingSession& session : sessions) {
    CAPTURE(session.name);
    CHECK(session.events.size() >= 300);
    std::string text = session.text;
    int ms = 0, corrections = 0;
    for (const TypingEvent& event : session.events) {
      CHECK(event.ms >= ms);
      ms = event.ms;
      REQUIRE(!event.edits.empty());
      for (const TypingEdit& edit : event.edits) {
        REQUIRE(is_inside(text, edit.begin));
        REQUIRE(is_inside(text, edit.end));
        text = after(text, {0, {edit}, std::nullopt});
        corrections += edit.text.empty() ? 1 : 0;
      }
      if (event.cursor) CHECK(is_inside(text, *event.cursor));
    }
    CHECK(corrections > 5);
    CHECK(std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; }));
    CHECK(text.size() > session.text.size() + 300);
  }
}

TEST_CASE("typing session: what was written stands there in the end") {
  const std::vector<TypingSession> sessions = typing_sessions();
  const auto end_of = [](const TypingSession& session) {
    std::string text = session.text;
    for (const TypingEvent& event : session.events) text = after(std::move(text), event);
    return text;
  };
  const std::string python = end_of(sessions[0]), typescript = end_of(sessions[1]);
  CHECK(python.find("    def send(self):\n        if self.is_sent:\n            raise ValueError(") !=
        std::string::npos);
  CHECK(python.find("nmae") == std::string::npos);
  CHECK(typescript.find("    for (const entry of this.entries.values()) {\n      sum += ") !=
        std::string::npos);
  CHECK(typescript.find("Prodcut") == std::string::npos);
}
