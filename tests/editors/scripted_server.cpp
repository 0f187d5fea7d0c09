// tests/editors/scripted_server.cpp
//
// The language server with a scripted engine: what real editors are driven against where no model is wanted.
//   Speaks over standard input and output and ignores its arguments. SEEDLING_SCRIPTED_LOADING_MS: how long
//   its engine takes to load. Completions: the rest of a scripted line of which the cursor's line is a
//   beginning. "def slow(" is answered only once it is stopped. Fix: puts a scripted word in place of the
//   diagnosed one. Extract variable: names the selection.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/generator.h"
#include "lsp/serve.h"

namespace {

using namespace seedling;

// The first entry of a line is what typing gets; the others are its alternatives.
struct ScriptedLine {
  std::string_view typed;  // as far as this the line must have come
  std::array<std::string_view, 2> whole;
};
constexpr ScriptedLine kLines[] = {
    {"def area(",
     {"def area(width, height):\n    return width * height",
      "def area(shape):\n    return shape.width * shape.height"}},
    {"def perimeter(",
     {"def perimeter(größe):\n    return 4 * größe", "def perimeter(side):\n    return 4 * side"}},
    {"def slow(a", {"def slow(argument):", "def slow(again):"}},
};
constexpr std::string_view kSlowLine = "def slow(";
constexpr std::pair<std::string_view, std::string_view> kFixes[] = {{"lenght", "length"}, {"widht", "width"}};

std::string_view line_before(std::string_view text, ByteOffset cursor) {
  const std::string_view before = text.substr(0, cursor.value);
  const std::size_t line_end = before.rfind('\n');
  return line_end == std::string_view::npos ? before : before.substr(line_end + 1);
}

std::string_view text_in(const Snapshot& snapshot, ByteRange range) {
  return std::string_view(snapshot.text).substr(range.begin.value, range.size());
}

std::vector<Completion> completions_for(const CompleteRequest& request) {
  const std::string_view line = line_before(request.snapshot->text, request.cursor);
  std::vector<Completion> completions;
  for (const ScriptedLine& scripted : kLines) {
    for (const std::string_view whole : scripted.whole) {
      const bool is_begun =
          line.starts_with(scripted.typed) && whole.starts_with(line) && whole.size() > line.size();
      const bool is_wanted = static_cast<int>(completions.size()) < request.limits.candidates;
      if (is_begun && is_wanted) {
        completions.push_back(
            {{request.cursor, request.cursor}, std::string(whole.substr(line.size())), 1.0f, {}});
      }
    }
  }
  return completions;
}

std::vector<Action> actions_for(const ListActionsRequest& request) {
  std::vector<Action> actions;
  for (const Diagnostic& diagnostic : request.diagnostics) {
    actions.push_back(
        {Action::Kind::fix, "fix", "Fix: " + diagnostic.message, diagnostic.range, {diagnostic}});
  }
  if (request.selection.size() > 0) {
    actions.push_back(
        {Action::Kind::refactor, "extract-variable", "Extract variable", request.selection, {}});
  }
  return actions;
}

ResolvedAction fixed(const Snapshot& snapshot, ByteRange range) {
  for (const auto& [wrong, right] : kFixes) {
    if (text_in(snapshot, range) == wrong) return {{{range, std::string(right)}}, "", {}};
  }
  return {{}, "the script has no fix for it", {}};
}

ResolvedAction extracted(const Snapshot& snapshot, ByteRange range) {
  const std::string_view line = line_before(snapshot.text, range.begin);
  const ByteOffset line_begin{range.begin.value - static_cast<std::uint32_t>(line.size())};
  const std::string indentation(line.substr(0, line.find_first_not_of(" \t")));
  const std::string declaration = indentation + "extracted = " + std::string(text_in(snapshot, range)) + "\n";
  return {{{{line_begin, line_begin}, declaration}, {range, "extracted"}}, "", {}};
}

class ScriptedGenerator final : public Generator {
 public:
  void complete(CompleteRequest request, std::stop_token stop,
                OnDone<std::vector<Completion>> done) override {
    if (line_before(request.snapshot->text, request.cursor) != kSlowLine)
      return done(completions_for(request));
    waiting_.emplace_back(std::move(stop), [done = std::move(done)] { done(stopped()); });
  }
  void list_actions(ListActionsRequest request, std::stop_token, OnDone<std::vector<Action>> done) override {
    done(actions_for(request));
  }
  void resolve_action(ResolveActionRequest request, std::stop_token, OnDone<ResolvedAction> done) override {
    const bool is_fix = request.action.kind == Action::Kind::fix;
    done(is_fix ? fixed(*request.snapshot, request.action.range)
                : extracted(*request.snapshot, request.action.range));
  }
  void check(CheckRequest, std::stop_token, OnDone<std::vector<Diagnostic>> done) override {
    done(std::vector<Diagnostic>{});
  }
  void forget(const std::string&) override {}

 private:
  std::list<std::stop_callback<std::function<void()>>> waiting_;
};

}  // namespace

int main() {
  const char* loading_ms = std::getenv("SEEDLING_SCRIPTED_LOADING_MS");
  const std::chrono::milliseconds loading(loading_ms == nullptr ? 0 : std::atoi(loading_ms));
  const auto make = [loading]() -> Result<std::unique_ptr<Generator>> {
    std::this_thread::sleep_for(loading);
    return {std::make_unique<ScriptedGenerator>()};
  };
  return seedling::serve_stdio(make, {});
}
