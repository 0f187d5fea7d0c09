#include "engine/fix_edits.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "engine/structure/lexical.h"
#include "engine/structure/scope.h"
#include "engine/structure/statements.h"

namespace seedling {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// The longest first, so that the first that fits is the token.
constexpr std::string_view kLongMarks[] = {
    "<<=", ">>=", "===", "!==", "...", "**=", "<<", ">>", "==", "!=", "<=", ">=", "&&",
    "||",  "++",  "--",  "+=",  "-=",  "*=",  "/=", "->", "=>", "::", ":=", "**", "//"};

// What is inserted, or put in the place of another mark.
constexpr std::string_view kMarks[] = {"=",  "+",  "-",  "*",  "<",  ">", "<<", ">>", "==", "++",
                                       "--", "&&", "||", "::", "->", ".", ",",  ";",  ":",  "(",
                                       ")",  "[",  "]",  "{",  "}",  "0", "1",  "\"", "'"};

constexpr std::size_t kMostNames = 10;
constexpr std::size_t kNamesWindow = 3000;  // bytes before and behind the place
constexpr std::size_t kTokensBefore = 2;

// A name that is declared and never used may have been meant to be the one that nothing declares.
constexpr std::size_t kUnusedWindow = 1500, kMostUnused = 3;

struct Token {
  std::size_t begin = 0, end = 0;
  bool is_word = false;
};

Token token_from(std::string_view text, std::size_t begin) {
  Token token{begin, begin + 1, is_identifier_byte(text[begin])};
  if (token.is_word) {
    while (token.end < text.size() && is_identifier_byte(text[token.end])) ++token.end;
    return token;
  }
  for (const std::string_view mark : kLongMarks) {
    if (!text.substr(begin).starts_with(mark)) continue;
    token.end = begin + mark.size();
    break;
  }
  return token;
}

std::vector<Token> tokens_of(std::string_view text, std::size_t begin, std::size_t end) {
  std::vector<Token> tokens;
  for (std::size_t at = begin; at < end;) {
    at = text.find_first_not_of(kBlanks, at);
    if (at >= end) break;
    tokens.push_back(token_from(text, at));
    at = tokens.back().end;
  }
  return tokens;
}

ByteRange range(std::size_t begin, std::size_t end) {
  return {ByteOffset{static_cast<std::uint32_t>(begin)}, ByteOffset{static_cast<std::uint32_t>(end)}};
}

using Names = Result<std::vector<std::string>>;

// Words of the text near the place that may be used there, the nearest first.
std::vector<std::string> near_names(const Snapshot& snapshot, std::size_t place, const Names& visible) {
  const std::string_view text = snapshot.text;
  const std::size_t from = place - std::min(place, kNamesWindow);
  std::vector<Token> words = tokens_of(text, from, std::min(text.size(), place + kNamesWindow));
  std::erase_if(words, [](const Token& token) { return !token.is_word; });
  const auto distance = [&](const Token& t) { return t.begin > place ? t.begin - place : place - t.begin; };
  std::ranges::stable_sort(words, {}, distance);
  std::vector<std::string> names;
  for (const Token& token : words) {
    const std::string word(text.substr(token.begin, token.end - token.begin));
    if (!is_valid_identifier(word, snapshot.language)) continue;
    if (visible.ok() && !std::ranges::binary_search(visible.value(), word)) continue;
    if (std::ranges::find(names, word) == names.end()) names.push_back(word);
    if (names.size() == kMostNames) break;
  }
  return names;
}

// What declares a variable in front of its name, where a type may be guessed: elsewhere a name that nothing
// declares is rather one to import.
std::span<const std::string_view> declarers(std::string_view language) {
  static constexpr std::array<std::string_view, 5> kC = {"int ", "long long ", "double ", "char ", "auto "};
  if (language == "c" || language == "cpp" || language == "java") return kC;
  return {};
}

class Maker {
 public:
  Maker(const Snapshot& snapshot, std::vector<std::string> names)
      : text_(snapshot.text), language_(snapshot.language), names_(std::move(names)) {}

  // Before a token: with the blanks that the text has there.
  void insert_all(std::size_t gap, std::size_t next) {
    for (const std::string_view mark : kMarks) insert(gap, next, mark);
    for (const std::string& name : names_) insert(gap, next, name);
  }

  void replace_all(const Token& token) {
    if (token.is_word) {
      for (const std::string& name : names_) add(token.begin, token.end, name);
      return;
    }
    for (const std::string_view mark : kMarks) {
      if (!is_identifier_byte(mark.front())) add(token.begin, token.end, std::string(mark));
    }
  }

