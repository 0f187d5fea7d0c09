// engine/structure/lexical.h
//
// Reads a text from left to right and knows at each point whether it stands in a string or comment and which
// brackets are open. Used where a parse would say little: the text before a cursor is usually unfinished.
//   Pure; one pass. Approximate by design: regular expressions are recognised by what stands before them, and
//   an unclosed one-line string ends with its line, so that a mistake stays on its line.
//   Unknown languages read as C.
#pragma once

#include <string>
#include <string_view>

namespace seedling {

struct LexicalRules;

class Scanner {
 public:
  explicit Scanner(std::string_view language);

  // Reads one piece of `text` that starts at `at` and returns where the next one starts, at most text.size().
  //   In code a piece is one byte or what opens a string or comment. REQUIRES: at < text.size(); called in
  //   order.
  std::size_t step(std::string_view text, std::size_t at);

  bool is_in_string() const { return state_ == State::string; }
  bool is_in_comment() const { return state_ == State::line_comment || state_ == State::block_comment; }
  bool is_in_code() const { return state_ == State::code; }

  // The brackets that are open, outermost first; '$' stands for the ${ of a template.
  const std::string& open_brackets() const { return open_; }

 private:
  enum class State { code, string, line_comment, block_comment };
  std::size_t step_code(std::string_view text, std::size_t at);
  std::size_t step_string(std::string_view text, std::size_t at);
  std::size_t open_string(std::string_view text, std::size_t at);
  bool may_start_regex() const;
  void close_bracket(char closer);

  const LexicalRules* rules_;  // constant after construction
  State state_ = State::code;
  std::string open_;
  std::string string_end_;     // what closes the string
  bool is_raw_ = false;        // a backslash escapes nothing
  bool is_multiline_ = false;  // the string survives the end of its line
  bool is_in_class_ = false;   // inside the [...] of a regular expression
  std::string word_;           // the identifier or number read last, if nothing but blanks follows it
  bool word_is_over_ = true;   // a blank followed it
  char last_ = '\n';           // the last byte of code that was not blank
};

inline bool is_opener(char c) {
  return c == '(' || c == '[' || c == '{';
}
inline bool is_closer(char c) {
  return c == ')' || c == ']' || c == '}';
}
// '$' opens what '}' closes.
inline bool is_pair(char opener, char closer) {
  return (opener == '(' && closer == ')') || (opener == '[' && closer == ']') ||
         ((opener == '{' || opener == '$') && closer == '}');
}
inline bool is_identifier_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

// The word that a text begins or ends with; empty if it does with none.
inline std::string_view word_at(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_identifier_byte(text[end])) ++end;
  return text.substr(0, end);
}
inline std::string_view last_word(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && is_identifier_byte(text[begin - 1])) --begin;
  return text.substr(begin);
}

}  // namespace seedling
