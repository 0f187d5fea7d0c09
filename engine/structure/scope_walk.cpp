// One walk over a syntax tree, which fills a ScopeTable by the rules of the language.
#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "engine/structure/lexical.h"
#include "engine/structure/scope_parts.h"
#include "engine/structure/scope_rules.h"
#include "engine/structure/scopes.h"

namespace seedling {
namespace {

// How names of a pattern are declared; the rule at its root decides, the leaves inherit.
struct Binding {
  bool is_active = false;
  bool is_bare = true;
  NameKind kind = NameKind::variable;
  ScopeIndex scope = 0;
  std::uint32_t visible_from = kNoIndex;  // kNoIndex: from the end of the name
};

struct Frame {
  TSNode node{};
  std::uint16_t symbol = 0;
  std::uint16_t field = 0;
  std::uint32_t named_index = 0;     // among the named children of its parent
  std::uint32_t named_children = 0;  // seen so far
  ScopeIndex scope = 0;              // the scope its children stand in
  std::uint32_t first_reference = 0;
  Binding binding;
  bool is_lenient = false;
  bool is_guard = false;
};

bool fits(std::string_view text, const ScopeRules::Text& wanted) {
  switch (wanted.fit) {
    case ScopeRules::Text::Fit::start:
      return text.starts_with(wanted.text);
    case ScopeRules::Text::Fit::inside:
      return text.find(wanted.text) != std::string_view::npos;
    case ScopeRules::Text::Fit::whole:
    case ScopeRules::Text::Fit::other:
      return text == wanted.text;
  }
  return false;
}

bool is_name(std::string_view text) {
  const char first = text.front();
  return (is_identifier_byte(first) && (first < '0' || first > '9')) || first == '$' || first == '#';
}

}  // namespace

class ScopeWalk {
 public:
  ScopeWalk(TSNode root, const Grammar& grammar, std::string_view text, ScopeTable& table)
      : rules_(scope_rules_of(grammar)), text_(text), table_(table) {
    table_.grammar_ = &grammar;
    table_.scopes_.push_back({{ByteOffset{0}, ByteOffset{static_cast<std::uint32_t>(text.size())}}});
    Frame frame;
    frame.node = root;
    frame.symbol = ts_node_symbol(root);
    frames_.push_back(frame);
    note_errors(root);
    if (frame.symbol < rules_.by_symbol.size()) apply_marks_of_root(frame);
    cursor_ = ts_tree_cursor_new(root);
  }
  ~ScopeWalk() { ts_tree_cursor_delete(&cursor_); }
  ScopeWalk(const ScopeWalk&) = delete;
  ScopeWalk& operator=(const ScopeWalk&) = delete;

  void run() {
    walk_tree();
    // A script sees the names of the other scripts beside it.
    table_.shares_names_ = rules_.are_files_shared && !is_separate_;
  }

  // Of the whole tree only the construct under a cursor, the one after so many named ones; whether it makes
  // the file stand alone.
  bool run_at(const TSTreeCursor& cursor, std::uint32_t named_before) {
    ts_tree_cursor_reset_to(&cursor_, &cursor);
    // What the root says of the file is not what the construct says.
    table_.scopes_.front().is_open = table_.scopes_.front().is_broken = false;
    frames_.front().named_children = named_before;
    if (enter() && ts_tree_cursor_goto_first_child(&cursor_)) {
      frames_.push_back(entered_);
      walk_children(/*depth=*/2);
    }
    return is_separate_;
  }

  static bool counts(TSNode node) {
    return ts_node_is_named(node) && !(ts_node_is_extra(node) && ts_node_child_count(node) == 0);
  }

 private:
  void walk_tree() {
    if (ts_tree_cursor_goto_first_child(&cursor_)) walk_children(/*depth=*/1);
  }

  // From the node under the cursor on, up to the last one below frame `depth`.
  void walk_children(std::size_t depth) {
    while (true) {
      if (enter() && ts_tree_cursor_goto_first_child(&cursor_)) {
        frames_.push_back(entered_);
        continue;
      }
      while (!ts_tree_cursor_goto_next_sibling(&cursor_)) {
        if (frames_.size() == depth || !ts_tree_cursor_goto_parent(&cursor_)) return;
        frames_.pop_back();
      }
    }
  }

