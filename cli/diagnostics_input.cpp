#include "cli/diagnostics_input.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

#include "cli/characters.h"
#include "cli/document.h"

namespace seedling::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBlanks = " \t\r";

// What a line of output says, before it is looked up in the document.
struct Report {
  std::string file;
  int line = 0;
  int column = 0;  // 0: not said
  std::string message;
};

std::string_view stripped(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    at = end + 1;
  }
  return lines;
}

// Colours that tools print: ESC [ ... letter.
std::string without_colors(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\033' && at + 1 < text.size() && text[at + 1] == '[') {
      at += 2;
      while (at < text.size() && (text[at] < '@' || text[at] > '~')) ++at;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

// A number at the beginning of `text`, taken off.
std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end == text.data() || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// FILE:LINE:COL: message, FILE:LINE: message, and with a blank in place of the last colon.
std::optional<Report> colon_report(std::string_view line) {
  for (std::size_t colon = line.find(':', 1); colon != std::string_view::npos;
       colon = line.find(':', colon + 1)) {
    std::string_view rest = line.substr(colon + 1);
    const std::optional<int> number = take_number(rest);
    if (!number) continue;
    Report report{std::string(stripped(line.substr(0, colon))), *number, 0, {}};
    std::string_view with_column = rest;
    if (take(with_column, ":")) {
      if (const std::optional<int> column = take_number(with_column)) {
        report.column = *column;
        rest = with_column;
      }
    }
    // A range LINE:COL-COL or LINE:COL-LINE:COL says no more than its beginning here.
    if (take(rest, "-")) rest.remove_prefix(std::min(rest.find_first_not_of("0123456789:"), rest.size()));
    if (!take(rest, ":") && !rest.starts_with(' ')) continue;
    report.message = stripped(rest);
    return report;
  }
  return std::nullopt;
}

// FILE(LINE,COL): message, as tsc and MSVC print it.
std::optional<Report> bracket_report(std::string_view line) {
  const std::size_t open = line.find('(', 1);
  if (open == std::string_view::npos) return std::nullopt;
  std::string_view rest = line.substr(open + 1);
  const std::optional<int> number = take_number(rest);
  if (!number || !take(rest, ",")) return std::nullopt;
  const std::optional<int> column = take_number(rest);
  if (!column || !take(rest, "):")) return std::nullopt;
  return Report{std::string(stripped(line.substr(0, open))), *number, *column, std::string(stripped(rest))};
}

// "  File "x.py", line 3, in f": where a traceback passes.
std::optional<Report> traceback_report(std::string_view line) {
  line = stripped(line);
  if (!take(line, "File \"")) return std::nullopt;
  const std::size_t quote = line.find('"');
  if (quote == std::string_view::npos) return std::nullopt;
  std::string_view rest = line.substr(quote + 1);
  if (!take(rest, ", line ")) return std::nullopt;
  const std::optional<int> number = take_number(rest);
  if (!number) return std::nullopt;
  return Report{std::string(line.substr(0, quote)), *number, 0, {}};
}

bool is_word_byte(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c & 0x80) != 0;
}

// "NameError: name 'x' is not defined": a dotted name that ends in Error, Exception, Warning or Exit.
bool is_exception_line(std::string_view line) {
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(),
                                                    [](char c) { return is_word_byte(c) || c == '.'; });
  constexpr std::array kEnds = {"Error", "Exception", "Warning", "Interrupt", "Exit"};
  return is_name &&
         std::any_of(kEnds.begin(), kEnds.end(), [&](const char* end) { return name.ends_with(end); });
}

// Where the first word in quotes of a message stands in a line; none if it does not.
std::optional<ByteRange> quoted_word_in(std::string_view text, ByteRange line, std::string_view message) {
  for (const auto& [open, close] : {std::pair{"'", "'"}, {"`", "`"}, {"\"", "\""}, {"‘", "’"}}) {
    const std::size_t begin = message.find(open);
    if (begin == std::string_view::npos) continue;
    const std::size_t from = begin + std::string_view(open).size();
    const std::size_t end = message.find(close, from);
    if (end == std::string_view::npos || end == from) continue;
    const std::string_view word = message.substr(from, end - from);
    const std::string_view content = text.substr(line.begin.value, line.size());
    for (std::size_t at = content.find(word); at != std::string_view::npos; at = content.find(word, at + 1)) {
      const bool starts = at == 0 || !is_word_byte(content[at - 1]) || !is_word_byte(word.front());
      const std::size_t after = at + word.size();
      const bool ends =
          after == content.size() || !is_word_byte(content[after]) || !is_word_byte(word.back());
      if (!starts || !ends) continue;
      const auto offset = [&](std::size_t value) {
        return ByteOffset{static_cast<std::uint32_t>(line.begin.value + value)};
      };
      return ByteRange{offset(at), offset(after)};
    }
  }
  return std::nullopt;
}