  // With the blanks in front of it, unless they are those of the line.
  void erase(std::size_t begin, std::size_t end) {
    while (begin > 0 && (text_[begin - 1] == ' ' || text_[begin - 1] == '\t')) --begin;
    if (begin == 0 || text_[begin - 1] == '\n') {
      begin = text_.find_first_not_of(" \t", begin);
      while (end < text_.size() && text_[end] == ' ') ++end;
    }
    add(begin, end, "");
  }

  void add(std::size_t begin, std::size_t end, std::string text) {
    const Edit edit{range(begin, end), std::move(text)};
    if (text_.substr(begin, end - begin) == edit.text) return;
    if (std::ranges::find(edits_, edit) == edits_.end()) edits_.push_back(edit);
  }

  // Around the k-th token, and a little more before it than behind.
  void edit_beside(const std::vector<Token>& tokens, std::size_t k) {
    const std::size_t first = k < kTokensBefore ? 0 : k - kTokensBefore;
    for (std::size_t i = first; i <= k + 1 && i <= tokens.size(); ++i) {
      const std::size_t gap = i == 0 ? tokens[0].begin : tokens[i - 1].end;
      insert_all(gap, i < tokens.size() ? tokens[i].begin : gap);
    }
    for (std::size_t i = first; i <= k + 1 && i < tokens.size(); ++i) {
      erase(tokens[i].begin, tokens[i].end);
      if (i + 1 < tokens.size()) erase(tokens[i].begin, tokens[i + 1].end);
      if (i + 1 >= k) replace_all(tokens[i]);
    }
  }

  // At its first place, or in a line of its own before that.
  void declare_before(const Token& token, const std::string& name) {
    const std::size_t line = token.begin == 0 ? 0 : text_.rfind('\n', token.begin - 1) + 1;
    const std::size_t code = text_.find_first_not_of(" \t", line);
    const std::string indent(text_.substr(line, code - line));
    for (const std::string_view declarer : declarers(language_)) {
      add(token.begin, token.begin, std::string(declarer));
      add(line, line, indent + std::string(declarer) + name + " = 0;\n");
    }
  }

  std::vector<Edit> take() { return std::move(edits_); }

 private:
  void insert(std::size_t gap, std::size_t next, std::string_view what) {
    const bool is_apart = next > gap && text_.substr(gap, next - gap).find('\n') == text_.npos;
    if (is_apart) {  // "a ;" becomes "a + ;"
      add(next, next, std::string(what) + " ");
      return;
    }
    std::string text(what);
    const bool is_word = is_identifier_byte(text.front());
    if (is_word && gap > 0 && is_identifier_byte(text_[gap - 1])) text = std::string(" ").append(text);
    if (is_word && gap < text_.size() && is_identifier_byte(text_[gap])) text += " ";
    add(gap, gap, std::move(text));
  }

  std::string_view text_, language_;
  std::vector<std::string> names_;
  std::vector<Edit> edits_;
};

// The tokens of the place's line and of the last line before it that is not blank, which tools often mean.
std::vector<Token> tokens_near(std::string_view text, std::size_t place) {
  std::size_t begin = place == 0 ? 0 : text.rfind('\n', place - 1);
  begin = begin == text.npos ? 0 : begin;
  const std::size_t last = text.find_last_not_of(kBlanks, begin);
  begin = last == text.npos ? 0 : text.rfind('\n', last);
  return tokens_of(text, begin == text.npos ? 0 : begin, std::min(text.find('\n', place), text.size()));
}

// The last declared names before a place that stand nowhere else, the nearest first.
std::vector<Token> unused_names(std::string_view text, std::size_t place,
                                const std::vector<std::string>& declared) {
  std::map<std::string_view, int> counts;
  std::vector<Token> words = tokens_of(text, 0, text.size());
  std::erase_if(words, [](const Token& token) { return !token.is_word; });
  for (const Token& word : words) ++counts[text.substr(word.begin, word.end - word.begin)];
  std::vector<Token> unused;
  for (auto word = words.rbegin(); word != words.rend() && unused.size() < kMostUnused; ++word) {
    const std::string_view name = text.substr(word->begin, word->end - word->begin);
    if (word->end > place || counts.at(name) > 1 || !std::ranges::binary_search(declared, name)) continue;
    if (word->begin + kUnusedWindow < place) break;
    // A function is not meant to be a variable, and main() is used without being named.
    const std::size_t next = text.find_first_not_of(kBlanks, word->end);
    if (next != text.npos && text[next] == '(') continue;
    unused.push_back(*word);
  }
  return unused;
}

bool is_quoted(std::string_view message, std::string_view token) {
  for (std::size_t at = message.find(token); at != message.npos; at = message.find(token, at + 1)) {
    const std::string_view before = message.substr(0, at), behind = message.substr(at + token.size());
    const auto ends = [&](std::string_view mark) { return before.ends_with(mark); };
    const auto begins = [&](std::string_view mark) { return behind.starts_with(mark); };
    const bool is_opened = ends("'") || ends("\"") || ends("`") || ends("\xE2\x80\x98") || ends("operator") ||
                           ends(" ");  // ‘int cnt’
    const bool is_closed = begins("'") || begins("\"") || begins("`") || begins("\xE2\x80\x99");
    if (is_opened && is_closed) return true;
  }
  return false;
}

// The word in `did you mean 'word'?`, as clang, gcc, Python and TypeScript ask; empty if there is none.
std::string suggestion_of(std::string_view message) {
  constexpr std::string_view kQuestion = "id you mean";
  const std::size_t at = message.find(kQuestion);
  if (at == message.npos) return {};
  const std::string_view rest = message.substr(at + kQuestion.size());
  // Quotation marks beyond ASCII are bytes that an identifier may have.
  const auto is_of_word = [](char byte) {
    return is_identifier_byte(byte) && static_cast<unsigned char>(byte) < 0x80;
  };
  const auto begin = static_cast<std::size_t>(std::ranges::find_if(rest, is_of_word) - rest.begin());
  std::size_t end = begin;
  while (end < rest.size() && is_of_word(rest[end])) ++end;
  const std::string_view word = rest.substr(begin, end - begin);
  return is_quoted(rest, word) ? std::string(word) : std::string();
}

// What the tool says of the k-th token.
void look_at(const std::vector<Token>& tokens, std::size_t k, std::string_view text, std::string_view message,
             SmallEdits& result) {
  const Token& token = tokens[k];
  const std::string_view written = text.substr(token.begin, token.end - token.begin);
  result.token = range(token.begin, token.end);
  result.is_about_token = is_quoted(message, written);
  if (k > 0) result.follows_statement = text[tokens[k - 1].end - 1] == ';';
  if (!token.is_word) return;
  result.word = written;
  result.stands_again = std::ranges::any_of(tokens_of(text, token.end, text.size()), [&](const Token& other) {
    return text.substr(other.begin, other.end - other.begin) == written;
  });
}

}  // namespace

