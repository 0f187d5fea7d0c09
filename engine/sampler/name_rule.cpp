#include "engine/sampler/name_rule.h"

#include <algorithm>
#include <array>

#include "engine/structure/lines.h"

namespace seedling {
namespace {

constexpr std::array<std::string_view, 10> kPythonWords = {"return", "in",    "not",    "and",   "or",
                                                           "is",     "raise", "assert", "await", "else"};
constexpr std::array<std::string_view, 4> kScriptWords = {"await", "throw", "instanceof", "new"};
constexpr std::string_view kStringPrefixes = "rRbBfFuU";

// Whether the text ends with an operator whose right side is a value, and nothing that binds a name.
bool ends_with_operator(std::string_view text, bool is_python) {
  if (text.empty()) return false;
  const char last = text.back(), before = text.size() > 1 ? text[text.size() - 2] : ' ';
  const auto is_one_of = [](char c, std::string_view all) { return all.find(c) != std::string_view::npos; };
  if (last == '=') return is_one_of(before, "=!<>");
  if (last == '+' || last == '-') return before != last;
  if (last == '%') return true;
  if (is_python) return last == '/' || ((last == '<' || last == '>') && before != '-');
  return (is_one_of(last, "&|?") && before == last) || last == '!';
}

template <std::size_t Count>
bool is_in(std::string_view word, const std::array<std::string_view, Count>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Every word of a line.
template <class Visit>
void each_word(std::string_view line, const Visit& visit) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    const std::size_t begin = at;
    while (at < line.size() && is_identifier_byte(line[at])) ++at;
    if (at > begin) visit(line.substr(begin, at - begin));
  }
}

// Whether a word stands in a line.
bool has_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const bool begins = at == 0 || !is_identifier_byte(line[at - 1]);
    const std::size_t end = at + word.size();
    if (begins && (end == line.size() || !is_identifier_byte(line[end]))) return true;
  }
  return false;
}

}  // namespace

NameRule::NameRule(const LexemeTable& lexemes, std::string_view language, std::vector<std::string> names,
                   bool are_all)
    : lexemes_(lexemes),
      is_python_(language == "python"),
      is_script_(language.starts_with("javascript") || language.starts_with("typescript")),
      are_all_(are_all),
      names_(std::move(names)) {}

bool NameRule::is_use(std::string_view before, const Scanner& scanner) const {
  const std::string_view text = without_blanks_behind(before);
  if (is_python_) {
    if (!scanner.open_brackets().empty() || has_word(text, "lambda")) return false;
    return is_in(last_word(text), kPythonWords) || ends_with_operator(text, true);
  }
  if (!is_script_ || text.find("</") != std::string_view::npos || text.find("/>") != std::string_view::npos)
    return false;
  return is_in(last_word(text), kScriptWords) || ends_with_operator(text, false);
}

// What the line itself names may be declared there.
bool NameRule::is_known(std::string_view word, std::string_view line) const {
  return std::binary_search(names_.begin(), names_.end(), word) ||
         has_word(line.substr(0, line.size() - word.size()), word);
}

void NameRule::restrict_word(std::string_view word, std::string_view line, TokenSet& allowed) const {
  TokenSet towards(allowed.vocab_size());
  auto name = std::lower_bound(names_.begin(), names_.end(), word);
  for (; name != names_.end() && name->starts_with(word); ++name) lexemes_.add_towards(*name, word, towards);
  each_word(line.substr(0, line.size() - word.size()),
            [&](std::string_view other) { lexemes_.add_towards(other, word, towards); });
  const bool may_be_prefix =
      is_python_ && word.size() <= 2 && word.find_first_not_of(kStringPrefixes) == std::string_view::npos;
  if (is_known(word, line) || may_be_prefix)
    allowed.erase_unless(lexemes_.going_on_with_word(), towards);
  else
    allowed.keep_only(towards);
}

void NameRule::restrict_start(std::string_view line, TokenSet& allowed) const {
  TokenSet possible = starts();
  std::vector<std::string> here;
  each_word(line, [&](std::string_view word) { here.emplace_back(word); });
  std::ranges::sort(here);
  possible.insert_all(lexemes_.starts_of(here));
  allowed.erase_unless(lexemes_.starting_word(), possible);
}

void NameRule::prefer(std::string_view line, const Scanner& scanner, float lead,
                      Preference& preference) const {
  if (are_all_ || (!is_python_ && !is_script_)) return;
  const std::string_view word = last_word(line);
  if (word.empty() && is_use(line, scanner)) {
    preference = {starts(), lexemes_.starting_word(), lead};
    return;
  }
  const bool is_number = !word.empty() && word.front() >= '0' && word.front() <= '9';
  if (word.empty() || is_number || is_known(word, line)) return;
  if (!is_use(line.substr(0, line.size() - word.size()), scanner)) return;
  TokenSet towards(lexemes_.starting_word().vocab_size());
  auto name = std::lower_bound(names_.begin(), names_.end(), word);
  for (; name != names_.end() && name->starts_with(word); ++name) lexemes_.add_towards(*name, word, towards);
  preference = {std::move(towards), lexemes_.solid(), lead};
}

void NameRule::restrict(std::string_view line, const Scanner& scanner, TokenSet& allowed) const {
  if (!are_all_ || (!is_python_ && !is_script_)) return;
  const std::string_view word = last_word(line);
  const std::string_view before = line.substr(0, line.size() - word.size());
  if (word.empty()) {
    if (is_use(line, scanner)) restrict_start(line, allowed);
    return;
  }
  const bool is_number = word.front() >= '0' && word.front() <= '9';
  if (!is_number && is_use(before, scanner)) restrict_word(word, line, allowed);
  // Behind a blank another word begins.
  if (!is_use(line, scanner)) return;
  TokenSet behind_blank = allowed;
  restrict_start(line, behind_blank);
  TokenSet others = allowed;
  others.erase_all(lexemes_.word_behind_blank());
  behind_blank.keep_only(lexemes_.word_behind_blank());
  allowed = others;
  allowed.insert_all(behind_blank);
}

}  // namespace seedling
