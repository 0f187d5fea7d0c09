#include "grammars/words.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <string>

#include "grammars/queries.h"

namespace seedling {
namespace {

struct Section {
  std::string_view text;
  std::vector<std::string_view> words;  // sorted
};
using Sections = std::map<std::string_view, Section>;

constexpr std::string_view kBlank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

Sections sections_of(std::string_view folder);

void add_words(std::string_view title, std::string_view text, std::vector<std::string_view>& words) {
  for (std::size_t at = text.find_first_not_of(kBlank); at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(kBlank, at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = text.find_first_not_of(kBlank, end);
    if (word.size() == 1 || !word.starts_with('@')) {
      words.push_back(word);
      continue;
    }
    const Sections other = sections_of(word.substr(1));
    if (const auto found = other.find(title); found != other.end())
      words.insert(words.end(), found->second.words.begin(), found->second.words.end());
  }
}

// A title is a line that begins with '['.
Sections sections_of(std::string_view folder) {
  Sections sections;
  std::string_view rest = query_text(std::string(folder) + "/words.txt");
  while (!rest.empty()) {
    const std::size_t title_end = std::min(rest.find(']'), rest.size());
    const std::size_t next = std::min(rest.find("\n[", title_end), rest.size());
    if (rest.starts_with('[') && title_end < rest.size()) {
      const std::string_view title = rest.substr(1, title_end - 1);
      Section& section = sections[title];
      section.text = trimmed(rest.substr(title_end + 1, next - title_end - 1));
      add_words(title, section.text, section.words);
      std::ranges::sort(section.words);
      section.words.erase(std::unique(section.words.begin(), section.words.end()), section.words.end());
    }
    rest.remove_prefix(std::min(next + 1, rest.size()));
  }
  return sections;
}

const Sections& sections_of(const Grammar& grammar) {
  static std::mutex reading;
  static std::map<std::string_view, Sections> by_folder;
  const std::lock_guard lock(reading);
  const auto found = by_folder.find(grammar.folder);
  if (found != by_folder.end()) return found->second;
  return by_folder.emplace(grammar.folder, sections_of(grammar.folder)).first->second;
}

}  // namespace

const std::vector<std::string_view>& words_of(const Grammar& grammar, std::string_view section) {
  static const std::vector<std::string_view> none;
  const Sections& sections = sections_of(grammar);
  const auto found = sections.find(section);
  return found == sections.end() ? none : found->second.words;
}

bool is_word(const Grammar& grammar, std::string_view section, std::string_view word) {
  return std::ranges::binary_search(words_of(grammar, section), word);
}

std::string_view section_of(const Grammar& grammar, std::string_view section) {
  const Sections& sections = sections_of(grammar);
  const auto found = sections.find(section);
  return found == sections.end() ? std::string_view() : found->second.text;
}

}  // namespace seedling
