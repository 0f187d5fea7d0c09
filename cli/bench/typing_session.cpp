#include "cli/bench/typing_session.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/bench/typing_recordings.h"

namespace seedling::cli {
namespace {

using nlohmann::json;

TypingEvent event_of(const json& line) {
  TypingEvent event;
  event.ms = line.at("ms");
  for (const json& edit : line.at("edits"))
    event.edits.push_back({{edit.at(0), edit.at(1)}, {edit.at(2), edit.at(3)}, edit.at(4)});
  if (line.contains("cursor")) event.cursor = {line["cursor"].at(0), line["cursor"].at(1)};
  return event;
}

TypingSession session_of(std::string name, std::string file, std::string_view text,
                         std::string_view recording) {
  TypingSession session{std::move(name), std::move(file), "", std::string(text), {}};
  session.language = session.name;
  std::istringstream lines{std::string(recording)};
  for (std::string line; std::getline(lines, line);) session.events.push_back(event_of(json::parse(line)));
  return session;
}

std::size_t offset_of(const std::string& text, TypingPlace place) {
  std::size_t begin = 0;
  for (int line = 0; line < place.line; ++line) begin = text.find('\n', begin) + 1;
  return begin + static_cast<std::size_t>(place.character);
}

}  // namespace

std::vector<TypingSession> typing_sessions() {
  return {session_of("python", "orders.py", typing_orders_text(), typing_orders_recording()),
          session_of("typescript", "basket.ts", typing_basket_text(), typing_basket_recording())};
}

std::string after(std::string text, const TypingEvent& event) {
  for (const TypingEdit& edit : event.edits) {
    const std::size_t begin = offset_of(text, edit.begin);
    text.replace(begin, offset_of(text, edit.end) - begin, edit.text);
  }
  return text;
}

}  // namespace seedling::cli
