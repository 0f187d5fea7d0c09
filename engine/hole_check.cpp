#include "engine/hole_check.h"

#include <algorithm>
#include <optional>

namespace seedling {
namespace {

// How much of the text behind a hole shows whether its lines are indented as they may be.
constexpr std::size_t kLinesWindow = 1024;

// Problems that touch a stretch of the text.
template <class Visit>
void each_near(const LocatedVerdict& verdict, std::size_t begin, std::size_t end, const Visit& visit) {
  for (const ByteRange& problem : verdict.problems)
    if (problem.begin.value <= end && problem.end.value >= begin) visit(problem);
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

}  // namespace

HoleCheck::HoleCheck(DocumentTree& tree, std::size_t hole)
    : tree_(tree), hole_(hole), line_begin_(tree.text().rfind('\n', hole == 0 ? 0 : hole - 1)) {
  line_begin_ = hole == 0 || line_begin_ == std::string::npos ? 0 : line_begin_ + 1;
  if (tree.language() == "python") before_.read(std::string_view(tree.text()).substr(0, line_begin_));
}

Result<HoleVerdict> HoleCheck::judge(std::string_view candidate, std::stop_token stop) {
  HoleVerdict verdict = TRY(judge_syntax(candidate, stop));
  if (verdict.fit == Fit::worse) return verdict;
  if (tree_.language() == "python") {
    const HoleVerdict lines = judge_lines(candidate);
    if (lines.fit < verdict.fit) verdict = lines;
    if (verdict.fit == Fit::worse) return verdict;
  }
  const ByteOffset hole{static_cast<std::uint32_t>(hole_)};
  const std::optional<ByteRange> use =
      TRY(tree_.undeclared_with({{hole, hole}, std::string(candidate)}, stop));
  if (!use.has_value()) return verdict;
  const std::size_t begin = std::max<std::size_t>(use->begin.value, hole_) - hole_;
  return HoleVerdict{Fit::worse, std::min(begin, candidate.size()), true};
}

Result<HoleVerdict> HoleCheck::judge_syntax(std::string_view candidate, std::stop_token stop) {
  const ByteOffset hole{static_cast<std::uint32_t>(hole_)};
  const LocatedVerdict before = TRY(tree_.judge(stop));
  const LocatedVerdict after = TRY(tree_.judge_with({{hole, hole}, std::string(candidate)}, stop));
  std::size_t near_before = 0, near_after = 0, shows_at = candidate.size();
  const std::size_t end = line_end(tree_.text(), hole_);
  each_near(before, line_begin_, end, [&](const ByteRange&) { ++near_before; });
  each_near(after, line_begin_, end + candidate.size(), [&](const ByteRange& problem) {
    ++near_after;
    const std::size_t at = std::max<std::size_t>(problem.begin.value, hole_) - hole_;
    shows_at = std::min(shows_at, at);
  });
  const std::size_t far_before = before.problems.size() - near_before;
  if (near_after == 0 && after.problems.size() <= far_before) return HoleVerdict{};
  const bool is_worse = !after.parses_no_worse_than(before);
  return HoleVerdict{is_worse ? Fit::worse : Fit::no_worse, shows_at, false};
}

HoleCheck::Lines HoleCheck::python_lines(std::string_view candidate) const {
  const std::string_view text = tree_.text();
  PythonLines lines = before_;
  std::string rest(text.substr(line_begin_, hole_ - line_begin_));
  rest += candidate;
  rest += text.substr(hole_, line_end(text, std::min(hole_ + kLinesWindow, text.size())) - hole_);
  lines.read(rest);
  const bool is_last = hole_ + kLinesWindow >= text.size();
  lines.read("\n");
  return {lines.problem_count() - before_.problem_count(), is_last && lines.is_at_line_start() &&
                                                               lines.line_width() >= 0 &&
                                                               !lines.may_begin_at(lines.line_width())};
}

HoleVerdict HoleCheck::judge_lines(std::string_view candidate) const {
  const Lines after = python_lines(candidate);
  if (after.problems == 0 && !after.is_unfinished) return {};
  const bool is_worse = after.problems > python_lines({}).problems;
  return {is_worse ? Fit::worse : Fit::no_worse, candidate.size(), false};
}

}  // namespace seedling