constexpr int kTabStop = 8;
constexpr std::string_view kOpeningQuote = "‘", kClosingQuote = "’";

// Whether the message has in quotes what begins at a place of a line.
bool names_what_stands_at(std::string_view line, std::size_t at, std::string_view message) {
  const std::string_view rest = line.substr(std::min(at, line.size()));
  return std::ranges::any_of(quoted_parts(message), [&](std::string_view quoted) {
    take(quoted, "operator");
    return !quoted.empty() && rest.starts_with(quoted);
  });
}

// The line without the blanks at its ends.
ByteRange content_of(std::string_view text, ByteRange line) {
  const std::string_view whole = text.substr(line.begin.value, line.size());
  const std::string_view content = stripped(whole);
  if (content.empty()) return line;
  const auto begin = static_cast<std::uint32_t>(line.begin.value + (content.data() - whole.data()));
  return {ByteOffset{begin}, ByteOffset{static_cast<std::uint32_t>(begin + content.size())}};
}

bool is_same_file(const std::string& named, const std::string& file) {
  std::error_code problem;
  const fs::path a = fs::weakly_canonical(named, problem), b = fs::weakly_canonical(file, problem);
  if (a == b) return true;
  // The tool may have run in another folder: the end of the path tells, if it is more than a bare name.
  const fs::path tail = "/" / fs::path(named).lexically_normal();
  return fs::path(named).is_relative() && fs::path(named).has_parent_path() &&
         b.string().ends_with(tail.string());
}

// "error: ", "fatal error: ", "warning: " and the code of a linter ("F821 ", "error TS2304: ") come off.
void split_message(Diagnostic& diagnostic, std::string_view message) {
  for (const std::string_view word : {"fatal error", "error", "warning", "E", "W"}) {
    std::string_view rest = message;
    if (take(rest, word) && (take(rest, ": ") || (word.size() > 1 && take(rest, " ")))) {
      message = rest;
      break;
    }
  }
  std::size_t letters = 0, end = 0;
  while (letters < message.size() && message[letters] >= 'A' && message[letters] <= 'Z') ++letters;
  end = letters;
  while (end < message.size() && message[end] >= '0' && message[end] <= '9') ++end;
  if (letters > 0 && letters <= 4 && end >= letters + 3 && end < message.size() &&
      (message[end] == ' ' || message[end] == ':')) {
    diagnostic.code = message.substr(0, end);
    message.remove_prefix(end);
    take(message, ":");
  }
  diagnostic.message = stripped(message);
}

Diagnostic diagnostic_of(const Report& report, const Snapshot& snapshot) {
  Diagnostic diagnostic;
  split_message(diagnostic, report.message);
  const ByteRange line = line_range(snapshot.text, std::max(1, report.line));
  if (report.column > 0) {
    diagnostic.range.begin = reported_offset(snapshot, report.line, report.column, report.message);
    diagnostic.range.end = diagnostic.range.begin;
  } else if (const auto word = quoted_word_in(snapshot.text, line, report.message)) {
    diagnostic.range = *word;
  } else {
    diagnostic.range = content_of(snapshot.text, line);
  }
  return diagnostic;
}

// The column of a caret line under the source line that Python shows; 0 if it is none.
int caret_column(std::string_view shown, std::string_view carets, const Snapshot& snapshot, int line) {
  const std::size_t caret = carets.find('^');
  if (caret == std::string_view::npos || carets.find_first_not_of(" ^~") != std::string_view::npos) return 0;
  const std::size_t shown_indent = std::min(shown.find_first_not_of(kBlanks), shown.size());
  const ByteRange range = line_range(snapshot.text, line);
  const std::string_view real = std::string_view(snapshot.text).substr(range.begin.value, range.size());
  const std::size_t real_indent = std::min(real.find_first_not_of(kBlanks), real.size());
  return caret < shown_indent ? 0 : static_cast<int>(caret - shown_indent + real_indent) + 1;
}

