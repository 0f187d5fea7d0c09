// engine/structure/bracket_balance.h
//
// BracketBalance: which brackets have to be open where a hole ends, so that those before and behind it come
// out even, in languages whose blocks stand in brackets; and whether a line that is missing there has to
// close or to open some.
//   A plain value, made in one pass over both texts; one thread. Says nothing where the texts do not read
//   like code, and of a missing line only what brackets and indentation say alike: somebody who writes from
//   the top down leaves brackets open for a while.
//   Approximate like Scanner.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace seedling {

class BracketBalance {
 public:
  // prefix: from the start of a line outside of brackets, strings and comments.
  BracketBalance(std::string_view prefix, std::string_view suffix, std::string_view language);

  // Behind the hole more would have to be read than is worth it, or no sense was made of it.
  bool is_known() const { return is_known_; }

  // Whether these brackets, outermost first, are just what the text behind the hole closes.
  bool is_even(std::string_view open) const;
  // The same of the brackets that are open before the hole.
  bool is_even() const { return is_known_ && is_even(open_); }

  // If the hole is a whole line that is missing: the closers that it has to write more than it opens.
  // Empty: none.
  const std::string& missing_closers() const { return missing_closers_; }
  // Whether it has to open brackets that the text behind it closes.
  bool misses_openers() const { return misses_openers_; }

 private:
  // Where a bracket was opened that is open before the hole.
  struct Opened {
    std::size_t width;  // of its line
    std::size_t line;
  };
  void read_prefix(std::string_view prefix, std::string_view language);
  void read_suffix(std::string_view suffix, std::string_view language);
  void note_width(std::size_t width);
  void find_missing();

  bool is_known_ = true;
  std::string open_;            // before the hole
  std::vector<Opened> opened_;  // each of them
  std::string demanded_;        // closers behind the hole without an opener there
  // The last line of code before the hole, and the first one behind the hole's line.
  bool has_before_ = false, has_behind_ = false, before_opens_ = false, behind_closes_ = false;
  std::size_t before_width_ = 0, behind_width_ = 0;
  std::size_t unit_ = 0;  // the least indentation of a line; 0: no line is indented
  std::string missing_closers_;
  bool misses_openers_ = false;
};

}  // namespace seedling
