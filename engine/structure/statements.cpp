#include "engine/structure/statements.h"

#include <algorithm>
#include <optional>
#include <string>

#include "engine/structure/lexical.h"
#include "engine/structure/syntax.h"

namespace seedling {
namespace {

// A broken stretch may swallow half a file; the lines of the diagnostic say more than that.
constexpr int kMaxErrorLines = 6;

constexpr std::string_view kBlank = " \t\r\n\f\v";

ByteRange clamped(std::string_view text, ByteRange range) {
  const auto size = static_cast<std::uint32_t>(text.size());
  range.begin.value = std::min(range.begin.value, size);
  range.end.value = std::clamp(range.end.value, range.begin.value, size);
  return range;
}

// Without blanks at either end; a blank range shrinks to its begin.
ByteRange trimmed(std::string_view text, ByteRange range) {
  const std::string_view piece = text.substr(range.begin.value, range.size());
  const std::size_t first = piece.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {range.begin, range.begin};
  const std::size_t last = piece.find_last_not_of(kBlank);
  const std::uint32_t base = range.begin.value;
  return {ByteOffset{base + static_cast<std::uint32_t>(first)},
          ByteOffset{base + static_cast<std::uint32_t>(last) + 1}};
}

int line_count(std::string_view text, ByteRange range) {
  const std::string_view piece = text.substr(range.begin.value, range.size());
  return 1 + static_cast<int>(std::ranges::count(piece, '\n'));
}

// A position touches what it borders on; a stretch does not.
bool touches(ByteRange a, ByteRange b) {
  if (a.size() == 0 || b.size() == 0) return a.begin <= b.end && b.begin <= a.end;
  return a.begin < b.end && b.begin < a.end;
}

bool encloses(ByteRange outer, ByteRange inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

ByteRange united(ByteRange a, ByteRange b) {
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

// The parts of a compound statement. A comment between them belongs to neither.
struct Parts {
  std::optional<ByteRange> body;
  ByteOffset header_end;
};

Parts parts_of(TSNode node, const Roles& roles) {
  Parts parts{std::nullopt, range_of(node).begin};
  for (std::uint32_t i = 0; i < ts_node_child_count(node); ++i) {
    const TSNode child = ts_node_child(node, i);
    if (roles.has(child, Role::body)) return {range_of(child), parts.header_end};
    if (!roles.has(child, Role::comment)) parts.header_end = range_of(child).end;
  }
  return parts;
}

// The statement or, if the range begins before its body, the lines of its header.
ByteRange statement_or_header(TSNode node, const Roles& roles, std::string_view text, ByteRange range) {
  const ByteRange whole = trimmed(text, range_of(node));
  const Parts parts = parts_of(node, roles);
  if (!parts.body) return whole;
  const ByteRange inner = trimmed(text, *parts.body);
  if (range.begin > inner.begin || line_count(text, {whole.begin, inner.end}) == 1) return whole;
  ByteRange header{whole.begin, std::max(whole.begin, parts.header_end)};
  const bool opens_with_brace = inner.size() > 0 && text[inner.begin.value] == '{';
  if (opens_with_brace) {
    const std::size_t line_end = std::min(text.find('\n', inner.begin.value), std::size_t{whole.end.value});
    header.end.value = static_cast<std::uint32_t>(line_end);
  }
  return trimmed(text, header);
}

bool leaves_bracket_open(std::string_view text, std::string_view language) {
  Scanner scanner(language);
  for (std::size_t at = 0; at < text.size();) at = scanner.step(text, at);
  return !scanner.open_brackets().empty();
}

// The lines, if they touch a broken stretch; with all of that stretch where they leave a bracket open.
std::optional<ByteRange> broken_lines(TSNode root, const Snapshot& snapshot, ByteRange lines) {
  const std::string_view text = snapshot.text;
  const bool is_open = leaves_bracket_open(text.substr(lines.begin.value, lines.size()), snapshot.language);
  std::optional<ByteRange> found;
  walk(root, [&](TSNode node) {
    if (!touches(range_of(node), lines)) return false;
    if (ts_node_is_missing(node) || ts_node_is_error(node)) {
      const ByteRange around = united(lines, whole_lines(text, range_of(node)));
      const ByteRange piece = is_open && line_count(text, around) <= kMaxErrorLines ? around : lines;
      found = found ? united(*found, piece) : piece;
    }
    return ts_node_has_error(node);
  });
  return found;
}

// The statements directly in the smallest block around the range that the range touches.
std::vector<TSNode> touched_statements(const std::vector<TSNode>& path, const Roles& roles, ByteRange range) {
  if (roles.has(path.back(), Role::comment)) return {};
  for (auto node = path.rbegin(); node != path.rend(); ++node) {
    if (roles.has(*node, Role::statement)) return {*node};
    std::vector<TSNode> statements;
    for (std::uint32_t i = 0; i < ts_node_named_child_count(*node); ++i) {
      const TSNode child = ts_node_named_child(*node, i);
      if (roles.has(child, Role::statement) && touches(range_of(child), range)) statements.push_back(child);
    }
    if (!statements.empty()) return statements;
    if (roles.has(*node, Role::block) || roles.has(*node, Role::body)) return {};
  }
  return {};
}

}  // namespace

ByteRange whole_lines(std::string_view text, ByteRange range) {
  range = clamped(text, range);
  const std::size_t newline =
      range.begin.value == 0 ? std::string_view::npos : text.rfind('\n', range.begin.value - 1);
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  // A range that ends right after a newline does not touch the next line.
  std::size_t end = range.end.value;
  if (range.size() > 0 && text[end - 1] == '\n') --end;
  end = std::min(text.find('\n', end), text.size());
  return trimmed(
      text, {ByteOffset{static_cast<std::uint32_t>(begin)}, ByteOffset{static_cast<std::uint32_t>(end)}});
}

Result<ByteRange> enclosing_statement(const Snapshot& snapshot, ByteRange range) {
  const std::string_view text = snapshot.text;
  const SyntaxTree tree = TRY(parse(text, snapshot.language));
  range = clamped(text, range);
  const ByteRange lines = whole_lines(text, range);
  if (lines.size() == 0) return lines;
  if (std::optional<ByteRange> broken = broken_lines(tree.root(), snapshot, lines)) return *broken;

  // A position in the blanks before a statement means the statement.
  range = trimmed(text, range);
  if (range.size() == 0)
    range.begin.value = range.end.value = std::clamp(range.begin.value, lines.begin.value, lines.end.value);
  const Roles roles = roles_around(tree, lines);
  const std::vector<TSNode> statements = touched_statements(path_to(tree.root(), range), roles, range);
  if (statements.empty()) return lines;
  ByteRange result = statements.size() == 1
                         ? statement_or_header(statements.front(), roles, text, range)
                         : trimmed(text, united(range_of(statements.front()), range_of(statements.back())));
  const bool is_in_body = statements.size() == 1 && line_count(text, result) > kMaxStatementLines;
  if (is_in_body && !encloses(range, result)) return lines;
  return result;
}

}  // namespace seedling
