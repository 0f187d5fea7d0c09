#include "cli/diagnostics_left.h"

#include <utility>

#include "cli/diagnostics_input.h"
#include "engine/structure/verdict.h"

namespace seedling::cli {
namespace {

// The first word in quotes of a message.
std::string_view quoted_word(std::string_view message) {
  const std::vector<std::string_view> parts = quoted_parts(message);
  return parts.empty() ? std::string_view() : parts.front();
}

bool is_clean(const Snapshot& snapshot) {
  const auto verdict = judge(snapshot.text, snapshot.language);
  return verdict.ok() && verdict->is_clean();
}

}  // namespace

std::vector<Diagnostic> diagnostics_left(std::vector<Diagnostic> diagnostics, const Diagnostic& fixed,
                                         const Edit& edit, const Snapshot& before, const Snapshot& after) {
  const bool parses_now = !is_clean(before) && is_clean(after);
  const std::string_view word = quoted_word(fixed.message);
  const std::int64_t grown = static_cast<std::int64_t>(edit.text.size()) - edit.range.size();
  std::vector<Diagnostic> left;
  for (Diagnostic& diagnostic : diagnostics) {
    const bool is_behind = diagnostic.range.begin >= edit.range.end;
    const bool is_rewritten = !is_behind && diagnostic.range.end > edit.range.begin;
    const bool is_of_word = !word.empty() && quoted_word(diagnostic.message) == word;
    if (is_rewritten || is_of_word || (is_behind && parses_now)) continue;
    if (is_behind) {
      diagnostic.range.begin.value = static_cast<std::uint32_t>(diagnostic.range.begin.value + grown);
      diagnostic.range.end.value = static_cast<std::uint32_t>(diagnostic.range.end.value + grown);
    }
    left.push_back(std::move(diagnostic));
  }
  return left;
}

}  // namespace seedling::cli
