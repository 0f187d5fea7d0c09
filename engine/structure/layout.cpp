#include "engine/structure/layout.h"

#include <algorithm>
#include <vector>

#include "engine/structure/lexical.h"
#include "engine/structure/lines.h"
#include "grammars/words.h"

namespace seedling {
namespace {

Scanner scan(std::string_view language, std::string_view text, std::size_t end) {
  Scanner scanner(language);
  for (std::size_t at = 0; at < end;) at = scanner.step(text.substr(0, end), at);
  return scanner;
}

// Which of the brackets open at the cursor the text behind it closes, by index.
std::vector<bool> closed_behind(Scanner scanner, std::string_view text, std::size_t cursor) {
  const std::string open = scanner.open_brackets();
  std::vector<bool> is_closed(open.size(), false);
  std::size_t depth = open.size();  // brackets of the cursor that are still open
  for (std::size_t at = cursor; at < text.size() && depth > 0;) {
    const bool is_code = scanner.is_in_code();
    const char c = text[at];
    at = scanner.step(text, at);
    const std::size_t now = scanner.open_brackets().size();
    if (!is_code || !is_closer(c) || now >= depth) continue;
    is_closed[now] = true;
    depth = now;
  }
  return is_closed;
}

// The line behind the cursor's that is not blank, without its newline; empty if there is none.
std::string_view next_line(std::string_view text, std::size_t cursor) {
  std::size_t at = line_end(text, cursor);
  while (at < text.size()) {
    const std::size_t end = line_end(text, at + 1);
    const std::string_view line = text.substr(at + 1, end - at - 1);
    if (!is_blank(line)) return line.substr(0, rtrimmed_size(line));
    at = end;
  }
  return {};
}

// The indentation that a line must have to belong to the cursor's block.
std::size_t block_width(std::string_view before, std::string_view language, std::string_view completion) {
  const std::string_view line = before.substr(line_start(before, before.size()));
  const std::size_t own = width(indent_of(line));
  if (is_blank(line)) return own;
  const Grammar* grammar = grammar_of(language);
  const char last = line[rtrimmed_size(line) - 1];
  const bool is_indented = grammar != nullptr && is_word(*grammar, "layout", "indented");
  const bool opens_block = last == '{' || (last == ':' && is_indented);
  if (!opens_block) return own;
  for (std::size_t at = completion.find('\n'); at < completion.size(); at = completion.find('\n', at + 1)) {
    const std::string_view inner = completion.substr(at + 1, line_end(completion, at + 1) - at - 1);
    if (!is_blank(inner)) return std::max(own, width(indent_of(inner)));
  }
  return own;
}

// How many of the brackets open at the end of `before` were open when its last line began.
std::size_t open_since_before_line(std::string_view language, std::string_view before) {
  const std::size_t start = line_start(before, before.size());
  Scanner scanner = scan(language, before, start);
  std::size_t least = scanner.open_brackets().size();
  for (std::size_t at = start; at < before.size();) {
    at = scanner.step(before, at);
    least = std::min(least, scanner.open_brackets().size());
  }
  return least;
}

// The state of one walk over a completion: where it is cut, and what stands open.
struct Cut {
  std::string_view joined;  // text before the cursor and the completion
  std::size_t cursor;
  std::vector<bool> closed_behind;
  std::size_t block;           // columns
  std::size_t line_depth;      // brackets open at the start of the cursor's line
  std::string next;            // the line behind the cursor's
  bool stops_at_line = false;  // the line that closed the cursor's block is the last one
};

bool repeats_next_line(std::string_view line, const Cut& cut) {
  const std::string_view next = cut.next;
  return !next.empty() && line.substr(0, rtrimmed_size(line)) == next;
}

// Whether the completion must end before the line that starts at `at`. `depth` counts brackets open at its
// start.
bool ends_before_line(std::size_t at, const std::string& open, const Cut& cut) {
  if (cut.stops_at_line) return true;
  const std::size_t depth = open.size();
  const std::string_view line = cut.joined.substr(at, line_end(cut.joined, at) - at);
  if (is_blank(line)) return false;
  if (depth > cut.closed_behind.size()) return false;
  if (repeats_next_line(line, cut)) return true;
  // Inside a list that the cursor's line opened, indentation means nothing.
  if (depth > cut.line_depth && open.back() != '{') return false;
  if (width(indent_of(line)) >= cut.block) return false;
  const char first = line[line.find_first_not_of(" \t")];
  return !(is_closer(first) && depth > 0 && !cut.closed_behind[depth - 1]);
}

// Where the lines of the completion stop to fit: line count, dedent, repeats, brackets closed twice.
std::size_t cut_lines(Scanner scanner, Cut cut, int max_lines, bool allow_closers) {
  int lines = 1;
  std::size_t depth_floor = cut.closed_behind.size();
  for (std::size_t at = cut.cursor; at < cut.joined.size();) {
    const bool was_code = scanner.is_in_code();
    const char c = cut.joined[at];
    const std::size_t depth = scanner.open_brackets().size();
    if (was_code && is_closer(c) && depth <= depth_floor) {
      const bool is_free =
          depth > 0 && is_pair(scanner.open_brackets().back(), c) && !cut.closed_behind[depth - 1];
      if (!is_free && !allow_closers) return at;
      if (depth > 0) depth_floor = depth - 1;
      if (is_free && c == '}') cut.stops_at_line = true;
      cut.closed_behind.resize(depth_floor);
    }
    const std::size_t next = scanner.step(cut.joined, at);
    if (c == '\n') {
      const bool is_line_of_code = scanner.is_in_code();
      if (++lines > max_lines) return at;
      if (is_line_of_code && ends_before_line(next, scanner.open_brackets(), cut)) return at;
    }
    at = next;
  }
  return cut.joined.size();
}

// How much of the end of `kept` the rest of the cursor's line says already: all of that rest, or its first ;
// , or :
std::size_t repeated_size(std::string_view kept, std::string_view rest) {
  const std::string_view whole = trimmed(rest);
  if (whole.empty()) return 0;
  const bool splits_word = kept.size() > whole.size() && is_identifier_byte(whole.front()) &&
                           is_identifier_byte(kept[kept.size() - whole.size() - 1]);
  if (kept.ends_with(whole) && !splits_word) return whole.size();
  constexpr std::string_view kSeparators = ";,:";
  return kept.ends_with(whole.front()) && kSeparators.find(whole.front()) != std::string_view::npos ? 1 : 0;
}

// Without what the rest of the cursor's line says already, if the brackets balance without it.
std::size_t without_rest_of_line(const Scanner& at_cursor, std::string_view joined, std::size_t cursor,
                                 std::size_t end, std::string_view rest) {
  const std::size_t repeated = repeated_size(joined.substr(cursor, end - cursor), rest);
  if (repeated == 0) return end;
  Scanner scanner = at_cursor;
  std::size_t shorter = end - repeated;
  for (std::size_t at = cursor; at < shorter;) at = scanner.step(joined.substr(0, shorter), at);
  if (scanner.open_brackets() != at_cursor.open_brackets()) return end;
  const bool has_blank = rest.front() == ' ';
  while (has_blank && shorter > cursor && joined[shorter - 1] == ' ') --shorter;
  return shorter;
}

}  // namespace

Layout layout_at(const Snapshot& snapshot, ByteOffset offset) {
  const std::string_view text = snapshot.text;
  const std::size_t at = std::min<std::size_t>(offset.value, text.size());
  const std::size_t start = line_start(text, at);
  const Scanner scanner = scan(snapshot.language, text, at);
  Layout layout;
  layout.indent = indent_of(text.substr(start, line_end(text, start) - start));
  layout.line_is_blank_before = is_blank(text.substr(start, at - start));
  layout.after_blank_line =
      start > 0 && is_blank(text.substr(line_start(text, start - 1), start - line_start(text, start - 1)));
  layout.in_string = scanner.is_in_string();
  layout.in_comment = scanner.is_in_comment();
  layout.open_brackets = scanner.open_brackets();
  return layout;
}

std::size_t closers_behind(const Snapshot& snapshot, ByteOffset offset) {
  const std::string_view text = snapshot.text;
  const std::size_t end = std::min<std::size_t>(offset.value, text.size());
  Scanner scanner = scan(snapshot.language, text, line_start(text, end));
  std::size_t floor = scanner.open_brackets().size();
  for (std::size_t at = line_start(text, end); at < end;) {
    at = scanner.step(text.substr(0, end), at);
    floor = std::min(floor, scanner.open_brackets().size());
  }
  if (!scanner.is_in_code()) return 0;
  std::string open = scanner.open_brackets();
  std::size_t at = end;
  while (at < text.size() && open.size() > floor && is_pair(open.back(), text[at])) {
    open.pop_back();
    ++at;
  }
  return at < text.size() && is_identifier_byte(text[at]) ? 0 : at - end;
}

bool closes_and_goes_on(const Snapshot& snapshot, ByteOffset offset, std::string_view text,
                        std::string_view closers) {
  const std::size_t cursor = std::min<std::size_t>(offset.value, snapshot.text.size());
  std::string joined = snapshot.text.substr(0, cursor);
  joined += text;
  Scanner scanner = scan(snapshot.language, joined, cursor);
  const std::size_t depth = scanner.open_brackets().size();
  if (closers.empty() || depth < closers.size()) return false;
  for (std::size_t at = cursor; at < joined.size();) {
    at = scanner.step(joined, at);
    if (scanner.open_brackets().size() > depth - closers.size()) continue;
    return !is_blank(std::string_view(joined).substr(at));
  }
  return false;
}

std::size_t trim_completion(const Snapshot& snapshot, ByteOffset cursor_offset, std::string_view completion,
                            int max_lines) {
  if (max_lines < 1) return 0;
  const std::string_view text = snapshot.text;
  const std::size_t cursor = std::min<std::size_t>(cursor_offset.value, text.size());
  const std::string_view before = text.substr(0, cursor);
  const std::string_view rest = text.substr(cursor, line_end(text, cursor) - cursor);
  std::string joined(before);
  joined += completion;

  const Scanner at_cursor = scan(snapshot.language, text, cursor);
  Cut cut{joined,
          cursor,
          closed_behind(at_cursor, text, cursor),
          block_width(before, snapshot.language, completion),
          open_since_before_line(snapshot.language, before),
          std::string(next_line(text, cursor))};

  // On a blank line the completion's first line may already be the next one.
  const std::size_t start = line_start(joined, cursor);
  const std::string_view first_line =
      std::string_view(joined).substr(start, line_end(joined, cursor) - start);
  if (is_blank(before.substr(start)) && is_blank(rest) && at_cursor.is_in_code() &&
      repeats_next_line(first_line, cut))
    return 0;

  // A completion that closes and reopens (`a) + f(b`) balances as a whole; otherwise the first surplus closer
  // ends it.
  Scanner whole = at_cursor;
  for (std::size_t at = cursor; at < joined.size();) at = whole.step(joined, at);
  const std::size_t lenient = cut_lines(at_cursor, cut, max_lines, true);
  const bool is_balanced = lenient == joined.size() && whole.open_brackets() == at_cursor.open_brackets();
  std::size_t end = is_balanced ? lenient : cut_lines(at_cursor, cut, max_lines, false);

  end = without_rest_of_line(at_cursor, joined, cursor, end, rest);
  std::size_t kept = end - cursor;
  if (is_blank(rest) || kept < completion.size()) {
    const std::size_t solid = rtrimmed_size(completion.substr(0, kept));
    // Blanks that were cut off at a line's end go; a space that was wanted before the rest of a line stays.
    if (is_blank(rest) || completion.substr(solid, kept - solid).find('\n') != std::string_view::npos)
      kept = solid;
  }
  return kept;
}

}  // namespace seedling
