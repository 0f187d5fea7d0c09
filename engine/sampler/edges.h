// engine/sampler/edges.h
//
// Token healing at both edges of a hole: its tokens must begin by spelling `left` and end by spelling
// `right`, the pieces of words that touch the hole from outside.
//   Pure questions about a canvas; the only state is whether the right edge was given up, and from what it is
//   kept apart. Thread-free.
//   At the left edge the leftmost masked position has to go on spelling until `left` is complete, and nothing
//   else may be committed before. At the right edge, once <end> stands, the masked position next to it goes
//   on spelling backwards, and every other position leaves it room. So a committed canvas can nearly always
//   be completed. Special tokens other than <end> are never allowed anywhere. A constraint (constraint.h)
//   rules out more at the position behind the certain tokens, as long as it leaves something to write; so
//   does what keeps a candidate apart from others.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sampler/canvas.h"
#include "engine/sampler/layout.h"
#include "engine/sampler/preference.h"
#include "engine/sampler/token_set.h"
#include "engine/tokenizer/tokenizer.h"

namespace seedling {

class Constraint;

class Edges {
 public:
  // The tokenizer outlives this. vocab_size: columns of a row of logits, at least the tokenizer's vocabulary.
  Edges(const Tokenizer& tokenizer, PartialWords words, TokenId end, int vocab_size);

  // From now on; null: none. It outlives this.
  void constrain(const Constraint* constraint) { constraint_ = constraint; }
  bool is_constrained() const { return constraint_ != nullptr; }
  double constraint_ms() const { return constraint_ms_; }  // what asking it has taken

  // What may stand at a masked position. The reference is valid until the canvas changes.
  const TokenSet& allowed(const Canvas& canvas, int position);

  // The same for the backend, with what goes before other tokens there. Valid as long.
  void ask(const Canvas& canvas, int position, RowQuery& query);

  // What goes before other tokens at the position that was asked about last and lies behind the certain
  // tokens.
  const Preference& preference() const { return preference_; }

  // Whether `token` may be committed at a masked position now.
  bool permits(const Canvas& canvas, int position, TokenId token);

  // The position that may have to be committed before any other: the one that goes on spelling `left`, else
  // the one that goes on spelling `right`; -1 if both are spelt or still free.
  int urgent_position(const Canvas& canvas) const;

  // What is left of `left` to be spelt by the first masked position.
  std::string_view left_rest(const Canvas& canvas) const;

  // No longer asks for `right`: for a canvas on which no token can complete it.
  void give_up_right() { words_.right.clear(); }

  // From now on the text behind the first `position` tokens of this canvas begins with none of `tokens`, and
  // does not spell one of them with several others either: candidates that begin so are there already.
  void keep_apart(const Canvas& canvas, int position, std::vector<TokenId> tokens);

 private:
  // Behind the tokens `before`.
  struct Apart {
    std::vector<TokenId> before;
    std::vector<TokenId> tokens;
  };
  const TokenSet& allowed_by_edges(const Canvas& canvas, int position);
  bool edges_permit(const Canvas& canvas, int position, TokenId token) const;
  int urgent_right(const Canvas& canvas) const;
  bool leaves_room(const Canvas& canvas, int position, int urgent) const;
  bool may_end_at(const Canvas& canvas, int position) const;
  bool continues_left(std::string_view rest, TokenId token) const;
  bool continues_right(const Canvas& canvas, int position, TokenId token) const;
  void erase_apart(const Canvas& canvas, int position, TokenSet& allowed) const;

  const Tokenizer& tokenizer_;
  PartialWords words_;
  TokenId end_;
  TokenSet ordinary_;   // every token that spells something
  TokenSet anything_;   // and <end>
  TokenSet left_set_;   // at the position that goes on spelling `left`
  TokenSet right_set_;  // and `right`
  std::optional<Apart> apart_;
  const Constraint* constraint_ = nullptr;
  double constraint_ms_ = 0;
  TokenSet constrained_set_;  // at the position behind the certain tokens
  Preference preference_;     // the same
};

// The bytes of tokens [from, to).
std::string spell(const Tokenizer& tokenizer, const Canvas& canvas, int from, int to);

}  // namespace seedling
