#include "cli/document.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/characters.h"
#include "engine/sampler/finish.h"
#include "grammars/registry.h"

namespace seedling::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = std::uintmax_t{64} << 20;

std::string language_of(const std::string& file) {
  const std::string_view known = language_of_path(file);
  return known.empty() ? "text" : std::string(known);
}

// ":12" at the end of `text`, taken off; none if something else stands there.
std::optional<int> take_number(std::string_view& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  int value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem != std::errc() || end != digits.data() + digits.size() || value < 1) return std::nullopt;
  text = text.substr(0, colon);
  return value;
}

std::optional<LineColumn> take_line_column(std::string_view& text) {
  const std::optional<int> column = take_number(text);
  const std::optional<int> line = take_number(text);
  if (!line || !column) return std::nullopt;
  return LineColumn{*line, *column};
}

ByteOffset offset(std::size_t value) {
  return ByteOffset{static_cast<std::uint32_t>(value)};
}

std::string plural(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

Result<Place> parse_place(const std::string& text) {
  const Error wrong =
      invalid_input("\"" + text + "\" is no place in a file: write FILE:LINE:COL, as in main.py:12:5");
  Place place;
  std::string_view rest = text;
  std::optional<LineColumn> last = take_line_column(rest);
  if (!last) {
    // -LINE:COL of a selection: what is left of the minus is the rest.
    const std::size_t minus = text.rfind('-');
    if (minus == std::string::npos) return wrong;
    std::string end_text = ":" + text.substr(minus + 1);
    std::string_view end = end_text;
    last = take_line_column(end);
    if (!last || !end.empty()) return wrong;
    place.end = last;
    rest = std::string_view(text).substr(0, minus);
    last = take_line_column(rest);
  }
  if (!last || rest.empty()) return wrong;
  place.begin = *last;
  place.file = rest;
  return place;
}

Result<SnapshotPtr> open_document(const std::string& file) {
  std::error_code problem;
  if (fs::is_directory(file, problem)) return invalid_input(file + " is a folder, not a file");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return not_found("cannot read " + file + ": " + std::strerror(errno));
  const std::uintmax_t size = fs::file_size(file, problem);
  if (!problem && size > kMostBytes) return invalid_input(file + " is longer than 64 MiB");
  Snapshot snapshot;
  snapshot.text.assign(std::istreambuf_iterator<char>(stream), {});
  if (stream.bad()) return not_found("cannot read " + file);
  if (!is_valid_utf8(snapshot.text)) return invalid_input(file + " is not UTF-8 text");
  snapshot.path = file;
  snapshot.language = language_of(file);
  return SnapshotPtr(std::make_shared<const Snapshot>(std::move(snapshot)));
}

ByteRange line_range(std::string_view text, int line) {
  std::size_t begin = 0;
  for (int i = 1; i < line; ++i) {
    const std::size_t newline = text.find('\n', begin);
    if (newline == std::string_view::npos) return {offset(text.size()), offset(text.size())};
    begin = newline + 1;
  }
  std::size_t end = std::min(text.find('\n', begin), text.size());
  if (end > begin && text[end - 1] == '\r') --end;
  return {offset(begin), offset(end)};
}

Result<ByteOffset> offset_of(const Snapshot& snapshot, LineColumn at) {
  const std::string_view text = snapshot.text;
  const std::size_t lines = std::count(text.begin(), text.end(), '\n') + 1;
  if (static_cast<std::size_t>(at.line) > lines) {
    const ByteRange last = line_range(text, static_cast<int>(lines));
    const std::size_t columns = character_count(text.substr(last.begin.value, last.size())) + 1;
    return invalid_input(snapshot.path + " has " + plural(lines, "line") + ", so there is no line " +
                         std::to_string(at.line) + "; the last position is " + std::to_string(lines) + ":" +
                         std::to_string(columns));
  }
  const ByteRange line = line_range(text, at.line);
  const std::string_view content = text.substr(line.begin.value, line.size());
  std::size_t byte = 0;
  for (int column = 1; column < at.column; ++column) {
    if (byte >= content.size()) {
      const std::size_t columns = character_count(content) + 1;
      return invalid_input("line " + std::to_string(at.line) + " of " + snapshot.path + " ends at column " +
                           std::to_string(columns) + ", so there is no column " + std::to_string(at.column));
    }
    byte += std::max<std::size_t>(1, character_length(content, byte));
  }
  return offset(line.begin.value + byte);
}

ByteOffset clamped_offset_of(const Snapshot& snapshot, LineColumn at) {
  const ByteRange line = line_range(snapshot.text, std::max(1, at.line));
  const std::string_view content = std::string_view(snapshot.text).substr(line.begin.value, line.size());
  std::size_t byte = 0;
  for (int column = 1; column < at.column && byte < content.size(); ++column) {
    byte += std::max<std::size_t>(1, character_length(content, byte));
  }
  return offset(line.begin.value + byte);
}

Result<ByteRange> range_of(const Snapshot& snapshot, const Place& place) {
  const ByteOffset begin = TRY(offset_of(snapshot, place.begin));
  const ByteOffset end = place.end ? TRY(offset_of(snapshot, *place.end)) : begin;
  if (end < begin) return invalid_input("the selection ends before it begins");
  return ByteRange{begin, end};
}

LineColumn position_of(std::string_view text, ByteOffset at) {
  const std::string_view before = text.substr(0, at.value);
  const std::size_t newline = before.rfind('\n');
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(character_count(before.substr(begin))) + 1};
}

Status write_document(const std::string& file, std::string_view text) {
  std::error_code problem;
  // A link stays a link: what it points to is replaced.
  const fs::path target = fs::exists(file, problem) ? fs::canonical(file, problem) : fs::path(file);
  struct stat old {};
  const bool is_there = ::stat(target.c_str(), &old) == 0;
  std::string temporary = target.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(temporary.data());
  const auto failed = [&]() -> Status {
    const std::string reason = std::strerror(errno);
    if (descriptor >= 0) ::close(descriptor);
    if (descriptor >= 0) ::unlink(temporary.c_str());
    return invalid_input("cannot write " + file + ": " + reason);
  };
  if (descriptor < 0) return failed();
  for (std::size_t written = 0; written < text.size();) {
    const ssize_t count = ::write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed();
    written += static_cast<std::size_t>(count);
  }
  if (is_there && ::fchmod(descriptor, old.st_mode & 07777) != 0) return failed();
  if (is_there && ::fchown(descriptor, old.st_uid, old.st_gid) != 0 && errno != EPERM) return failed();
  if (::fsync(descriptor) != 0 || ::rename(temporary.c_str(), target.c_str()) != 0) return failed();
  ::close(descriptor);
  return Done{};
}

std::string with_edits(std::string_view text, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.range.begin < b.range.begin; });
  std::string result;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    result += text.substr(at, edit.range.begin.value - at);
    result += edit.text;
    at = edit.range.end.value;
  }
  return result += text.substr(at);
}

}  // namespace seedling::cli
