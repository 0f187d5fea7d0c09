// engine/sampler/line_preference.h
//
// LinePreference: the tokens that begin a line which does with certain names what a gap asks for
// (gap_names.h): declares what the text behind it uses and nothing declares, or returns what nothing reads.
//   One hole, one thread. Token by token, until the name and what introduces it stand; it rules out nothing,
//   because another line may come first. How such lines begin is said by sections of the language's
//   words.txt; where there is none, nothing is preferred.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sampler/lexeme_table.h"
#include "engine/sampler/preference.h"

namespace seedling {

class LinePreference {
 public:
  // The table outlives this.
  LinePreference(const Tokenizer& tokenizer, const LexemeTable& lexemes, std::string_view language,
                 std::span<const std::string_view> sections, const std::vector<std::string>& names);

  // Whether there are no such lines.
  bool is_empty() const { return beginnings_.empty(); }

  // Sets what is preferred behind a line of code. False if the line goes on otherwise, or has all that.
  // may_open: the line may open a block.
  bool prefer(std::string_view line, bool may_open, float lead, Preference& preference) const;

 private:
  // Of a line, as the tokenizer cuts it: other tokens spell it too, but the model hardly knows them.
  struct Beginning {
    std::string text;
    std::vector<TokenId> tokens;
    bool opens_block = false;
  };
  void add_towards(const Beginning& beginning, std::string_view begun, TokenSet& found) const;

  const Tokenizer& tokenizer_;
  const LexemeTable& lexemes_;
  std::vector<Beginning> beginnings_;
};

}  // namespace seedling
