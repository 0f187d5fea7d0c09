#include "cli/eval/left_out.h"

#include <map>
#include <utility>

namespace seedling::cli {

std::string_view left_out_text();  // the generated file

namespace {

using Reasons = std::map<std::pair<std::string_view, std::string_view>, std::string_view>;

std::string_view take_word(std::string_view& line) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

Reasons read_reasons(std::string_view text) {
  Reasons reasons;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    if (line.empty() || line.starts_with("#")) continue;
    const std::string_view set = take_word(line), id = take_word(line);
    reasons.emplace(std::pair(set, id), line);
  }
  return reasons;
}

}  // namespace

std::optional<std::string_view> left_out_because(std::string_view set, std::string_view id) {
  static const Reasons reasons = read_reasons(left_out_text());
  const auto found = reasons.find({set, id});
  if (found == reasons.end()) return std::nullopt;
  return found->second;
}

}  // namespace seedling::cli
