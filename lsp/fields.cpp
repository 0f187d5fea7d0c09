#include "lsp/fields.h"

#include <limits>
#include <utility>

namespace seedling {
namespace {

constexpr std::int64_t kMaxUinteger = std::numeric_limits<std::int32_t>::max();  // LSP's uinteger

const json& empty_object() {
  static const json kEmpty = json::object();
  return kEmpty;
}

const json& empty_array() {
  static const json kEmpty = json::array();
  return kEmpty;
}

}  // namespace

Fields::Fields(const json& object, std::string name) : object_(&object), name_(std::move(name)) {
  if (object.is_object()) return;
  object_ = &empty_object();
  problem_ = name_ + " must be an object";
}

const json* Fields::find(const char* key) const {
  return find_path(*object_, key);
}

std::string Fields::text(const char* key) {
  const json* value = find(key);
  if (value && value->is_string()) return value->get<std::string>();
  fail(key, "a string");
  return {};
}

std::int64_t Fields::integer(const char* key, std::int64_t low, std::int64_t high) {
  const json* value = find(key);
  if (value && value->is_number_integer() && *value >= low && *value <= high)
    return value->get<std::int64_t>();
  fail(key, low >= 0 ? "a whole number that is not negative" : "a whole number");
  return low;
}

Position Fields::position(const char* key) {
  Fields fields = object(key);
  const Position position{static_cast<std::uint32_t>(fields.integer("line", 0, kMaxUinteger)),
                          static_cast<std::uint32_t>(fields.integer("character", 0, kMaxUinteger))};
  adopt(fields);
  return position;
}

Range Fields::range(const char* key) {
  Fields fields = object(key);
  const Range range{fields.position("start"), fields.position("end")};
  adopt(fields);
  return range;
}

Fields Fields::object(const char* key) {
  const json* value = find(key);
  Fields part(value ? *value : empty_object(), name_ + "." + key);
  if (!value) part.problem_ = part.name_ + " is missing";
  return part;
}

const json& Fields::array(const char* key) {
  const json* value = find(key);
  if (value && value->is_array()) return *value;
  fail(key, "a list");
  return empty_array();
}

void Fields::fail(const char* key, const char* expected) {
  if (!problem_) problem_ = name_ + "." + key + " must be " + expected;
}

void Fields::adopt(const Fields& part) {
  if (!problem_) problem_ = part.problem_;
}

Status Fields::status() const {
  if (problem_) return invalid_input(*problem_);
  return Done{};
}

}  // namespace seedling
