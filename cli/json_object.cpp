#include "cli/json_object.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/characters.h"

namespace seedling::cli {

std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text, at);
    const unsigned char byte = text[at];
    if (length == 0) {
      json += "\uFFFD";
    } else if (byte == '"' || byte == '\\') {
      json += {'\\', text[at]};
    } else if (byte == '\n') {
      json += "\\n";
    } else if (byte == '\t') {
      json += "\\t";
    } else if (byte < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      json += escaped;
    } else {
      json += text.substr(at, length);
    }
    at += std::max<std::size_t>(1, length);
  }
  return json + "\"";
}

std::string json_number(double value) {
  if (!std::isfinite(value)) return "null";
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string json_array(std::span<const std::string> items) {
  std::string json = "[";
  for (const std::string& item : items) {
    if (json.size() > 1) json += ",";
    json += item;
  }
  return json + "]";
}

JsonObject& JsonObject::add_json(std::string_view name, std::string_view json) {
  if (!members_.empty()) members_ += ",";
  members_ += json_string(name);
  members_ += ":";
  members_ += json;
  return *this;
}

}  // namespace seedling::cli