  // Judges the node under the cursor; entered_ is its frame. Whether its children are worth a look.
  bool enter() {
    const TSNode node = ts_tree_cursor_current_node(&cursor_);
    Frame& parent = frames_.back();
    const TSSymbol symbol = ts_node_symbol(node);
    const bool is_named = ts_node_is_named(node);
    const bool is_known = symbol < rules_.by_symbol.size();
    if (!is_known || ts_node_is_missing(node)) note_errors(node);
    const bool is_comment = ts_node_is_extra(node) && ts_node_child_count(node) == 0;
    if (is_known && is_comment && !rules_.mentions(symbol)) return false;
    const std::uint32_t named_index = is_named && !is_comment ? parent.named_children++ : 0;
    if (!is_named && (!is_known || !rules_.mentions(symbol))) return false;

    entered_ = Frame{};
    entered_.node = node;
    entered_.symbol = symbol;
    entered_.field = ts_tree_cursor_current_field_id(&cursor_);
    entered_.named_index = named_index;
    entered_.scope = parent.scope;
    entered_.is_lenient = parent.is_lenient;
    entered_.first_reference = static_cast<std::uint32_t>(table_.references_.size());
    if (is_known) judge(is_named);
    return true;
  }

  void note_errors(TSNode node) {
    if (ts_node_is_error(node) || ts_node_is_missing(node))
      table_.scopes_[frames_.empty() ? 0 : frames_.back().scope].is_broken = true;
  }

  void apply_marks_of_root(const Frame& root) {
    for (const std::uint16_t index : rules_.by_symbol[root.symbol])
      if (rules_.rules[index].action.is_open) table_.scopes_[0].is_open = true;
  }

  void judge(bool is_named) {
    best_[0] = best_[1] = best_[2] = nullptr;
    mark_count_ = 0;
    const std::uint16_t above = frames_.back().symbol;
    consider(rules_.by_symbol[entered_.symbol]);
    for (const ScopeRules::Bucket& bucket : rules_.by_both[entered_.symbol])
      if (bucket.parent == above) consider(bucket.rules);
    if (is_named && above < rules_.by_parent.size()) consider(rules_.by_parent[above]);
    const ScopeRule* scope = best_[0];
    const ScopeRule* name = best_[1];
    if (best_[2] != nullptr && frames_.back().binding.is_active && best_[2] > name) name = best_[2];

    // Where the names of a pattern go is said from outside of the scope that the node may open itself.
    if (name != nullptr && name->action.deed == Deed::inherits) inherit(name->action);
    if (name != nullptr && name->action.deed == Deed::binds) bind(name->action);
    if (scope != nullptr) open_scope(scope->action);
    if (name != nullptr && ts_node_child_count(entered_.node) == 0) name_leaf(name->action);
    for (std::size_t i = 0; i < mark_count_; ++i) mark(*marks_[i]);
  }

  void consider(const std::vector<std::uint16_t>& candidates) {
    for (const std::uint16_t index : candidates) {
      const ScopeRule& rule = rules_.rules[index];
      const Deed deed = rule.action.deed;
      const std::size_t kind = deed == Deed::opens_scope ? 0 : deed == Deed::inherits ? 2 : 1;
      const bool is_mark = deed >= Deed::opens;
      if (!is_mark && best_[kind] != nullptr && best_[kind] > &rule) continue;
      if (!matches(rule)) continue;
      if (!is_mark)
        best_[kind] = &rule;
      else if (mark_count_ < std::size(marks_))
        marks_[mark_count_++] = &rule.action;
    }
  }

  const Frame& frame_above(std::size_t steps) const { return frames_[frames_.size() - steps]; }

  bool matches(const ScopeRule& rule) const {
    if (rule.steps.size() > frames_.size() + 1) return false;
    for (std::size_t i = 0; i < rule.steps.size(); ++i) {
      const ScopeRule::Step& step = rule.steps[i];
      const Frame& frame = i == 0 ? entered_ : frame_above(i);
      if (step.symbol != 0 && step.symbol != frame.symbol) return false;
      if (step.field != 0 && step.field != frame.field) return false;
      if (step.is_first && frame.named_index != 0) return false;
      if (step.is_last) {
        // The root has no parent to be the last child of.
        if (i + 1 > frames_.size()) return false;
        if (ts_node_named_child_count(frame_above(i + 1).node) != frame.named_index + 1) return false;
      }
    }
    for (std::size_t i = 0; i < rule.steps.size(); ++i) {
      const ScopeRule::Step& step = rule.steps[i];
      const TSNode node = i == 0 ? entered_.node : frame_above(i).node;
      for (std::uint16_t n = 0; n < step.need_count; ++n)
        if (!is_met(rules_.needs[step.first_need + n], node)) return false;
    }
    return says(entered_.node, rule.first_text, rule.text_count);
  }

