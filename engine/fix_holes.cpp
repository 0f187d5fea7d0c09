#include "engine/fix_holes.h"

#include <algorithm>
#include <string_view>

#include "engine/structure/scope.h"
#include "engine/structure/statements.h"

namespace seedling {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::size_t kMostNames = 6;

bool is_word_byte(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

ByteRange range(std::size_t begin, std::size_t end) {
  return {ByteOffset{static_cast<std::uint32_t>(begin)}, ByteOffset{static_cast<std::uint32_t>(end)}};
}

// The word around `at`, or the one operator character there; empty on a blank.
ByteRange token_at(std::string_view text, std::size_t at) {
  std::size_t begin = at, end = at;
  while (begin > 0 && is_word_byte(text[begin - 1])) --begin;
  while (end < text.size() && is_word_byte(text[end])) ++end;
  if (begin == end && end < text.size() && kBlanks.find(text[end]) == std::string_view::npos) ++end;
  return range(begin, end);
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

// End of the last non-blank character before `at`; 0 if there is none.
std::size_t text_end_before(std::string_view text, std::size_t at) {
  const std::size_t last = at == 0 ? std::string_view::npos : text.find_last_not_of(kBlanks, at - 1);
  return last == std::string_view::npos ? 0 : last + 1;
}

ByteRange united(ByteRange a, ByteRange b) {
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

ByteRange region_of(const Snapshot& snapshot, ByteRange at) {
  const Result<ByteRange> statement = enclosing_statement(snapshot, at);
  return statement.ok() ? statement.value() : whole_lines(snapshot.text, at);
}

}  // namespace

FixHoles fix_holes(const Snapshot& snapshot, const Diagnostic& diagnostic) {
  const std::string_view text = snapshot.text;
  const std::size_t begin = std::min<std::size_t>(diagnostic.range.begin.value, text.size());
  const std::size_t end = std::clamp<std::size_t>(diagnostic.range.end.value, begin, text.size());
  FixHoles result;
  result.region = region_of(snapshot, range(begin, end));
  const ByteRange token = token_at(text, begin);
  if (token.size() > 0 && is_word_byte(text[token.begin.value])) result.word = token;

  // Something is missing here, at the end of this line, or at the end of the one before: tools report the
  // first token that does not fit, which is often after the place.
  const std::size_t this_end = text_end_before(text, line_end(text, begin));
  const std::size_t before = text_end_before(text, begin);
  std::vector<ByteRange>& holes = result.holes;
  holes.push_back(range(begin, begin));
  holes.push_back(range(before, before));
  if (this_end > begin) holes.push_back(range(this_end, this_end));
  // Something is wrong: the token, the range that the tool names, the rest of the line, the line, the
  // statement.
  holes.push_back(token);
  const bool is_one_line = text.substr(begin, end - begin).find('\n') == std::string_view::npos;
  if (end > begin && is_one_line) holes.push_back(range(begin, end));
  if (this_end > begin) holes.push_back(range(begin, this_end));
  holes.push_back(whole_lines(text, range(begin, begin)));
  holes.push_back(result.region);

  for (const ByteRange& hole : holes) result.region = united(result.region, hole);
  result.region = united(result.region, whole_lines(text, result.region));  // scored as a reader would see it
  std::vector<ByteRange> different;
  for (const ByteRange& hole : holes) {
    if (std::find(different.begin(), different.end(), hole) == different.end()) different.push_back(hole);
  }
  holes = std::move(different);
  return result;
}

int spelling_distance(std::string_view a, std::string_view b) {
  // Rows of the usual table; two of them back, because a swap looks that far.
  std::vector<int> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool is_same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (is_same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::vector<std::string> likely_names(const Snapshot& snapshot, ByteRange word) {
  if (word.size() == 0) return {};
  const std::string_view written = std::string_view(snapshot.text).substr(word.begin.value, word.size());
  const Result<std::vector<std::string>> names = names_visible_at(snapshot, word.begin);
  if (!names.ok() || std::binary_search(names.value().begin(), names.value().end(), written)) return {};
  const int furthest = std::max<int>(1, static_cast<int>(written.size()) / 3);
  std::vector<std::pair<int, std::string>> near;
  for (const std::string& name : names.value()) {
    const int distance = spelling_distance(written, name);
    if (distance <= furthest) near.emplace_back(distance, name);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> result;
  for (std::size_t i = 0; i < std::min(near.size(), kMostNames); ++i) result.push_back(near[i].second);
  return result;
}

Edit smallest_edit(std::string_view text, const Edit& edit) {
  const std::string_view before = text.substr(edit.range.begin.value, edit.range.size());
  const std::string_view after = edit.text;
  const std::size_t shorter = std::min(before.size(), after.size());
  std::size_t front = 0;
  while (front < shorter && before[front] == after[front]) ++front;
  // A character may begin with the same bytes as another one.
  const auto is_inside = [](std::string_view s, std::size_t at) {
    return at < s.size() && is_continuation(s[at]);
  };
  while (front > 0 && (is_inside(before, front) || is_inside(after, front))) --front;
  std::size_t back = 0;
  while (back < shorter - front && before[before.size() - 1 - back] == after[after.size() - 1 - back]) ++back;
  while (back > 0 &&
         (is_continuation(before[before.size() - back]) || is_continuation(after[after.size() - back]))) {
    --back;
  }
  return {range(edit.range.begin.value + front, edit.range.end.value - back),
          std::string(after.substr(front, after.size() - front - back))};
}

}  // namespace seedling
