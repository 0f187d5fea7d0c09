#include "engine/structure/verdict.h"

#include <algorithm>

#include "engine/structure/syntax_errors.h"

namespace seedling {
namespace {

constexpr std::size_t kQuotedChars = 24;

// The start of a stretch of text on one line, cut at a character, for a message.
std::string quoted(std::string_view text) {
  std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  std::size_t end = std::min(line.size(), kQuotedChars);
  while (end > 0 && end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
  std::string message(1, '\'');
  message.append(line.substr(0, end)).append(end < line.size() ? "...'" : "'");
  return message;
}

std::string missing_message(TSNode node) {
  std::string message = "missing ";
  message.append(ts_node_is_named(node) ? std::string(kind_of(node)) : quoted(kind_of(node)));
  return message;
}

std::string error_message(TSNode node, std::string_view text) {
  const std::string_view piece = text_of(node, text);
  const std::size_t first = piece.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "syntax error";
  std::string message = "syntax error near ";
  message.append(quoted(piece.substr(first)));
  return message;
}

// Where a broken stretch shows: it may cover a whole file, of which the first token says most.
ByteRange shown_range(TSNode node, std::string_view text) {
  ByteRange range = range_of(node);
  const std::size_t line_end = text.find('\n', range.begin.value);
  if (line_end != std::string_view::npos && line_end > range.begin.value)
    range.end.value = std::min(range.end.value, static_cast<std::uint32_t>(line_end));
  return range;
}

}  // namespace

bool Verdict::parses_no_worse_than(const Verdict& before) const {
  const int now = error_nodes + missing_nodes;
  const int then = before.error_nodes + before.missing_nodes;
  if (now != then) return now < then;
  const std::uint32_t added = text_bytes > before.text_bytes ? text_bytes - before.text_bytes : 0;
  return now == 0 || error_bytes <= before.error_bytes + added;
}

bool Verdict::parses_better_than(const Verdict& before) const {
  const int now = error_nodes + missing_nodes;
  const int then = before.error_nodes + before.missing_nodes;
  if (now != then) return now < then;
  return error_bytes < before.error_bytes;
}

bool LocatedVerdict::parses_no_worse_than(const LocatedVerdict& before) const {
  return verdict.parses_no_worse_than(before.verdict) || parsed.parses_no_worse_than(before.parsed);
}

Result<Verdict> judge(std::string_view text, std::string_view language, std::stop_token stop) {
  const SyntaxTree tree = TRY(parse(text, language, stop));
  return verdict_of(tree.root(), text, tree.grammar()).verdict;
}

Result<std::vector<SyntaxProblem>> syntax_problems(std::string_view text, std::string_view language,
                                                   std::stop_token stop, std::size_t at_most) {
  const SyntaxTree tree = TRY(parse(text, language, stop));
  std::vector<SyntaxProblem> problems;
  each_syntax_error(tree.root(), text, tree.grammar(), [&](TSNode node) {
    if (problems.size() >= at_most) return false;
    if (ts_node_is_missing(node)) problems.push_back(problem_at(text, range_of(node), missing_message(node)));
    if (ts_node_is_error(node))
      problems.push_back(problem_at(text, shown_range(node, text), error_message(node, text)));
    // What stands inside a broken stretch is a consequence of it.
    return !ts_node_is_error(node);
  });
  return problems;
}

SyntaxProblem problem_at(std::string_view text, ByteRange range, std::string message) {
  const std::string_view before = text.substr(0, range.begin.value);
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto is_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  SyntaxProblem problem{range, 0, 0, std::move(message)};
  problem.line = 1 + static_cast<int>(std::ranges::count(before, '\n'));
  problem.column = 1 + static_cast<int>(std::ranges::count_if(before.substr(line_start), is_character));
  return problem;
}

}  // namespace seedling