bool SmallEdits::is_suggested(const Edit& edit) const {
  return !suggested.empty() && edit.range == token && edit.text == suggested;
}

bool SmallEdits::is_due(const Edit& edit) const {
  if (!is_about_token) return false;
  if (!word.empty() && is_undeclared) {
    // Said of every place where it stands, so that to take it out of one is not enough.
    const bool is_in_front = edit.range.begin == token.begin && edit.range.size() == 0 &&
                             is_identifier_byte(edit.text.front()) && edit.text.ends_with(' ');
    const bool joins_list = edit.range.end == gap && edit.text == "," && follows_statement;
    if (is_in_front || joins_list || edit.text.find(word) != edit.text.npos) return true;
    if (edit.range.size() == 0) return false;
    if (stands_again || edit.text.empty()) return false;
  }
  if (edit.range.size() > 0) return edit.range.begin <= token.begin && edit.range.end >= token.end;
  return word.empty() && edit.range.begin >= gap && edit.range.begin <= token.begin;
}

SmallEdits small_edits(const Snapshot& snapshot, const Diagnostic& diagnostic) {
  const std::string_view text = snapshot.text;
  const std::size_t place = std::min<std::size_t>(diagnostic.range.begin.value, text.size());
  const std::vector<Token> tokens = tokens_near(text, place);
  if (tokens.empty()) return {};
  const auto meant = std::ranges::find_if(tokens, [&](const Token& token) { return token.end > place; });
  const auto k = static_cast<std::size_t>(meant - tokens.begin());
  const Names visible = names_visible_at(snapshot, ByteOffset{static_cast<std::uint32_t>(place)});

  SmallEdits result;
  result.lines = whole_lines(text, range(tokens.front().begin, tokens.back().end));
  if (k < tokens.size()) {
    look_at(tokens, k, text, diagnostic.message, result);
    result.gap = ByteOffset{static_cast<std::uint32_t>(k == 0 ? place : tokens[k - 1].end)};
  }
  Maker maker(snapshot, near_names(snapshot, place, visible));
  if (result.is_about_token && !result.word.empty()) {
    result.suggested = suggestion_of(diagnostic.message);
    if (!result.suggested.empty()) maker.add(tokens[k].begin, tokens[k].end, result.suggested);
  }
  maker.edit_beside(tokens, k);
  result.is_undeclared =
      !result.word.empty() && visible.ok() && !std::ranges::binary_search(visible.value(), result.word);
  if (result.is_about_token && result.is_undeclared) {
    maker.declare_before(tokens[k], result.word);
    for (const Token& unused : unused_names(text, place, visible.value())) {
      maker.add(unused.begin, unused.end, result.word);
      const ByteRange lines = whole_lines(text, range(unused.begin, unused.end));
      result.lines.begin = std::min(result.lines.begin, lines.begin);
    }
  }
  result.edits = maker.take();
  return result;
}

}  // namespace seedling
