#include "engine/sampler/edges.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "engine/sampler/constraint.h"

namespace seedling {
namespace {

// Whether a text whose known end is `tail` can still end with `right`; `is_whole` says that nothing precedes
// the tail.
bool can_end_with(std::string_view tail, std::string_view right, bool is_whole) {
  if (tail.size() >= right.size()) return tail.ends_with(right);
  return !is_whole && right.ends_with(tail);
}

// Start of the run of committed positions that ends before `position`.
int run_start(const Canvas& canvas, int position) {
  while (position > 0 && !canvas.is_masked(position - 1)) --position;
  return position;
}

}  // namespace

std::string spell(const Tokenizer& tokenizer, const Canvas& canvas, int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += tokenizer.bytes(canvas.tokens[i]);
  return text;
}

Edges::Edges(const Tokenizer& tokenizer, PartialWords words, TokenId end, int vocab_size)
    : tokenizer_(tokenizer),
      words_(std::move(words)),
      end_(end),
      ordinary_(vocab_size),
      anything_(vocab_size) {
  const int known = std::min(vocab_size, tokenizer.vocab_size());
  for (TokenId token = 0; token < known; ++token) {
    if (token == end || tokenizer.is_special(token) || tokenizer.bytes(token).empty()) continue;
    ordinary_.insert(token);
    anything_.insert(token);
  }
  anything_.insert(end);
}

std::string_view Edges::left_rest(const Canvas& canvas) const {
  std::size_t spelt = 0;
  for (int i = 0; i < canvas.size() && !canvas.is_masked(i) && spelt < words_.left.size(); ++i) {
    spelt += tokenizer_.bytes(canvas.tokens[i]).size();
  }
  return std::string_view(words_.left).substr(std::min(spelt, words_.left.size()));
}

// The masked position next to the run of tokens before <end>, if that run does not spell `right` yet.
int Edges::urgent_right(const Canvas& canvas) const {
  if (words_.right.empty() || !canvas.ended()) return -1;
  const int start = run_start(canvas, canvas.size() - 1);
  if (start == 0) return -1;
  const std::string tail = spell(tokenizer_, canvas, start, canvas.size() - 1);
  return tail.size() < words_.right.size() ? start - 1 : -1;
}

int Edges::urgent_position(const Canvas& canvas) const {
  if (!left_rest(canvas).empty()) return first_masked(canvas);
  return urgent_right(canvas);
}

bool Edges::continues_left(std::string_view rest, TokenId token) const {
  const std::string_view bytes = tokenizer_.bytes(token);
  return bytes.starts_with(rest) || rest.starts_with(bytes);
}

// REQUIRES: <end> stands, and everything between `position` and it is committed.
bool Edges::continues_right(const Canvas& canvas, int position, TokenId token) const {
  const int start = run_start(canvas, position);
  std::string tail = spell(tokenizer_, canvas, start, position);
  tail += tokenizer_.bytes(token);
  tail += spell(tokenizer_, canvas, position + 1, canvas.size() - 1);
  return can_end_with(tail, words_.right, start == 0);
}

// Whether enough masked positions stay next to `urgent` to spell the rest of `right` byte by byte, come what
// may.
bool Edges::leaves_room(const Canvas& canvas, int position, int urgent) const {
  int room = 0;
  while (urgent - room >= 0 && urgent - room != position && canvas.is_masked(urgent - room)) ++room;
  const std::string tail = spell(tokenizer_, canvas, urgent + 1, canvas.size() - 1);
  return tail.size() + room >= words_.right.size();
}

bool Edges::may_end_at(const Canvas& canvas, int position) const {
  const int start = run_start(canvas, position);
  return can_end_with(spell(tokenizer_, canvas, start, position), words_.right, start == 0);
}

bool Edges::edges_permit(const Canvas& canvas, int position, TokenId token) const {
  if (!anything_.contains(token)) return false;
  const std::string_view rest = left_rest(canvas);
  if (!rest.empty()) {
    if (token == end_ || position != first_masked(canvas) || !continues_left(rest, token)) return false;
  }
  if (token == end_) return may_end_at(canvas, position);
  const int urgent = urgent_right(canvas);
  if (urgent < 0) return true;
  if (position == urgent) return continues_right(canvas, position, token);
  return !rest.empty() || leaves_room(canvas, position, urgent);  // the left edge goes first
}

bool Edges::permits(const Canvas& canvas, int position, TokenId token) {
  if (!edges_permit(canvas, position, token)) return false;
  if (constraint_ == nullptr && !apart_) return true;
  if (position != first_masked(canvas)) return constraint_ == nullptr || constraint_->may_run_ahead(token);
  return allowed(canvas, position).contains(token);
}

void Edges::keep_apart(const Canvas& canvas, int position, std::vector<TokenId> tokens) {
  apart_ = Apart{{canvas.tokens.begin(), canvas.tokens.begin() + position}, std::move(tokens)};
}

// REQUIRES: `position` lies behind the certain tokens.
void Edges::erase_apart(const Canvas& canvas, int position, TokenSet& allowed) const {
  const int begin = static_cast<int>(apart_->before.size());
  if (position < begin || !std::ranges::equal(apart_->before, std::span(canvas.tokens).first(begin))) return;
  const std::string spelt = spell(tokenizer_, canvas, begin, position);
  for (const TokenId other : apart_->tokens) {
    if (spelt.empty()) allowed.erase(other);
    const std::string_view bytes = tokenizer_.bytes(other);
    if (spelt.empty() || spelt.size() >= bytes.size() || !bytes.starts_with(spelt)) continue;
    const std::string_view rest = bytes.substr(spelt.size());
    for (const TokenId token : tokenizer_.tokens_consistent_with(rest))
      if (tokenizer_.bytes(token).starts_with(rest)) allowed.erase(token);
  }
}

const TokenSet& Edges::allowed(const Canvas& canvas, int position) {
  const TokenSet& by_edges = allowed_by_edges(canvas, position);
  if ((constraint_ == nullptr && !apart_) || position != first_masked(canvas)) return by_edges;
  constrained_set_ = by_edges;
  if (constraint_ != nullptr) {
    const auto start = std::chrono::steady_clock::now();
    constraint_->restrict(canvas, constrained_set_, &preference_);
    constraint_ms_ +=
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  if (!apart_) return constrained_set_;
  TokenSet apart = constrained_set_;
  erase_apart(canvas, position, apart);
  if (apart.empty()) return constrained_set_;
  constrained_set_ = std::move(apart);
  if (!preference_.is_empty()) preference_.tokens.keep_only(constrained_set_);
  return constrained_set_;
}

void Edges::ask(const Canvas& canvas, int position, RowQuery& query) {
  query.allowed = allowed(canvas, position).words();
  const bool is_behind_certain = constraint_ != nullptr && position == first_masked(canvas);
  query.preferred = is_behind_certain ? preference_.words() : nullptr;
}

const TokenSet& Edges::allowed_by_edges(const Canvas& canvas, int position) {
  const std::string_view rest = left_rest(canvas);
  const bool is_left = !rest.empty() && position == first_masked(canvas);
  const bool is_right = position == urgent_right(canvas);
  if (!is_left && !is_right) {
    // Only one <end> can stand; what is proposed before it is ordinary, unless the hole may end there after
    // all.
    return may_end_at(canvas, position) ? anything_ : ordinary_;
  }
  TokenSet& set = is_left ? left_set_ : right_set_;
  set = TokenSet(ordinary_.vocab_size());
  const auto keep = [&](TokenId token) {
    if (ordinary_.contains(token) && (!is_right || continues_right(canvas, position, token)))
      set.insert(token);
  };
  if (is_left) {
    for (const TokenId token : tokenizer_.tokens_consistent_with(rest)) keep(token);
  } else {
    for (TokenId token = 0; token < ordinary_.vocab_size(); ++token) keep(token);
  }
  if (!is_left && may_end_at(canvas, position)) set.insert(end_);  // the hole may be shorter still
  return set;
}

}  // namespace seedling
