#include "lsp/settings.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>

namespace seedling {
namespace {

using Problems = std::vector<std::string>;

void take(bool& setting, const std::string& name, const json& value, Problems& problems) {
  if (value.is_boolean()) {
    setting = value.get<bool>();
  } else {
    problems.push_back("seedling." + name + " must be true or false");
  }
}

void take(int& setting, const std::string& name, const json& value, int low, int high, Problems& problems) {
  const bool is_in_range = value.is_number_integer() && value >= low && value <= high;
  if (is_in_range) {
    setting = value.get<int>();
  } else {
    problems.push_back("seedling." + name + " must be a whole number from " + std::to_string(low) + " to " +
                       std::to_string(high));
  }
}

void take(std::vector<std::string>& setting, const std::string& name, const json& value, Problems& problems) {
  // An empty list of Lua arrives as an empty object.
  const bool is_empty = value.empty() && value.is_structured();
  const bool is_list = value.is_array() && std::all_of(value.begin(), value.end(),
                                                       [](const json& entry) { return entry.is_string(); });
  if (is_empty || is_list) {
    setting.clear();
    for (const json& entry : value) setting.push_back(entry.get<std::string>());
  } else {
    problems.push_back("seedling." + name + " must be a list of strings");
  }
}

// A list of those that are served, or an object that says of each whether it is: {"*": true, "markdown":
// false}.
void take_languages(Settings& settings, const json& value, Problems& problems) {
  const bool is_list = value.is_array() && std::all_of(value.begin(), value.end(),
                                                       [](const json& entry) { return entry.is_string(); });
  const bool is_table = value.is_object() && std::all_of(value.begin(), value.end(), [](const json& entry) {
                          return entry.is_boolean();
                        });
  if (!is_list && !is_table) {
    return problems.push_back(
        "seedling.languages must be a list of language ids, or an object from language ids to true or false");
  }
  settings.languages.clear();
  for (const auto& [key, entry] : value.items()) {
    settings.languages[is_list ? entry.get<std::string>() : key] = is_list || entry.get<bool>();
  }
  if (is_list && !value.empty()) settings.languages["*"] = false;
}

void take_min_confidence(Settings& settings, const json& value, Problems& problems) {
  if (value.is_null()) {
    settings.min_confidence.reset();
  } else if (value.is_number() && value >= 0 && value <= 1) {
    settings.min_confidence = value.get<float>();
  } else {
    problems.push_back("seedling.minConfidence must be a number from 0 to 1, or null");
  }
}

template <std::size_t kCount>
bool is_word(const json& value, const std::array<std::string_view, kCount>& words) {
  return value.is_string() &&
         std::find(words.begin(), words.end(), value.get_ref<const std::string&>()) != words.end();
}

void take_trigger(Settings& settings, const json& value, Problems& problems) {
  if (is_word(value, std::array<std::string_view, 2>{"automatic", "manual"})) {
    settings.trigger = value == "manual" ? Trigger::manual : Trigger::automatic;
  } else {
    problems.push_back("seedling.trigger must be \"automatic\" or \"manual\"");
  }
}

void take_log_level(Settings& settings, const json& value, Problems& problems) {
  if (is_word(value, std::array<std::string_view, 6>{"off", "error", "warn", "info", "debug", "trace"})) {
    settings.log_level = value.get<std::string>();
  } else {
    problems.push_back("seedling.logLevel must be one of off, error, warn, info, debug, trace");
  }
}

bool matches(const std::string& pattern, const char* text) {
  // Without FNM_PATHNAME "*" crosses "/", and so does "**": that errs on the side of leaving a file alone.
  return fnmatch(pattern.c_str(), text, FNM_CASEFOLD) == 0;
}

}  // namespace

std::vector<std::string> update_settings(Settings& settings, const json& section) {
  Problems problems;
  if (section.is_null() || (section.is_array() && section.empty())) return problems;
  if (!section.is_object()) return {"the seedling settings must be an object"};
  for (const auto& [name, value] : section.items()) {
    if (name == "minConfidence") take_min_confidence(settings, value, problems);
    if (value.is_null()) continue;
    if (name == "enable") take(settings.enable, name, value, problems);
    if (name == "maxLines") take(settings.max_lines, name, value, 1, 200, problems);
    if (name == "maxTokens") take(settings.max_tokens, name, value, 1, 1024, problems);
    if (name == "candidates") take(settings.candidates, name, value, 1, 10, problems);
    if (name == "latencyBudgetMs") take(settings.latency_budget_ms, name, value, 0, 60000, problems);
    if (name == "idleUnloadMinutes") take(settings.idle_unload_minutes, name, value, 0, 10080, problems);
    if (name == "languages") take_languages(settings, value, problems);
    if (name == "exclude") take(settings.exclude, name, value, problems);
    if (name == "trigger") take_trigger(settings, value, problems);
    if (name == "prefetch") take(settings.prefetch, name, value, problems);
    if (name == "diagnostics") take(settings.diagnostics, name, value, problems);
    if (name == "logLevel") take_log_level(settings, value, problems);
    // Other names belong to the editors and the command line (model, device): none of our business.
  }
  return problems;
}

bool is_excluded(const Settings& settings, std::string_view path) {
  const std::string whole = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
  const char* name = whole.c_str() + whole.find_last_of('/') + 1;
  return std::any_of(settings.exclude.begin(), settings.exclude.end(), [&](const std::string& pattern) {
    if (pattern.find('/') == std::string::npos) return matches(pattern, name);
    return matches(pattern, whole.c_str()) || matches("*/" + pattern, whole.c_str());
  });
}

bool wants_language(const Settings& settings, std::string_view language) {
  auto found = settings.languages.find(language);
  if (found == settings.languages.end()) found = settings.languages.find("*");
  return found == settings.languages.end() || found->second;
}

}  // namespace seedling