// Reads an output from top to bottom; what a traceback says of a place comes some lines behind it.
class OutputReader {
 public:
  explicit OutputReader(const Snapshot& snapshot) : snapshot_(snapshot) {}

  std::vector<Report> read(std::span<const std::string_view> lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) read_line(lines, i);
    return std::move(reports_);
  }

 private:
  void read_line(std::span<const std::string_view> lines, std::size_t i) {
    const std::string_view line = lines[i];
    // pytest: "E   NameError: ..." explains the "file:12: NameError" below it.
    if (line.starts_with("E  ")) {
      if (explanation_.empty() || is_exception_line(stripped(line.substr(1))))
        explanation_ = stripped(line.substr(1));
      return;
    }
    if (auto passed = traceback_report(line)) {
      if (!is_same_file(passed->file, snapshot_.path)) return;
      if (i + 2 < lines.size())
        passed->column = caret_column(lines[i + 1], lines[i + 2], snapshot_, passed->line);
      pending_ = std::move(passed);
      return;
    }
    if (pending_ && is_exception_line(line)) {
      pending_->message = line;
      // Carets of other errors span the failing expression, which a word in quotes names better.
      if (!line.starts_with("SyntaxError") && line.find('\'') != std::string_view::npos) pending_->column = 0;
      reports_.push_back(std::move(*pending_));
      pending_.reset();
      return;
    }
    std::optional<Report> report = bracket_report(line);
    if (!report) report = colon_report(line);
    if (!report || report->message.empty() || !is_same_file(report->file, snapshot_.path)) return;
    if (report->message.starts_with("note:") || report->message.starts_with("in ")) return;
    if (is_exception_line(report->message) && !explanation_.empty()) report->message = explanation_;
    explanation_.clear();
    reports_.push_back(std::move(*report));
  }

  const Snapshot& snapshot_;
  std::vector<Report> reports_;
  std::optional<Report> pending_;  // a place in this file that a traceback passed last
  std::string explanation_;
};

}  // namespace

std::vector<std::string_view> quoted_parts(std::string_view message) {
  std::vector<std::string_view> parts;
  for (const auto& [open, close] : {std::pair(kOpeningQuote, kClosingQuote), {"'", "'"}}) {
    for (std::size_t begin = message.find(open); begin != message.npos; begin = message.find(open, begin)) {
      begin += open.size();
      const std::size_t end = message.find(close, begin);
      if (end == message.npos) break;
      parts.push_back(message.substr(begin, end - begin));
    }
  }
  return parts;
}

ByteOffset reported_offset(const Snapshot& snapshot, int line, int column, std::string_view message) {
  const ByteOffset plain = clamped_offset_of(snapshot, {line, column});
  const ByteRange range = line_range(snapshot.text, std::max(1, line));
  const std::string_view content = std::string_view(snapshot.text).substr(range.begin.value, range.size());
  int shown = 1, counted = 1;  // columns
  for (std::size_t at = 0; at < content.size() && shown < column; ++counted) {
    shown += content[at] == '\t' ? kTabStop - (shown - 1) % kTabStop : 1;
    at += std::max<std::size_t>(1, character_length(content, at));
  }
  const ByteOffset wide = clamped_offset_of(snapshot, {line, counted});
  if (wide == plain) return plain;
  const bool is_at_plain = names_what_stands_at(content, plain.value - range.begin.value, message);
  const bool is_at_wide = names_what_stands_at(content, wide.value - range.begin.value, message);
  if (is_at_plain != is_at_wide) return is_at_wide ? wide : plain;
  return message.find(kOpeningQuote) != message.npos ? wide : plain;
}

std::vector<Diagnostic> diagnostics_in(std::string_view output, const Snapshot& snapshot) {
  const std::string plain = without_colors(output);
  const std::vector<std::string_view> lines = lines_of(plain);
  std::vector<Diagnostic> diagnostics;
  for (const Report& report : OutputReader(snapshot).read(lines)) {
    Diagnostic diagnostic = diagnostic_of(report, snapshot);
    const bool is_known = std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& other) {
      return other.range == diagnostic.range && other.message == diagnostic.message;
    });
    if (!is_known) diagnostics.push_back(std::move(diagnostic));
  }
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.range.begin < b.range.begin; });
  return diagnostics;
}

}  // namespace seedling::cli
