// engine/sampler/constraint.h
//
// Constraint: which tokens can follow the certain beginning of a canvas without breaking the text around it.
//   One hole, one thread. What it says is a function of the hole and of the tokens before the position alone,
//   so every way of decoding is told the same. Where nothing would be left it rules out nothing.
//   It asks only what holds for every program, so that what a programmer would write is never ruled out:
//     a closer closes a bracket that is open, and that kind of bracket;
//     a hole does not end in a string or comment that it opened itself, nor before it has closed the brackets
//     that it or its line opened and the text behind it does not close; where all brackets around it come out
//     even, or would with a line that is missing there, they come out even with it;
//     in Python a line is indented as a line may be there, and before a deeper line stands one with a colon;
//     a line that is missing there lets the lines behind it be indented as they are, and no operator ends it;
//     where a name is surely used it is one that is there (name_rule.h);
//   And it says what goes before something else that may stand there too: members that the text knows, names
//   that it declares where others may be known, the bracket that a missing line has to close, lines that
//   declare or return what a gap asks for, values that nothing reads yet (gap_names.h).
//     what a verdict ruled out (ban) does not come back.
//   Approximate like Scanner; where the text around the hole does not read like code it rules out less.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sampler/canvas.h"
#include "engine/sampler/lexeme_table.h"
#include "engine/sampler/line_preference.h"
#include "engine/sampler/member_preference.h"
#include "engine/sampler/name_rule.h"
#include "engine/sampler/unread_preference.h"
#include "engine/structure/bracket_balance.h"
#include "engine/structure/python_lines.h"

namespace seedling {

// The hole and the text around it.
struct HoleText {
  std::string_view prefix;  // up to where the canvas begins to spell
  std::string_view suffix;  // from where it ends
  std::string_view language;
  std::size_t calm = 0;      // in the prefix: the start of a line outside of brackets, strings and comments
  bool is_one_line = false;  // the hole is what is missing of a line
  HoleNames names;           // that may be used there
};

class Constraint {
 public:
  // The tokenizer outlives this; so does what the views of `hole` point to.
  Constraint(const Tokenizer& tokenizer, std::shared_ptr<const LexemeTable> lexemes, HoleText hole,
             TokenId end);

  // Takes out of `allowed` what cannot follow the certain beginning of the canvas; `preference`: what goes
  // before others of it.
  void restrict(const Canvas& canvas, TokenSet& allowed, Preference* preference = nullptr) const;

  // Whether a token may be committed where not everything before it is certain: a word that nothing declares
  // waits, because a declaration may come to stand before it.
  bool may_run_ahead(TokenId token) const { return !name_rule_ || !name_rule_->begins_unknown(token); }

  // Never again that token behind the first `position` tokens of the canvas.
  void ban(const Canvas& canvas, int position, TokenId token);

 private:
  // The end of the certain text.
  struct State {
    Scanner scanner;
    std::size_t outer_brackets = 0;  // of those open before the hole's line, how many still are
    char string_quote = 0;           // what opened the string it stands in
  };
  struct Ban {
    std::vector<TokenId> before;
    TokenId token;
  };
  // Lines go before others by that much; those that may open a block by another measure.
  struct PreferredLine {
    LinePreference preference;
    float lead, opener_lead;
  };
  void read_prefix();
  void prefer_lines();
  void balance_brackets();
  void try_widths();
  void read_suffix();
  State state_after(std::string_view line) const;
  void prefer_in_code(const State& state, std::string_view line, Preference& preference) const;
  void restrict_in_code(const State& state, std::string_view line, TokenSet& allowed) const;
  void restrict_brackets(const State& state, TokenSet& allowed) const;
  void restrict_indentation(std::string_view line, TokenSet& allowed) const;
  void restrict_to_opener(std::string_view word, TokenSet& allowed) const;
  void erase_banned(const Canvas& canvas, TokenSet& allowed) const;
  bool is_closed(const State& state) const;
  bool misses_opener(const State& state) const;
  bool breaks_balance(const State& state) const;
  bool may_end_behind_hole(const State& state) const;
  bool may_open_block(std::string_view line) const;
  bool may_declare(const State& state, std::string_view line) const;
  bool fits_next_line(std::string_view line, bool by_newline) const;
  bool is_alone() const;
  int next_width_alone() const { return line_.empty() ? next_width_by_newline_ : next_width_; }

  const Tokenizer& tokenizer_;
  std::shared_ptr<const LexemeTable> lexemes_;
  TokenId end_;
  HoleText hole_;
  std::string line_;           // of the hole, up to the hole
  Scanner before_;             // what was read up to that line
  PythonLines python_before_;  // the same, where the language is Python
  bool is_python_;
  bool is_inert_ = false;                  // the hole lies in a string or comment: nothing but bans
  bool are_brackets_sound_ = true;         // they read like code around the hole
  bool is_suffix_sound_ = true;            // it reads like code from its beginning on
  bool is_suffix_whole_ = true;            // all of it was read
  std::string demanded_;                   // closers of the suffix without an opener in it
  std::size_t demanded_nearby_ = 0;        // of these, on its first line
  std::string rest_of_line_;               // of the suffix, without its newline
  std::optional<BracketBalance> balance_;  // where brackets have to come out even
  bool may_be_whole_line_ = false;         // the hole begins a line, and so does the suffix
  int next_width_ = -1;                    // of the first logical line behind the hole's line; -1: none
  int next_width_by_newline_ = -1;         // the same, if the hole ends with its line
  std::vector<bool> fitting_widths_;       // of the hole's line, up to that of the next; empty: not known
  bool needs_line_ = false;  // what is behind the hole cannot stand without a line of code in it
  std::optional<NameRule> name_rule_;
  std::optional<MemberPreference> members_;
  std::optional<UnreadPreference> unread_;
  std::vector<PreferredLine> preferred_lines_;  // what the gap asks for, first things first
  std::vector<Ban> bans_;
};

}  // namespace seedling
