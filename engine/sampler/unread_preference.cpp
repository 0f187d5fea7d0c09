#include "engine/sampler/unread_preference.h"

#include <algorithm>
#include <array>

#include "engine/structure/exports.h"
#include "engine/structure/lexical.h"

namespace seedling {
namespace {

constexpr std::array<std::string_view, 13> kWords = {
    "return", "in", "of", "if", "while", "and", "or", "not", "elif", "yield", "await", "throw", "assert"};
constexpr std::string_view kMarks = "=([,+-*/%<>&|!?";

// Whether a value is what comes next, most often.
bool expects_value(std::string_view line) {
  const std::string_view text = line.substr(0, line.find_last_not_of(" \t") + 1);
  if (text.empty() || is_identifier_byte(line.back())) return false;
  return kMarks.find(text.back()) != kMarks.npos ||
         std::ranges::find(kWords, last_word(text)) != kWords.end();
}

}  // namespace

UnreadPreference::UnreadPreference(const Tokenizer& tokenizer, const LexemeTable& lexemes,
                                   const std::vector<std::string>& unread)
    : lexemes_(lexemes) {
  for (const std::string& name : unread) {
    const std::vector<TokenId> bare = tokenizer.encode(name), behind_blank = tokenizer.encode(' ' + name);
    names_.push_back({name, bare.front(), behind_blank.front()});
  }
}

bool UnreadPreference::prefer(std::string_view line, float lead, Preference& preference) const {
  const std::string_view text = line.substr(0, line.find_last_not_of(" \t") + 1);
  const bool ends_in_word = !text.empty() && text.size() == line.size() && is_identifier_byte(text.back());
  // Behind a word the token has the blank with it.
  const bool is_value =
      ends_in_word ? std::ranges::find(kWords, last_word(text)) != kWords.end() : expects_value(line);
  if (!is_value) return false;
  TokenSet starts(lexemes_.solid().vocab_size());
  for (const Name& name : names_) {
    if (find_word(line, name.text) != line.npos) continue;
    if (!ends_in_word) starts.insert(name.start);
    starts.insert(name.start_behind_blank);
  }
  if (starts.empty()) return false;
  preference = {std::move(starts), lexemes_.starting_word(), lead};
  return true;
}

}  // namespace seedling
