// engine/structure/at_hole.h
//
// What is known of the place where a hole begins, before anything is written there.
//   Pure; any thread; two parses (the text with a name in the hole's place, and the text before the hole) and
//   one walk. `terminals` is a left-to-right notion: it holds at the left edge of the hole only, and lists
//   what the grammar's tables allow there, which can be a little more than the language does. Errors:
//   unsupported for an unknown language, stopped when the token was set.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/structure/scopes.h"
#include "engine/types.h"

namespace seedling {

// What is being written.
enum class Written {
  statement,   // the start of one
  expression,  // a value, or a name that is used in one
  name,        // a name that this place declares
  member,      // what follows a dot
  type,
  label,
  comment,
  string,
  other,  // an operator, a keyword, or text that does not parse
};

struct VisibleName {
  std::string name;
  NameKind kind = NameKind::variable;
};

struct AtHole {
  Written written = Written::other;
  bool is_word_begun = false;               // the hole goes on with the name that ends right before it
  std::string_view enclosing;               // kind of the smallest named node around the hole
  std::string indent;                       // the blanks at the start of the line
  std::string open_brackets;                // outermost first; '$' is the ${ of a template
  std::string expected_closers;             // what closes them, the next one first
  std::vector<VisibleName> names;           // that a bare name can mean, innermost scope first
  std::vector<VisibleName> members;         // of self, this or the receiver, as far as the text says
  bool is_closed = false;                   // a bare name must be among `names` or built in
  std::vector<std::string_view> terminals;  // kinds of tokens that can come next, sorted; empty if not known
};

Result<AtHole> at_hole(const Snapshot& snapshot, ByteRange hole, std::stop_token stop = {});

}  // namespace seedling
