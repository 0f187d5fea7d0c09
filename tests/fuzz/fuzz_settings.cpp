// Any JSON as the section of settings: what is taken over is within its bounds, what is refused is said, and
// any path can be asked about afterwards. The first line is a path, the rest the section.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/assert.h"
#include "lsp/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = input.find('\n');
  if (newline == std::string_view::npos) return 0;
  const std::string_view path = input.substr(0, newline);
  const auto message = seedling::parse_message(R"({"jsonrpc":"2.0","method":"m","params":)" +
                                               std::string(input.substr(newline + 1)) + "}");
  const auto* notification = std::get_if<seedling::Notification>(&message);
  if (!notification) return 0;

  seedling::Settings settings;
  const auto problems = seedling::update_settings(settings, notification->params);
  SEEDLING_ASSERT(settings.max_lines >= 1 && settings.max_lines <= 200);
  SEEDLING_ASSERT(settings.max_tokens >= 1 && settings.candidates >= 1 && settings.candidates <= 10);
  SEEDLING_ASSERT(settings.latency_budget_ms >= 0 && settings.idle_unload_minutes >= 0);
  SEEDLING_ASSERT(!settings.min_confidence ||
                  (*settings.min_confidence >= 0 && *settings.min_confidence <= 1));
  for (const std::string& problem : problems) SEEDLING_ASSERT(problem.find("seedling") != std::string::npos);
  (void)seedling::is_excluded(settings, path);
  (void)seedling::wants_language(settings, path);
  // The same again changes nothing.
  const seedling::Settings once = settings;
  seedling::update_settings(settings, notification->params);
  SEEDLING_ASSERT(settings == once);
  return 0;
}
