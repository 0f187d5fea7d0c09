// engine/sampler/name_rule.h
//
// NameRule: at a place where a name is surely used and not declared, only names that are there may be
// written.
//   One hole, one thread. Token by token: a piece of a word may stand as long as the word can still become
//   one of the names. Sure are few places, because much that reads like a use turns out to be a declaration
//   later
//   (`x for x in`, `y => y`, `f(key=1)`): behind certain operators and words, on the first line of a hole.
//   Everywhere else the verdict on the whole text tells (hole_check.h). Where names may be known that cannot
//   be seen, those that can be seen are preferred. Languages: Python, JavaScript and TypeScript; for others
//   nothing is said.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sampler/lexeme_table.h"
#include "engine/sampler/preference.h"
#include "engine/structure/lexical.h"

namespace seedling {

class NameRule {
 public:
  // names: sorted, without repetitions, keywords and built-in ones included; are_all: no other one may be
  // used.
  NameRule(const LexemeTable& lexemes, std::string_view language, std::vector<std::string> names,
           bool are_all = true);

  // Takes out of `allowed` what cannot follow a line that is certain up to here; `scanner` has read it.
  // REQUIRES: it is code.
  void restrict(std::string_view line, const Scanner& scanner, TokenSet& allowed) const;

  // Sets what is preferred there, where not all names are known.
  void prefer(std::string_view line, const Scanner& scanner, float lead, Preference& preference) const;

  // Whether a token begins a word that no name begins like: what it is may be decided by what stands before.
  bool begins_unknown(TokenId token) const {
    return are_all_ && lexemes_.starting_word().contains(token) && !starts().contains(token);
  }

 private:
  const TokenSet& starts() const {
    if (!starts_) starts_ = lexemes_.starts_of(names_);
    return *starts_;
  }
  bool is_use(std::string_view before, const Scanner& scanner) const;
  bool is_known(std::string_view word, std::string_view line) const;
  void restrict_word(std::string_view word, std::string_view line, TokenSet& allowed) const;
  void restrict_start(std::string_view line, TokenSet& allowed) const;

  const LexemeTable& lexemes_;
  bool is_python_, is_script_, are_all_;
  std::vector<std::string> names_;
  mutable std::optional<TokenSet> starts_;  // tokens towards any of the names, once somebody has asked
};

}  // namespace seedling
