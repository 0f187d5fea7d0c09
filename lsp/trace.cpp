#include "lsp/trace.h"

#include <cstdio>
#include <utility>

namespace seedling {
namespace {

// A client that never gets to the end of its requests must not fill our memory.
constexpr std::size_t kMostOpen = 1000;

double ms_between(Trace::TimePoint from, Trace::TimePoint to) {
  const double ms = std::chrono::duration<double, std::milli>(to - from).count();
  return static_cast<double>(static_cast<std::int64_t>(ms * 10)) / 10;
}

const char* name_of(Sender sender) {
  return sender == Sender::client ? "client" : "server";
}

std::string key_of(Sender asker, const json& id) {
  return name_of(asker) + (" " + dump(id));
}

std::string in_ms(double ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", ms);
  return text;
}

}  // namespace

Trace::Entry Trace::record(Sender sender, std::string_view body, TimePoint now) {
  if (!begin_) begin_ = now;
  Entry entry;
  entry.line = {{"ms", ms_between(*begin_, now)}, {"from", name_of(sender)}, {"bytes", body.size()}};
  const json message = json::parse(body, nullptr, /*allow_exceptions=*/false);
  std::string what = "no message";
  if (message.is_object()) {
    const json redacted = redactor_.redact(message);
    const bool has_id = message.contains("id");
    const bool has_method = message.contains("method") && message["method"].is_string();
    const std::string id = has_id ? dump(redacted["id"]) : std::string();
    if (has_method) {
      what = dump(redacted["method"]);
      what = what.substr(1, what.size() - 2) + (has_id ? " (" + id + ")" : "");
      if (has_id && open_.size() < kMostOpen)
        open_[key_of(sender, message["id"])] = {redacted["method"].get<std::string>(), now};
    } else if (has_id) {
      const Sender asker = sender == Sender::client ? Sender::server : Sender::client;
      what = "answer (" + id + ")";
      if (auto node = open_.extract(key_of(asker, message["id"])); !node.empty()) {
        const double took = ms_between(node.mapped().since, now);
        entry.line["answers"] = node.mapped().method;
        entry.line["took_ms"] = took;
        what = "answer to " + node.mapped().method + " (" + id + ") after " + in_ms(took);
      }
    }
    entry.line["message"] = redacted;
  }
  entry.summary = std::string(name_of(sender)) + ": " + what + ", " + std::to_string(body.size()) + " bytes";
  return entry;
}

}  // namespace seedling
