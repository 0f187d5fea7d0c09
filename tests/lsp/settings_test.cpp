// Settings: good values are taken, bad ones named and left; globs keep secrets away.

#include "lsp/settings.h"

#include <doctest/doctest.h>

namespace seedling {
namespace {

TEST_CASE("settings: good values") {
  Settings settings;
  const json section = {{"enable", false},           {"trigger", "manual"}, {"maxLines", 3},
                        {"maxTokens", 40},           {"candidates", 5},     {"latencyBudgetMs", 0},
                        {"languages", {"c", "cpp"}}, {"exclude", {"x/**"}}, {"logLevel", "debug"},
                        {"model", "/somewhere"},     {"unheardOf", {1}}};
  CHECK(update_settings(settings, section).empty());
  CHECK(!settings.enable);
  CHECK(settings.trigger == Trigger::manual);
  CHECK(settings.max_lines == 3);
  CHECK(settings.max_tokens == 40);
  CHECK(settings.candidates == 5);
  CHECK(settings.latency_budget_ms == 0);
  CHECK(settings.languages == decltype(settings.languages){{"*", false}, {"c", true}, {"cpp", true}});
  CHECK(settings.exclude == std::vector<std::string>{"x/**"});
  CHECK(settings.log_level == "debug");
}

TEST_CASE("settings: a bad value is named, the old one and its neighbours stay good") {
  const std::vector<std::pair<std::string, json>> bad = {
      {"enable", "yes"},        {"enable", 1},
      {"trigger", "sometimes"}, {"trigger", 0},
      {"maxLines", 0},          {"maxLines", 2.5},
      {"maxLines", "8"},        {"candidates", 11},
      {"candidates", -1},       {"maxTokens", 1u << 30},
      {"latencyBudgetMs", -1},  {"languages", "c"},
      {"languages", {1}},       {"exclude", {{"a", 1}}},
      {"logLevel", "loud"},     {"candidates", 18446744073709551615ull},
      {"latencyBudgetMs", 1e9}};
  for (const auto& entry : bad) {
    const std::string& name = entry.first;
    const json& value = entry.second;
    CAPTURE(name);
    CAPTURE(value.dump());
    Settings settings;
    json section = {{name, value}};
    section[name == "maxLines" ? "maxTokens" : "maxLines"] = 5;
    const auto problems = update_settings(settings, section);
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().find("seedling." + name) == 0);
    Settings expected;
    (name == "maxLines" ? expected.max_tokens : expected.max_lines) = 5;
    CHECK(settings == expected);
  }
  Settings settings;
  CHECK(update_settings(settings, "text").size() == 1);
  CHECK(update_settings(settings, json::array({1})).size() == 1);
  CHECK(settings == Settings{});
}

TEST_CASE("settings: null and absent leave things as they are") {
  Settings settings;
  settings.candidates = 2;
  const Settings before = settings;
  CHECK(update_settings(settings, nullptr).empty());
  CHECK(update_settings(settings, json::array()).empty());
  CHECK(update_settings(settings, {{"candidates", nullptr}}).empty());
  CHECK(settings == before);
}

TEST_CASE("settings: secrets are excluded by default") {
  const Settings settings;
  for (const std::string path :
       {"/w/.env", "/w/.env.local", ".env", "/w/sub/.env.production", "/w/server.pem", "/w/tls/server.KEY",
        "/home/u/.ssh/id_rsa", "/w/id_rsa.pub", "/w/secrets.yaml", "/w/Secrets.toml", "secrets.py"}) {
    CAPTURE(path);
    CHECK(is_excluded(settings, path));
  }
  for (const std::string path :
       {"/w/environment.py", "/w/keys.py", "/w/monkey.c", "/w/mysecrets.py", "/w/env.py", "Untitled-1"}) {
    CAPTURE(path);
    CHECK(!is_excluded(settings, path));
  }
}

TEST_CASE("settings: patterns with and without folders") {
  Settings settings;
  settings.exclude = {"*.min.js", "vendor/**", "/w/exact.py"};
  CHECK(is_excluded(settings, "/w/dist/app.min.js"));
  CHECK(is_excluded(settings, "/w/vendor/lib/a.py"));
  CHECK(is_excluded(settings, "vendor/a.py"));
  CHECK(is_excluded(settings, "/w/exact.py"));
  CHECK(!is_excluded(settings, "/w/vendors/a.py"));
  CHECK(!is_excluded(settings, "/w/inexact.py"));
  settings.exclude.clear();
  CHECK(!is_excluded(settings, "/w/.env"));
}

TEST_CASE("settings: no languages means every language") {
  Settings settings;
  CHECK(wants_language(settings, "cobol"));
}

TEST_CASE("settings: languages are those of a list, or switched one by one") {
  const auto serves = [](const json& languages, const char* language) {
    Settings settings;
    CHECK(update_settings(settings, {{"languages", languages}}).empty());
    return wants_language(settings, language);
  };
  CHECK(serves({"python"}, "python"));
  CHECK(!serves({"python"}, "cobol"));
  CHECK(!serves({{"markdown", false}}, "markdown"));
  CHECK(serves({{"markdown", false}}, "python"));
  CHECK(serves({{"*", false}, {"c", true}}, "c"));
  CHECK(!serves({{"*", false}, {"c", true}}, "cpp"));
  CHECK(serves(json::array(), "cobol"));
  CHECK(serves(json::object(), "cobol"));  // an empty list of Lua
}

TEST_CASE("settings: without a threshold of the user's the model's own counts again") {
  Settings settings;
  CHECK(!settings.min_confidence);
  CHECK(update_settings(settings, {{"minConfidence", 0.25}}).empty());
  CHECK(settings.min_confidence == 0.25f);
  CHECK(update_settings(settings, {{"minConfidence", 1.5}}).size() == 1);
  CHECK(update_settings(settings, {{"minConfidence", "high"}}).size() == 1);
  CHECK(settings.min_confidence == 0.25f);
  CHECK(update_settings(settings, {{"minConfidence", nullptr}}).empty());
  CHECK(!settings.min_confidence);
}

}  // namespace
}  // namespace seedling
