#include "cli/unified_diff.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace seedling::cli {
namespace {

constexpr std::size_t kContext = 3;
// Where what differs is larger than this (lines of one times lines of the other), it is replaced as a whole.
constexpr std::size_t kMostCells = 16'000'000;

// Lines with their newline; the last one may lack it.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::size_t length = newline == std::string_view::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

struct Row {
  char sign;  // ' ', '-' or '+'
  std::string_view line;
};

using Lines = std::span<const std::string_view>;

// A shortest script between two runs of lines, by the usual table of longest common subsequences.
void append_script(Lines before, Lines after, std::vector<Row>& rows) {
  if (before.size() * after.size() > kMostCells) {
    for (const std::string_view line : before) rows.push_back({'-', line});
    for (const std::string_view line : after) rows.push_back({'+', line});
    return;
  }
  const std::size_t width = after.size() + 1;
  std::vector<std::uint32_t> longest((before.size() + 1) * width, 0);
  for (std::size_t i = before.size(); i-- > 0;) {
    for (std::size_t j = after.size(); j-- > 0;) {
      longest[i * width + j] = before[i] == after[j]
                                   ? longest[(i + 1) * width + j + 1] + 1
                                   : std::max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  std::size_t i = 0, j = 0;
  while (i < before.size() || j < after.size()) {
    if (i < before.size() && j < after.size() && before[i] == after[j]) {
      rows.push_back({' ', before[i++]});
      ++j;
    } else if (j == after.size() ||
               (i < before.size() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      rows.push_back({'-', before[i++]});
    } else {
      rows.push_back({'+', after[j++]});
    }
  }
}

std::vector<Row> rows_of(Lines before, Lines after) {
  std::size_t head = 0, tail = 0;
  const std::size_t shorter = std::min(before.size(), after.size());
  while (head < shorter && before[head] == after[head]) ++head;
  while (tail < shorter - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  std::vector<Row> rows;
  for (const std::string_view line : before.first(head)) rows.push_back({' ', line});
  append_script(before.subspan(head, before.size() - head - tail),
                after.subspan(head, after.size() - head - tail), rows);
  for (const std::string_view line : before.last(tail)) rows.push_back({' ', line});
  return rows;
}

std::string range_text(std::size_t before_count, std::size_t length) {
  // An empty range names the line before it.
  std::string text = std::to_string(length == 0 ? before_count : before_count + 1);
  return length == 1 ? text : text + "," + std::to_string(length);
}

std::string hunk_of(std::span<const Row> rows, std::size_t first_old, std::size_t first_new) {
  std::size_t old_length = 0, new_length = 0;
  std::string body;
  for (const Row& row : rows) {
    if (row.sign != '+') ++old_length;
    if (row.sign != '-') ++new_length;
    body += row.sign;
    body += row.line;
    if (!row.line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
  }
  return "@@ -" + range_text(first_old, old_length) + " +" + range_text(first_new, new_length) + " @@\n" +
         body;
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view path) {
  if (before == after) return {};
  const std::vector<std::string_view> old_lines = lines_of(before), new_lines = lines_of(after);
  const std::vector<Row> rows = rows_of(old_lines, new_lines);
  const std::string_view name = path.starts_with("./") ? path.substr(2) : path;
  const bool is_absolute = name.starts_with('/');
  std::string diff = std::string("--- ") + (is_absolute ? "" : "a/") + std::string(name) + "\n" + "+++ " +
                     (is_absolute ? "" : "b/") + std::string(name) + "\n";
  std::size_t old_at = 0, new_at = 0;  // lines before `at`
  for (std::size_t at = 0; at < rows.size();) {
    const auto next = std::find_if(rows.begin() + static_cast<std::ptrdiff_t>(at), rows.end(),
                                   [](const Row& row) { return row.sign != ' '; });
    if (next == rows.end()) break;
    const std::size_t change = static_cast<std::size_t>(next - rows.begin());
    const std::size_t begin = change - std::min(kContext, change - at);
    // The hunk goes on as long as the next change is near enough to share its context.
    std::size_t end = change;
    for (std::size_t i = change; i < rows.size() && i <= end + 2 * kContext; ++i) {
      if (rows[i].sign != ' ') end = i;
    }
    end = std::min(rows.size(), end + 1 + kContext);
    old_at += begin - at;
    new_at += begin - at;
    const std::span<const Row> hunk = std::span(rows).subspan(begin, end - begin);
    diff += hunk_of(hunk, old_at, new_at);
    old_at += std::count_if(hunk.begin(), hunk.end(), [](const Row& row) { return row.sign != '+'; });
    new_at += std::count_if(hunk.begin(), hunk.end(), [](const Row& row) { return row.sign != '-'; });
    at = end;
  }
  return diff;
}

}  // namespace seedling::cli
