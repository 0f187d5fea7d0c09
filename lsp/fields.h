// lsp/fields.h
//
// Fields: reads the members of one JSON object and remembers the first thing that is wrong with it.
//   Total: a missing or wrong member reads as an empty value; ask status() before using what was read.
//   JSON null counts as absent, as clients send both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/result.h"
#include "lsp/position.h"
#include "lsp/rpc.h"

namespace seedling {

class Fields {
 public:
  // `object` must outlive this. `name` is how messages call the object.
  Fields(const json& object, std::string name);

  const json* find(const char* key) const;  // nullptr when absent
  std::string text(const char* key);
  std::int64_t integer(const char* key, std::int64_t low, std::int64_t high);
  Position position(const char* key);
  Range range(const char* key);
  Fields object(const char* key);
  const json& array(const char* key);

  void fail(const char* key, const char* expected);
  // Takes over what is wrong with a part read through object().
  void adopt(const Fields& part);
  Status status() const;

 private:
  const json* object_;
  std::string name_;
  std::optional<std::string> problem_;
};

// value[first][second]..., or nullptr when a step is missing or null.
template <class... Keys>
const json* find_path(const json& value, const Keys&... keys) {
  const json* at = &value;
  for (const char* key : {static_cast<const char*>(keys)...}) {
    if (!at->is_object()) return nullptr;
    const auto next = at->find(key);
    if (next == at->end() || next->is_null()) return nullptr;
    at = &*next;
  }
  return at;
}

}  // namespace seedling
