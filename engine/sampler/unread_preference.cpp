#include "engine/sampler/unread_preference.h"

#include <algorithm>
#include <array>

#include "engine/structure/exports.h"
#include "engine/structure/lexical.h"
#include "engine/structure/lines.h"

namespace seedling {
namespace {

constexpr std::array<std::string_view, 13> kWords = {
    "return", "in", "of", "if", "while", "and", "or", "not", "elif", "yield", "await", "throw", "assert"};
constexpr std::string_view kMarks = "=([,+-*/%<>&|!?";

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
  const std::string_view text = without_blanks_behind(line);
  if (names_.empty() || text.empty()) return false;
  // Behind a word the token has the blank with it.
  const bool ends_in_word = is_identifier_byte(line.back());
  const bool is_behind_word = std::ranges::find(kWords, last_word(text)) != kWords.end();
  const bool is_behind_mark = !ends_in_word && kMarks.find(text.back()) != kMarks.npos;
  if (!is_behind_word && !is_behind_mark) return false;
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
