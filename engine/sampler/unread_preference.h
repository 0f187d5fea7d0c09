// engine/sampler/unread_preference.h
//
// UnreadPreference: where a value may stand, the names around the hole that nothing reads yet
// (gap_names.h): what was computed or passed is used somewhere, and a gap is where that may be.
//   One hole, one thread. It says which token begins such a name, and rules out nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/sampler/lexeme_table.h"
#include "engine/sampler/preference.h"

namespace seedling {

class UnreadPreference {
 public:
  // The table outlives this.
  UnreadPreference(const Tokenizer& tokenizer, const LexemeTable& lexemes,
                   const std::vector<std::string>& unread);

  // Sets what is preferred behind a line of code. False where no value begins, or where the line has all such
  // names already.
  bool prefer(std::string_view line, float lead, Preference& preference) const;

 private:
  struct Name {
    std::string text;
    TokenId start, start_behind_blank;  // what the tokenizer begins it with
  };
  const LexemeTable& lexemes_;
  std::vector<Name> names_;
};

}  // namespace seedling
