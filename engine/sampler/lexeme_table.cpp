#include "engine/sampler/lexeme_table.h"

#include <algorithm>

#include "engine/structure/lexical.h"
#include "grammars/words.h"

namespace seedling {
namespace {

constexpr std::string_view kPythonOpeners[] = {"if",  "for",    "while",   "else", "elif",  "def",   "class",
                                               "try", "except", "finally", "with", "async", "match", "case"};

// The closers of brackets that a text closes without having opened them, as far as it is code.
std::string unmatched_closers(std::string_view text, std::string_view language) {
  Scanner scanner(language);
  std::string closers;
  for (std::size_t at = 0; at < text.size() && scanner.is_in_code();) {
    const std::size_t open = scanner.open_brackets().size();
    const std::size_t next = scanner.step(text, at);
    const bool closes = is_closer(text[at]) && scanner.is_in_code();
    if (closes && scanner.open_brackets().size() == open) closers += text[at];
    at = next;
  }
  return closers;
}

template <class Row, class Matches>
Row& row_of(std::vector<Row>& rows, const Matches& matches, Row fresh) {
  const auto found = std::find_if(rows.begin(), rows.end(), matches);
  if (found != rows.end()) return *found;
  rows.push_back(std::move(fresh));
  return rows.back();
}

}  // namespace

std::span<const std::string_view> python_openers() {
  return kPythonOpeners;
}

LexemeTable::LexemeTable(const Tokenizer& tokenizer, std::string_view language, int vocab_size)
    : tokenizer_(tokenizer),
      vocab_size_(vocab_size),
      ending_line_(vocab_size),
      going_on_with_word_(vocab_size),
      starting_word_(vocab_size),
      word_behind_blank_(vocab_size),
      starting_member_(vocab_size),
      solid_(vocab_size),
      opening_comment_(vocab_size),
      opening_block_(vocab_size),
      starting_closer_{TokenSet(vocab_size), TokenSet(vocab_size), TokenSet(vocab_size)},
      towards_opener_{TokenSet(vocab_size), TokenSet(vocab_size)} {
  for (const std::string_view word : kPythonOpeners) {
    if (language != "python") break;
    add_towards(word, "", towards_opener_[0]);
    add_towards(" " + std::string(word), "", towards_opener_[1]);
  }
  const Grammar* grammar = grammar_of(language);
  for (TokenId token = 0; token < std::min(vocab_size, tokenizer.vocab_size()); ++token) {
    const std::string_view bytes = tokenizer.bytes(token);
    if (bytes.empty()) continue;
    if (bytes.find_first_of(")]}") != std::string_view::npos) {
      std::string closers = unmatched_closers(bytes, language);
      if (!closers.empty()) {
        row_of(closing_, [&](const Closing& row) { return row.closers == closers; },
               {closers, TokenSet(vocab_size)})
            .tokens.insert(token);
      }
    }
    if (is_identifier_byte(bytes.front())) going_on_with_word_.insert(token);
    add_at_line_start(token, bytes);
    add_start(token, bytes);
    add_solid(token, bytes, grammar);
  }
  std::ranges::sort(starts_, {}, &Start::word);
  std::ranges::sort(dotted_starts_, {}, &Start::word);
}

void LexemeTable::add_solid(TokenId token, std::string_view bytes, const Grammar* grammar) {
  const std::size_t solid = bytes.find_first_not_of(" \t");
  if (solid == std::string_view::npos || bytes[solid] == '\n' || bytes[solid] == '\r') return;
  solid_.insert(token);
  const std::string_view text = bytes.substr(solid);
  constexpr std::string_view kClosers = ")]}";
  const std::size_t closer = kClosers.find(text.front());
  if (closer != std::string_view::npos) starting_closer_[closer].insert(token);
  if (grammar == nullptr) return;
  const bool has_hash = is_word(*grammar, "lexical", "hash-comments");
  const std::size_t comment = text.find(has_hash ? "#" : "//");
  const bool is_comment = comment != std::string_view::npos;
  if (is_comment && text.find_first_of("\"'`") >= comment) opening_comment_.insert(token);
  std::size_t end = 0;
  while (end < text.size() && is_identifier_byte(text[end])) ++end;
  if (end > 0 && is_word(*grammar, "openers", text.substr(0, end))) opening_block_.insert(token);
}

void LexemeTable::add_start(TokenId token, std::string_view bytes) {
  const bool is_dotted = bytes.starts_with('.');
  const std::string_view text = bytes.starts_with(' ') || is_dotted ? bytes.substr(1) : bytes;
  std::size_t end = 0;
  while (end < text.size() && is_identifier_byte(text[end])) ++end;
  const bool is_number = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (end == 0 || is_number) return;
  if (is_dotted) {
    dotted_starts_.push_back({text.substr(0, end), token, end < text.size()});
    starting_member_.insert(token);
    return;
  }
  starts_.push_back({text.substr(0, end), token, end < text.size()});
  starting_word_.insert(token);
  if (text.size() < bytes.size()) word_behind_blank_.insert(token);
}

TokenSet LexemeTable::starts_of(std::span<const std::string> words) const {
  return starts_in(starts_, words);
}

TokenSet LexemeTable::dotted_starts_of(std::span<const std::string> words) const {
  return starts_in(dotted_starts_, words);
}

TokenSet LexemeTable::starts_in(std::span<const Start> starts, std::span<const std::string> words) const {
  TokenSet found(vocab_size_);
  auto word = words.begin();
  for (const Start& start : starts) {
    while (word != words.end() && *word < start.word) ++word;
    if (word == words.end()) break;
    if (start.goes_past ? *word == start.word : word->starts_with(start.word)) found.insert(start.token);
  }
  return found;
}

void LexemeTable::add_at_line_start(TokenId token, std::string_view bytes) {
  const std::size_t newline = bytes.rfind('\n');
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  const std::size_t word = std::min(bytes.find_first_not_of(' ', begin), bytes.size());
  const int blanks = static_cast<int>(word - begin);
  if (newline != std::string_view::npos) {
    ending_line_.insert(token);
    if (word < bytes.size()) return;
    row_of(breaking_, [&](const Breaking& row) { return row.blanks == blanks; },
           {blanks, TokenSet(vocab_size_)})
        .tokens.insert(token);
    return;
  }
  if (word < bytes.size() && (bytes[word] == '#' || bytes[word] == '\r')) return;
  Indenting& row = row_of(indenting_, [&](const Indenting& other) { return other.blanks == blanks; },
                          {blanks, TokenSet(vocab_size_), TokenSet(vocab_size_)});
  (word == bytes.size() ? row.only_blanks : row.and_more).insert(token);
}

void LexemeTable::add_towards(std::string_view word, std::string_view part, TokenSet& found) const {
  if (!word.starts_with(part) || word.size() == part.size()) return;
  const std::string_view rest = word.substr(part.size());
  for (const TokenId token : tokenizer_.tokens_consistent_with(rest)) {
    const std::string_view bytes = tokenizer_.bytes(token);
    const bool goes_past = bytes.size() > rest.size() && is_identifier_byte(bytes[rest.size()]);
    if (!goes_past && token < vocab_size_) found.insert(token);
  }
}

}  // namespace seedling