  bool says(TSNode node, std::uint16_t first, std::uint16_t count) const {
    if (count == 0) return true;
    const std::string_view text = text_of(node, text_);
    const bool is_negated = rules_.texts[first].fit == ScopeRules::Text::Fit::other;
    for (std::uint16_t i = 0; i < count; ++i)
      if (fits(text, rules_.texts[first + i])) return !is_negated;
    return is_negated;
  }

  bool is_met(const ScopeRule::Need& need, TSNode node) const {
    if (need.field != 0) {
      const TSNode child = ts_node_child_by_field_id(node, need.field);
      if (need.is_absent) return ts_node_is_null(child);
      if (ts_node_is_null(child)) return false;
      return (need.symbol == 0 || ts_node_symbol(child) == need.symbol) &&
             says(child, need.first_text, need.text_count);
    }
    const std::uint32_t count = std::min<std::uint32_t>(ts_node_child_count(node), kMostChildrenSearched);
    for (std::uint32_t i = 0; i < count; ++i) {
      const TSNode child = ts_node_child(node, i);
      if (ts_node_symbol(child) == need.symbol && says(child, need.first_text, need.text_count)) return true;
    }
    return false;
  }

  void inherit(const Action& action) {
    entered_.binding = frames_.back().binding;
    if (action.changes_kind) entered_.binding.kind = action.name;
  }

  void bind(const Action& action) {
    Binding& binding = entered_.binding;
    binding.is_active = true;
    binding.is_bare = action.is_bare;
    binding.kind = action.name;
    binding.scope = target_of(action.target);
    if (action.is_after) binding.visible_from = ts_node_end_byte(frames_.back().node);
    if (action.is_early) binding.visible_from = table_.scopes_[binding.scope].range.begin.value;
  }

  ScopeIndex target_of(BindTarget target) const {
    const std::vector<Scope>& scopes = table_.scopes_;
    ScopeIndex at = frames_.back().scope;
    if (target == BindTarget::file) return 0;
    if (target == BindTarget::outer) at = scopes[at].parent;
    // Template parameters stand around the declaration that they belong to, which is for others too.
    if (target == BindTarget::outer || target == BindTarget::lifted)
      while (scopes[at].kind == ScopeKind::comprehension) at = scopes[at].parent;
    if (target == BindTarget::function)
      while (scopes[at].kind == ScopeKind::block || scopes[at].kind == ScopeKind::comprehension)
        at = scopes[at].parent;
    if (target == BindTarget::type)
      while (at != 0 && scopes[at].kind != ScopeKind::type) at = scopes[at].parent;
    return at;
  }

  void open_scope(const Action& action) {
    Scope scope;
    scope.range = range_of(entered_.node);
    scope.parent = entered_.scope;
    scope.kind = action.scope;
    scope.is_open = action.is_open;
    scope.is_hidden = action.is_hidden;
    entered_.scope = static_cast<ScopeIndex>(table_.scopes_.size());
    table_.scopes_.push_back(scope);
  }

  void name_leaf(const Action& action) {
    const ByteRange range = range_of(entered_.node);
    if (range.size() == 0 || ts_node_is_extra(entered_.node)) return;
    const NameKey key = name_key(text_of(entered_.node, text_));
    const Binding& binding = entered_.binding;
    if (binding.is_active) {
      if (!is_name(text_of(entered_.node, text_))) return;  // a literal in a pattern
      const std::uint32_t from = binding.visible_from == kNoIndex ? range.end.value : binding.visible_from;
      table_.declarations_.push_back(
          {range, key, binding.scope, binding.kind, binding.is_bare, ByteOffset{from}});
    } else if (action.deed == Deed::uses) {
      Reference reference{range, key, entered_.scope, action.role};
      reference.is_lenient = action.is_lenient || entered_.is_lenient;
      if (action.role == UseRole::member) reference.object = object_of_member();
      table_.references_.push_back(reference);
    }
  }

  // What stands before the dot: the first child of the access.
  ByteRange object_of_member() const {
    if (entered_.named_index == 0) return {};
    return range_of(ts_node_named_child(frames_.back().node, 0));
  }

  void mark(const Action& action) {
    std::vector<Scope>& scopes = table_.scopes_;
    switch (action.deed) {
      case Deed::opens:
        scopes[action.is_around ? 0 : entered_.scope].is_open = true;
        break;
      case Deed::includes:
        table_.includes_.push_back({range_of(entered_.node), action.is_quoted});
        break;
      case Deed::owns:
        scopes[entered_.scope].owner = name_key(text_of(entered_.node, text_));
        break;
      case Deed::spells:
        declare_words();
        break;
      case Deed::separates:
        is_separate_ = true;
        break;
      case Deed::guards:
        entered_.is_guard = true;
        break;
      case Deed::tolerates:
        tolerate(action.is_around);
        break;
      default:
        break;
    }
  }

