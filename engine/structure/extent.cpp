#include "engine/structure/extent.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/structure/layout.h"
#include "engine/structure/lexical.h"
#include "engine/structure/lines.h"
#include "engine/structure/syntax.h"
#include "grammars/words.h"

namespace seedling {
namespace {

bool opens_block(std::string_view line, const Snapshot& snapshot) {
  const std::size_t size = rtrimmed_size(line);
  if (size == 0) return false;
  const Grammar* grammar = grammar_of(snapshot.language);
  const bool is_indented = grammar != nullptr && is_word(*grammar, "layout", "indented");
  return line[size - 1] == '{' || (line[size - 1] == ':' && is_indented);
}

// The first line from `at` on that is not blank; empty if there is none.
std::string_view next_solid_line(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const std::size_t end = line_end(text, at);
    if (!is_blank(text.substr(at, end - at))) return text.substr(at, end - at);
    at = end + 1;
  }
  return {};
}

// Whether what stands at the offset is a piece of an expression, a string or a comment, and no place for
// statements.
Result<bool> is_inside_statement(const Snapshot& snapshot, ByteOffset offset, std::stop_token stop) {
  const Result<SyntaxTree> tree = parse(snapshot.text, snapshot.language, stop);
  if (!tree.ok()) {
    if (tree.error().code == ErrorCode::unsupported) return false;
    return tree.error();
  }
  const std::vector<TSNode> path = path_to(tree->root(), {offset, offset});
  const Roles roles = roles_in(*tree, {offset, offset}, {QueryFile::statements, QueryFile::expressions});
  for (auto node = path.rbegin(); node != path.rend(); ++node) {
    if (roles.has(*node, Role::block) || roles.has(*node, Role::body)) return false;
    const ByteRange range = range_of(*node);
    const bool is_around = range.begin < offset && offset < range.end;
    if (is_around && (roles.has(*node, Role::expression) || roles.has(*node, Role::string) ||
                      roles.has(*node, Role::comment)))
      return true;
  }
  return false;
}

// A text put in at a place, read up to there.
struct Inserted {
  Inserted(const Snapshot& snapshot, ByteOffset offset, std::string_view text)
      : cursor(std::min<std::size_t>(offset.value, snapshot.text.size())), scanner(snapshot.language) {
    whole = snapshot.text.substr(0, cursor);
    for (std::size_t at = 0; at < cursor;) at = scanner.step(whole, at);
    depth = scanner.open_brackets().size();
    whole += text;
    joined = whole;
  }
  Inserted(const Inserted&) = delete;
  Inserted& operator=(const Inserted&) = delete;

  std::size_t cursor;
  Scanner scanner;
  std::string whole;
  std::string_view joined;
  std::size_t depth = 0;  // brackets open at the cursor
};

}  // namespace

Result<Extent> extent_at(const Snapshot& snapshot, ByteOffset offset, std::stop_token stop) {
  const std::string_view text = snapshot.text;
  const std::size_t at = std::min<std::size_t>(offset.value, text.size());
  const Layout layout = layout_at(snapshot, offset);
  if (layout.in_string || layout.in_comment) return Extent::statement;

  const std::string_view before = text.substr(line_start(text, at), at - line_start(text, at));
  const std::size_t end = line_end(text, at);
  const std::string_view rest = text.substr(at, end - at);
  const std::string_view next = next_solid_line(text, std::min(end + 1, text.size()));
  const std::size_t own_width = width(indent_of(before));
  const std::size_t next_width = width(indent_of(next));

  if (!is_blank(before)) {
    const bool is_empty = next.empty() || next_width <= own_width;
    return opens_block(before, snapshot) && is_blank(rest.substr(closers_behind(snapshot, offset))) &&
                   is_empty
               ? Extent::block
               : Extent::statement;
  }
  if (!is_blank(rest)) return Extent::statement;
  const bool more_follows =
      !next.empty() && next_width >= own_width && !is_closer(next[next.find_first_not_of(" \t")]);
  // At the left margin what follows is another definition, which is no reason to write only a line.
  if (more_follows && own_width > 0) return Extent::statement;
  return TRY(is_inside_statement(snapshot, {static_cast<std::uint32_t>(at)}, stop)) ? Extent::statement
                                                                                    : Extent::block;
}

bool is_unfinished(const Snapshot& snapshot, ByteOffset offset, std::string_view text) {
  Inserted inserted(snapshot, offset, text);
  const std::string_view joined = inserted.joined;
  for (std::size_t at = inserted.cursor; at < joined.size();) at = inserted.scanner.step(joined, at);
  if (!inserted.scanner.is_in_code()) return false;
  const std::string_view last_line = joined.substr(line_start(joined, joined.size()));
  return inserted.scanner.open_brackets().size() > inserted.depth || opens_block(last_line, snapshot);
}

std::size_t first_statement(const Snapshot& snapshot, ByteOffset offset, std::string_view text) {
  Inserted inserted(snapshot, offset, text);
  const std::string_view joined = inserted.joined;
  const std::size_t cursor = inserted.cursor;
  Scanner& scanner = inserted.scanner;
  const std::size_t solid = joined.find_first_not_of(kBlankBytes, cursor);
  if (solid == std::string_view::npos) return text.size();
  // Where the statement begins: on a blank line, or when the text begins with a new one, not at the cursor.
  const std::size_t own_width = width(indent_of(joined.substr(line_start(joined, solid))));
  for (std::size_t at = cursor; at < joined.size();) {
    const std::size_t next = scanner.step(joined, at);
    const bool ends_line = joined[at] == '\n' && at >= solid && scanner.is_in_code() &&
                           scanner.open_brackets().size() <= inserted.depth;
    if (ends_line) {
      const std::string_view below = next_solid_line(joined, next);
      if (below.empty() || width(indent_of(below)) <= own_width) return at - cursor;
    }
    at = next;
  }
  return text.size();
}

}  // namespace seedling
