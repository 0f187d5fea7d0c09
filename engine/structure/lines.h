// engine/structure/lines.h
//
// Lines of a text, their indentation and the blanks around them.
//   Pure; offsets are bytes. A tab reaches to the next multiple of eight columns.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace seedling {

inline constexpr std::size_t kTabWidth = 8;
inline constexpr std::string_view kBlankBytes = " \t\r\n\f\v";

inline std::size_t line_start(std::string_view text, std::size_t at) {
  const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

// Where the newline stands, or the text ends.
inline std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

inline std::string_view indent_of(std::string_view line) {
  return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

// In columns.
inline std::size_t width(std::string_view indent) {
  std::size_t columns = 0;
  for (const char c : indent) columns += c == '\t' ? kTabWidth - columns % kTabWidth : 1;
  return columns;
}

inline std::string_view without_blanks_before(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}
inline std::string_view without_blanks_behind(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

inline bool is_blank(std::string_view text) {
  return text.find_first_not_of(kBlankBytes) == std::string_view::npos;
}

inline std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlankBytes);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlankBytes) - first + 1);
}

inline std::size_t rtrimmed_size(std::string_view text) {
  const std::size_t last = text.find_last_not_of(kBlankBytes);
  return last == std::string_view::npos ? 0 : last + 1;
}

}  // namespace seedling
