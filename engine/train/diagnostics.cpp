#include "engine/train/diagnostics.h"

#include <array>
#include <cctype>
#include <vector>

namespace seedling {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end - at >= 3 && !std::isdigit(static_cast<unsigned char>(text[at])))
      names.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

// One letter dropped, doubled or exchanged with its neighbour.
std::string misspelt(std::string name, Random& random) {
  const auto at = static_cast<std::size_t>(random.below(static_cast<int>(name.size()) - 1));
  switch (random.below(3)) {
    case 0:
      name.erase(at, 1);
      break;
    case 1:
      name.insert(at, 1, name[at]);
      break;
    default:
      std::swap(name[at], name[at + 1]);
  }
  return name;
}

std::string about_name(std::string_view language, const std::string& name, Random& random) {
  if (language == "python") {
    const std::array<std::string, 4> texts = {
        "name '" + name + "' is not defined", "undefined name '" + name + "'",
        "\"" + name + "\" is not defined", "syntax error near '" + name + "'"};
    return texts[static_cast<std::size_t>(random.below(4))];
  }
  if (language == "c" || language == "cpp") {
    const std::array<std::string, 3> texts = {"use of undeclared identifier '" + name + "'",
                                              "'" + name + "' was not declared in this scope",
                                              "'" + name + "' undeclared"};
    return texts[static_cast<std::size_t>(random.below(3))];
  }
  const std::array<std::string, 3> texts = {"Cannot find name '" + name + "'.",
                                            "'" + name + "' is not defined.",
                                            "ReferenceError: " + name + " is not defined"};
  return texts[static_cast<std::size_t>(random.below(3))];
}

std::string about_mark(std::string_view language, char mark, Random& random) {
  const std::string quoted = std::string("'") + mark + "'";
  if (language == "python") {
    if (mark == '(' || mark == '[' || mark == '{') return quoted + " was never closed";
    return random.below(2) == 0 ? "expected " + quoted : "invalid syntax";
  }
  if (language == "c" || language == "cpp")
    return random.below(2) == 0 ? "expected " + quoted : "expected expression before " + quoted + " token";
  return random.below(2) == 0 ? quoted + " expected." : "Parsing error: Unexpected token";
}

}  // namespace

std::string diagnostic_for(std::string_view language, std::string_view middle, Random& random) {
  const std::vector<std::string> names = names_in(middle);
  std::string marks;
  for (const char c : middle)
    if (std::string_view(":;,()[]{}").find(c) != std::string_view::npos) marks.push_back(c);
  if (!names.empty() && (marks.empty() || random.uniform() < 0.5))
    return about_name(
        language,
        misspelt(names[static_cast<std::size_t>(random.below(static_cast<int>(names.size())))], random),
        random);
  if (marks.empty()) return {};
  return about_mark(language, marks[static_cast<std::size_t>(random.below(static_cast<int>(marks.size())))],
                    random);
}

}  // namespace seedling
