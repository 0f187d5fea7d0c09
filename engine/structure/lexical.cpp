#include "engine/structure/lexical.h"

#include <algorithm>
#include <array>
#include <vector>

#include "grammars/words.h"

namespace seedling {

// The words of [lexical] in grammars/<folder>/words.txt.
struct LexicalRules {
  bool has_hash_comments = false;
  bool has_slash_comments = true;
  bool has_triple_quotes = false;
  bool has_raw_strings = false;       // R"delimiter(...)delimiter"
  bool has_templates = false;         // `...${...}...`, and regular expressions
  bool has_backtick_strings = false;  // `...`, where nothing is escaped
  bool has_lifetimes = false;         // 'a is no string
  bool has_digit_separators = false;  // 1'000
};

namespace {

LexicalRules read_rules(const Grammar& grammar) {
  const auto has = [&](std::string_view word) { return is_word(grammar, "lexical", word); };
  LexicalRules rules;
  rules.has_hash_comments = has("hash-comments");
  rules.has_slash_comments = has("slash-comments");
  rules.has_triple_quotes = has("triple-quotes");
  rules.has_raw_strings = has("raw-strings");
  rules.has_templates = has("templates");
  rules.has_backtick_strings = has("backtick-strings");
  rules.has_lifetimes = has("lifetimes");
  rules.has_digit_separators = has("digit-separators");
  return rules;
}

const LexicalRules& rules_of(std::string_view language) {
  static const LexicalRules unknown;
  static const std::vector<LexicalRules> all = [] {
    std::vector<LexicalRules> rules;
    for (const Grammar& grammar : all_grammars()) rules.push_back(read_rules(grammar));
    return rules;
  }();
  const Grammar* grammar = grammar_of(language);
  return grammar == nullptr ? unknown : all[static_cast<std::size_t>(grammar - all_grammars().data())];
}

constexpr std::array<std::string_view, 13> kWordsBeforeRegex = {
    "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await", "yield"};
constexpr std::string_view kBytesBeforeRegex = "(,=:[!&|?{;+-*%~^>\n";

// Whether the quote at the start opens 'a' or '\n' rather than the lifetime 'a.
bool is_character(std::string_view rest) {
  if (rest.size() < 3) return false;
  if (rest[1] == '\\' || !is_identifier_byte(rest[1])) return true;
  std::size_t end = 2;
  while (end < rest.size() && (static_cast<unsigned char>(rest[end]) & 0xC0) == 0x80) ++end;
  return end < rest.size() && rest[end] == '\'';
}

// The longest delimiter that C++ allows for a raw string.
constexpr std::size_t kMaxRawDelimiter = 16;

}  // namespace

Scanner::Scanner(std::string_view language) : rules_(&rules_of(language)) {}

std::size_t Scanner::step(std::string_view text, std::size_t at) {
  switch (state_) {
    case State::code:
      return step_code(text, at);
    case State::string:
      return step_string(text, at);
    case State::line_comment:
      if (text[at] == '\n') state_ = State::code;
      return at + 1;
    case State::block_comment:
      if (!text.substr(at).starts_with("*/")) return at + 1;
      state_ = State::code;
      return at + 2;
  }
  return at + 1;
}

std::size_t Scanner::step_code(std::string_view text, std::size_t at) {
  const char c = text[at];
  const std::string_view rest = text.substr(at);
  if (is_identifier_byte(c)) {
    if (word_is_over_) word_.clear();
    word_is_over_ = false;
    word_ += c;
    last_ = c;
    return at + 1;
  }
  if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
    word_is_over_ = true;
    if (c == '\n') last_ = '\n';
    return at + 1;
  }
  if ((c == '#' && rules_->has_hash_comments) || (rules_->has_slash_comments && rest.starts_with("//"))) {
    state_ = State::line_comment;
    return at + 1;
  }
  if (rules_->has_slash_comments && rest.starts_with("/*")) {
    state_ = State::block_comment;
    return at + 2;
  }
  const bool is_separator = c == '\'' && rules_->has_digit_separators && !word_is_over_ && !word_.empty() &&
                            word_[0] >= '0' && word_[0] <= '9';
  if (is_separator) return at + 1;
  if (c == '\'' && rules_->has_lifetimes && !is_character(rest)) return at + 1;
  const bool has_backticks = rules_->has_templates || rules_->has_backtick_strings;
  const bool is_quote = c == '"' || c == '\'' || (has_backticks && c == '`');
  if (is_quote || (c == '/' && rules_->has_templates && may_start_regex())) return open_string(text, at);

  if (is_opener(c)) open_ += c;
  if (is_closer(c)) close_bracket(c);
  word_.clear();
  word_is_over_ = true;
  last_ = c;
  return at + 1;
}

std::size_t Scanner::open_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view rest = text.substr(at);
  std::size_t length = 1;
  string_end_ = std::string(1, quote);
  is_raw_ = quote == '`' && rules_->has_backtick_strings;
  is_multiline_ = quote == '`' || rules_->has_lifetimes;
  is_in_class_ = false;
  if (rules_->has_triple_quotes && (rest.starts_with("\"\"\"") || rest.starts_with("'''"))) {
    string_end_ = std::string(3, quote);
    is_multiline_ = true;
    length = 3;
  }
  if (rules_->has_raw_strings && quote == '"' && !word_is_over_ && word_.ends_with('R') &&
      word_.size() <= 3) {
    const std::size_t paren = rest.find('(');
    if (paren != std::string_view::npos && paren <= kMaxRawDelimiter + 1) {
      string_end_ = std::string(1, ')');
      string_end_ += rest.substr(1, paren - 1);
      string_end_ += '"';
      is_raw_ = is_multiline_ = true;
      length = paren + 1;
    }
  }
  state_ = State::string;
  word_.clear();
  word_is_over_ = true;
  last_ = quote;
  return at + length;
}

std::size_t Scanner::step_string(std::string_view text, std::size_t at) {
  const char c = text[at];
  const std::string_view rest = text.substr(at);
  const bool is_regex = string_end_ == "/";
  if (c == '\\' && !is_raw_) return std::min(at + 2, text.size());
  if (c == '\n' && !is_multiline_) {
    state_ = State::code;
    last_ = '\n';
    return at + 1;
  }
  if (is_regex && (c == '[' || c == ']')) is_in_class_ = c == '[';
  if (string_end_ == "`" && !is_raw_ && rest.starts_with("${")) {
    open_ += '$';
    state_ = State::code;
    last_ = '{';
    return at + 2;
  }
  if (!is_in_class_ && rest.starts_with(string_end_)) {
    state_ = State::code;
    return at + string_end_.size();
  }
  return at + 1;
}

bool Scanner::may_start_regex() const {
  if (!word_.empty() && is_identifier_byte(last_))
    return std::ranges::find(kWordsBeforeRegex, word_) != kWordsBeforeRegex.end();
  return kBytesBeforeRegex.find(last_) != std::string_view::npos;
}

// A closer that does not fit its opener closes the nearest one that does; what was opened in between is given
// up.
void Scanner::close_bracket(char closer) {
  const std::size_t size = open_.size();
  for (std::size_t i = size; i-- > 0;) {
    if (!is_pair(open_[i], closer)) continue;
    if (open_[i] == '$') {
      state_ = State::string;
      string_end_ = std::string(1, '`');
      is_raw_ = false;
      is_multiline_ = true;
      is_in_class_ = false;
    }
    open_.resize(i);
    return;
  }
}

}  // namespace seedling
