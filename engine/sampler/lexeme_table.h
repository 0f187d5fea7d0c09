// engine/sampler/lexeme_table.h
//
// LexemeTable: what each token of a vocabulary does to a text in one language: the brackets it closes, the
// line it ends, the blanks it begins with, the words it goes on with.
//   Made once for a vocabulary and a language (a few milliseconds), immutable after that; any thread. With it
//   a question about all tokens becomes one about a few sets of them.
//   Approximate where a token opens a string or comment: what stands behind that is not looked at.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sampler/token_set.h"
#include "engine/tokenizer/tokenizer.h"
#include "grammars/registry.h"

namespace seedling {

// The words with which a Python line can open a block.
std::span<const std::string_view> python_openers();

class LexemeTable {
 public:
  // The tokenizer outlives the table. vocab_size: columns of a row of logits.
  LexemeTable(const Tokenizer& tokenizer, std::string_view language, int vocab_size);

  // Tokens that, in code, close brackets which they do not open themselves, by these closers in their order.
  struct Closing {
    std::string closers;
    TokenSet tokens;
  };
  const std::vector<Closing>& closing() const { return closing_; }

  // Tokens with a line end in them.
  const TokenSet& ending_line() const { return ending_line_; }

  // What tokens do at the start of a line: those that stay in its blanks, by how many they are, and those
  // that write something behind so many. Comments and line ends write nothing; they are in neither.
  struct Indenting {
    int blanks;
    TokenSet only_blanks;
    TokenSet and_more;
  };
  const std::vector<Indenting>& indenting() const { return indenting_; }
  // Tokens that end the line (and perhaps more lines) and begin the next one with so many blanks.
  struct Breaking {
    int blanks;
    TokenSet tokens;
  };
  const std::vector<Breaking>& breaking() const { return breaking_; }

  // Tokens that begin with a letter, a digit or an underscore.
  const TokenSet& going_on_with_word() const { return going_on_with_word_; }

  // Tokens that begin with a letter, behind one blank or behind none; and of these the ones behind a blank.
  const TokenSet& starting_word() const { return starting_word_; }
  const TokenSet& word_behind_blank() const { return word_behind_blank_; }

  // Of these, the tokens that are a beginning of one of the words, or a whole one with something behind it.
  // REQUIRES: words are sorted.
  TokenSet starts_of(std::span<const std::string> words) const;

  // The same of tokens that begin with a dot: those that go on with one of the words behind it; and all of
  // these tokens.
  TokenSet dotted_starts_of(std::span<const std::string> words) const;
  const TokenSet& starting_member() const { return starting_member_; }

  // Tokens that, behind blanks, begin with a closer: ')', ']' or '}'; and with anything but a line end.
  const TokenSet& starting_closer(char closer) const {
    return starting_closer_[closer == ')' ? 0 : closer == ']' ? 1 : 2];
  }
  const TokenSet& solid() const { return solid_; }

  // Tokens that, in code, open a comment up to the end of the line.
  const TokenSet& opening_comment() const { return opening_comment_; }

  // Tokens that begin, behind blanks or none, a word with which a line of the language opens a block.
  const TokenSet& opening_block() const { return opening_block_; }

  // Tokens that begin, behind no blank or behind one, a word with which a Python line opens a block.
  const TokenSet& towards_opener(bool is_behind_blank) const { return towards_opener_[is_behind_blank]; }

  // Takes into `found` the tokens that go on from `part`, the beginning of a word, towards `word`, or that
  // end the word there.
  void add_towards(std::string_view word, std::string_view part, TokenSet& found) const;

 private:
  void add_at_line_start(TokenId token, std::string_view bytes);
  void add_start(TokenId token, std::string_view bytes);
  void add_solid(TokenId token, std::string_view bytes, const Grammar* grammar);

  const Tokenizer& tokenizer_;
  int vocab_size_;
  std::vector<Closing> closing_;
  struct Start {
    std::string_view word;  // the letters, digits and underscores that the token begins with
    TokenId token;
    bool goes_past;  // something else follows in the token
  };
  TokenSet starts_in(std::span<const Start> starts, std::span<const std::string> words) const;
  std::vector<Start> starts_, dotted_starts_;  // sorted by word
  TokenSet ending_line_, going_on_with_word_, starting_word_, word_behind_blank_;
  TokenSet starting_member_, solid_, opening_comment_, opening_block_;
  std::array<TokenSet, 3> starting_closer_;
  std::array<TokenSet, 2> towards_opener_;
  std::vector<Indenting> indenting_;
  std::vector<Breaking> breaking_;
};

}  // namespace seedling
