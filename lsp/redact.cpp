#include "lsp/redact.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace seedling {
namespace {

constexpr std::size_t kLongestWord = 64;
constexpr std::size_t kLongestExtension = 5;

// Texts under these keys are the protocol's own words, or names of programs.
constexpr std::array<std::string_view, 14> kPlainKeys = {
    "method", "jsonrpc", "languageId",        "kind",    "trace",   "positionEncoding",
    "only",   "id",      "positionEncodings", "command", "version", "section",
    "token",  "language"};
constexpr std::array<std::string_view, 3> kUriKeys = {"uri", "rootUri", "scopeUri"};

// What programs say of themselves: any words in there are theirs.
constexpr std::array<std::string_view, 3> kProgramKeys = {"capabilities", "clientInfo", "serverInfo"};

// Anybody may put anything in there: only its size is told.
constexpr std::array<std::string_view, 6> kOpaqueKeys = {
    "settings", "initializationOptions", "experimental", "data", "arguments", "changes"};

template <std::size_t kCount>
bool has(const std::array<std::string_view, kCount>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_word(std::string_view text, std::string_view marks) {
  return text.size() <= kLongestWord && std::all_of(text.begin(), text.end(), [&](char c) {
           return is_alphanumeric(c) || marks.find(c) != std::string_view::npos;
         });
}

std::string length_of(std::size_t bytes) {
  return "<" + std::to_string(bytes) + " bytes>";
}

std::string extension_of(std::string_view uri) {
  const std::size_t dot = uri.find_last_of("./");
  if (dot == std::string_view::npos || uri[dot] == '/') return "";
  const std::string_view extension = uri.substr(dot + 1);
  const bool is_plain = !extension.empty() && extension.size() <= kLongestExtension && is_word(extension, "");
  return is_plain ? "." + std::string(extension) : "";
}

}  // namespace

json Redactor::redact(const json& message) {
  return redact(message, "", false);
}

json Redactor::redact(const json& value, const std::string& key, bool is_capability) {
  if (value.is_string()) return redact_text(value.get_ref<const std::string&>(), key, is_capability);
  if (value.is_object()) return redact_object(value, is_capability);
  if (!value.is_array()) return value;
  json list = json::array();
  for (const json& entry : value) list.push_back(redact(entry, key, is_capability));
  return list;
}

json Redactor::redact_text(const std::string& text, const std::string& key, bool is_capability) {
  if (has(kUriKeys, key)) {
    const std::size_t number = documents_.emplace(text, documents_.size() + 1).first->second;
    return "document-" + std::to_string(number) + extension_of(text);
  }
  const bool is_plain =
      is_capability ? is_word(text, "/$._- ") : has(kPlainKeys, key) && is_word(text, "/$._-");
  if (is_plain) return text;
  return length_of(text.size());
}

json Redactor::redact_object(const json& object, bool is_capability) {
  json result = json::object();
  for (const auto& [key, value] : object.items()) {
    const bool is_capability_now = is_capability || has(kProgramKeys, key);
    // Numbers tell two unknown keys of one length apart.
    const std::string name =
        is_word(key, "$_") ? key : length_of(key.size()) + " #" + std::to_string(result.size() + 1);
    result[name] = value.is_structured() && has(kOpaqueKeys, key) ? json(length_of(dump(value).size()))
                                                                  : redact(value, key, is_capability_now);
  }
  return result;
}

}  // namespace seedling