  // What a macro's text names may be declared where the macro is used.
  void declare_words() {
    const std::uint32_t begin = ts_node_start_byte(entered_.node), end = ts_node_end_byte(entered_.node);
    for (std::uint32_t at = begin; at < end;) {
      std::uint32_t word_end = at;
      while (word_end < end && is_identifier_byte(text_[word_end])) ++word_end;
      const std::string_view word = text_.substr(at, word_end - at);
      if (!word.empty() && is_name(word))
        table_.declarations_.push_back({{ByteOffset{at}, ByteOffset{word_end}},
                                        name_key(word),
                                        0,
                                        NameKind::macro,
                                        false,
                                        ByteOffset{word_end}});
      at = std::max(word_end, at + 1);
    }
  }

  void tolerate(bool is_around) {
    entered_.is_lenient = true;
    if (!is_around) return;
    std::size_t at = frames_.size();
    while (at > 0 && !frames_[at - 1].is_guard) --at;
    if (at == 0) return;
    for (std::size_t i = frames_[at - 1].first_reference; i < table_.references_.size(); ++i)
      table_.references_[i].is_lenient = true;
    for (; at <= frames_.size(); ++at) frames_[at - 1].is_lenient = true;
  }

  // A condition on any child looks at the first ones: operators and keywords stand there.
  static constexpr std::uint32_t kMostChildrenSearched = 16;

  const ScopeRules& rules_;
  std::string_view text_;
  ScopeTable& table_;
  TSTreeCursor cursor_{};
  std::vector<Frame> frames_;  // the ancestors of the node under the cursor, the root first
  Frame entered_;
  const ScopeRule* best_[3] = {};  // of scopes, of names, of inheriting names
  const Action* marks_[8] = {};
  std::size_t mark_count_ = 0;
  bool is_separate_ = false;
};

ScopeTable scopes_of(const SyntaxTree& tree, std::string_view text) {
  ScopeTable table;
  ScopeWalk(tree.root(), tree.grammar(), text, table).run();
  table.index();
  return table;
}

Result<ScopeTable> scopes_of(std::string_view text, std::string_view language, std::stop_token stop) {
  const SyntaxTree tree = TRY(parse(text, language, std::move(stop)));
  return scopes_of(tree, text);
}

namespace {

// What a node stands for, shared between a tree and the edited one where nothing changed. A node's id is the
// address of the slot in its parent that says so: a pointer, or, in its lowest bit, that a leaf is spelt out
// there; those are not worth keeping. Source: `Subtree` of the tree-sitter core that package-lock.json pins.
std::uintptr_t subtree_of(TSNode node) {
  std::uintptr_t subtree = 0;
  std::memcpy(&subtree, node.id, sizeof subtree);
  return (subtree & 1) != 0 ? 0 : subtree;
}

}  // namespace

void ScopeParts::update(TSNode root, const Grammar& grammar, std::string_view text) {
  std::unordered_map<std::uintptr_t, const Placed*> known;
  // A broken root is another symbol, under which other rules hold.
  const bool is_same_root = root_symbol_ == ts_node_symbol(root);
  for (const Placed& placed : parts_)
    if (is_same_root && placed.subtree != 0) known.emplace(placed.subtree, &placed);
  std::vector<Placed> parts;
  parts.reserve(parts_.size() + 8);
  const std::uint32_t named_count = ts_node_named_child_count(root);
  std::uint32_t named = 0;
  TSTreeCursor cursor = ts_tree_cursor_new(root);
  bool is_there = ts_tree_cursor_goto_first_child(&cursor);
  for (; is_there; is_there = ts_tree_cursor_goto_next_sibling(&cursor)) {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    Placed placed{subtree_of(node), ts_node_start_byte(node), named == 0, named + 1 == named_count, nullptr};
    const auto found = known.find(placed.subtree);
    if (found != known.end() && found->second->is_first == placed.is_first &&
        found->second->is_last == placed.is_last) {
      placed.part = found->second->part;
    } else {
      auto part = std::make_shared<Part>();
      part->is_separate = ScopeWalk(root, grammar, text, part->table).run_at(cursor, named);
      make_relative(part->table, placed.begin);
      placed.part = std::move(part);
    }
    if (ScopeWalk::counts(node)) ++named;
    parts.push_back(std::move(placed));
  }
  ts_tree_cursor_delete(&cursor);
  parts_ = std::move(parts);
  root_symbol_ = ts_node_symbol(root);
  ScopeTable file;
  const ScopeWalk of_root(root, grammar, text, file);
  assemble(file.scopes_.front(), grammar);
}

}  // namespace seedling
