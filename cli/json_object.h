// cli/json_object.h
//
// Writes JSON objects and arrays for --json, members in the order in which they are added.
//   Plain values; any thread. Bytes that are no UTF-8 become U+FFFD, so that the result is always valid JSON.
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace seedling::cli {

// The text as a JSON string, quotes included.
std::string json_string(std::string_view text);
std::string json_number(double value);  // at most six digits; null where it is not finite
std::string json_array(std::span<const std::string> items);  // of what is JSON already

class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view text) { return add_json(name, json_string(text)); }
  JsonObject& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
  JsonObject& add(std::string_view name, const std::string& text) {
    return add(name, std::string_view(text));
  }
  JsonObject& add(std::string_view name, bool value) { return add_json(name, value ? "true" : "false"); }
  JsonObject& add(std::string_view name, std::integral auto value) {
    return add_json(name, std::to_string(value));
  }
  JsonObject& add(std::string_view name, std::floating_point auto value) {
    return add_json(name, json_number(value));
  }
  // Left out where there is no value.
  template <class T>
  JsonObject& add(std::string_view name, const std::optional<T>& value) {
    return value.has_value() ? add(name, *value) : *this;
  }
  JsonObject& add_json(std::string_view name, std::string_view json);

  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace seedling::cli
