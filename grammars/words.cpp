#include "grammars/words.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <string>

#include "grammars/queries.h"

namespace seedling {
namespace {

using Sections = std::map<std::string_view, std::vector<std::string_view>>;

constexpr std::string_view kBlank = " \t\r\n";

// Calls `visit` with each word of a text.
template <class Visit>
void for_each_word(std::string_view text, Visit visit) {
  for (std::size_t at = text.find_first_not_of(kBlank); at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(kBlank, at), text.size());
    visit(text.substr(at, end - at));
    at = text.find_first_not_of(kBlank, end);
  }
}

Sections sections_of(std::string_view folder) {
  Sections sections;
  std::vector<std::string_view>* section = nullptr;
  std::string_view name;
  for_each_word(query_text(std::string(folder) + "/words.txt"), [&](std::string_view word) {
    if (word.size() > 2 && word.starts_with('[') && word.ends_with(']')) {
      name = word.substr(1, word.size() - 2);
      section = &sections[name];
    } else if (section != nullptr && word.size() > 1 && word.starts_with('@')) {
      const Sections other = sections_of(word.substr(1));
      if (const auto found = other.find(name); found != other.end())
        section->insert(section->end(), found->second.begin(), found->second.end());
    } else if (section != nullptr) {
      section->push_back(word);
    }
  });
  for (auto& [title, words] : sections) {
    std::ranges::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
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
  return found == sections.end() ? none : found->second;
}

bool is_word(const Grammar& grammar, std::string_view section, std::string_view word) {
  return std::ranges::binary_search(words_of(grammar, section), word);
}

}  // namespace seedling
