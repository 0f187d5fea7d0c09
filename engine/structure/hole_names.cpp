#include "engine/structure/hole_names.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "engine/structure/lexical.h"
#include "engine/structure/lines.h"
#include "grammars/words.h"

namespace seedling {
namespace {

constexpr std::array<std::string_view, 3> kOwnObjects = {"self", "this", "cls"};

bool is_plain_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_identifier_byte);
}

// The last word of a name with its modules before it: `C` of `a.b.C` and `a::C`.
std::string_view last_word_of_path(std::string_view text) {
  std::string_view word = word_at(text);
  while (!word.empty()) {
    const std::string_view rest =
        text.substr(static_cast<std::size_t>(word.data() + word.size() - text.data()));
    const std::size_t dots = rest.starts_with("::") ? 2 : rest.starts_with('.') ? 1 : 0;
    const std::string_view next = dots == 0 ? std::string_view() : word_at(rest.substr(dots));
    if (next.empty()) break;
    word = next;
  }
  return word;
}

// What is brought in under a name: `C` of `C as D`, `*` of `* as D`; the name itself where it is not renamed.
std::string_view origin_of_import(std::string_view text, ByteRange name) {
  const auto rtrimmed = [](std::string_view part) {
    return part.substr(0, part.find_last_not_of(" \t") + 1);
  };
  std::string_view before = rtrimmed(text.substr(0, name.begin.value));
  const std::string_view own = text.substr(name.begin.value, name.size());
  if (!before.ends_with("as") || before.size() + 1 > name.begin.value) return own;
  before.remove_suffix(2);
  if (!before.ends_with(' ') && !before.ends_with('\t')) return own;
  before = rtrimmed(before);
  if (before.ends_with('*')) return "*";
  const std::string_view word = last_word(before);
  return word.empty() ? own : word;
}

// The class of a variable, where its declaration says it: `x: C`, `x = C(`, `x = new C(`, `C x`, `C *x`.
// Empty where it does not.
std::string_view evident_class(std::string_view text, ByteRange name) {
  std::string_view behind = without_blanks_before(text.substr(name.end.value, 200));
  if (behind.starts_with(':') && !behind.starts_with("::") && !behind.starts_with(":="))
    return last_word_of_path(without_blanks_before(behind.substr(1)));
  if (behind.starts_with(":=")) behind.remove_prefix(1);
  if (behind.starts_with('=') && !behind.starts_with("==")) {
    behind = without_blanks_before(behind.substr(1));
    if (behind.starts_with('&')) behind.remove_prefix(1);
    if (behind.starts_with("new ")) behind = without_blanks_before(behind.substr(4));
    const std::string_view word = last_word_of_path(behind);
    const std::string_view rest =
        word.empty() ? word
                     : behind.substr(static_cast<std::size_t>(word.data() + word.size() - behind.data()));
    if (!word.empty() && (rest.starts_with('(') || rest.starts_with('{'))) return word;
  }
  std::string_view before = text.substr(0, name.begin.value);
  while (before.ends_with('*') || before.ends_with('&') || before.ends_with(' ')) before.remove_suffix(1);
  return last_word(before);
}

class Collector {
 public:
  Collector(const ScopeTable& table, std::string_view text, ByteOffset at, std::span<const Neighbour> around)
      : table_(table), text_(text), at_(at) {
    for (const Neighbour& neighbour : around) bring_in(neighbour);
  }

  std::vector<std::string> bare_names() const {
    std::vector<std::string> names = shared_names_;
    const auto add = [&](ByteRange name) {
      if (!name.contains(at_)) names.emplace_back(text_of(name));
    };
    for (const Declaration& declaration : table_.declarations()) add(declaration.name);
    for (const Reference& reference : table_.references()) add(reference.name);
    for (const std::string_view section : {"builtins", "globals", "keywords"})
      for (const std::string_view word : words_of(table_.grammar(), section)) names.emplace_back(word);
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  std::vector<Receiver> receivers() {
    add_own_members();
    add_members_of_classes();
    for (const Reference& use : table_.references()) {
      if (use.role != UseRole::member || use.name.contains(at_)) continue;
      if (const std::string_view object = text_of(use.object); is_plain_word(object))
        members_[object].insert(text_of(use.name));
    }
    std::vector<Receiver> receivers;
    for (const auto& [object, members] : members_) {
      Receiver& receiver = receivers.emplace_back();
      receiver.object = object;
      receiver.has_known_class = known_.contains(object);
      for (const std::string_view member : members)
        if (is_plain_word(member)) receiver.members.emplace_back(member);
    }
    return receivers;
  }

 private:
  using Names = std::set<std::string_view>;

  std::string_view text_of(ByteRange range) const { return text_.substr(range.begin.value, range.size()); }

  // What the text sees of a neighbour: all of it by bare names, or what it imports.
  void bring_in(const Neighbour& neighbour) {
    const Exports& exports = *neighbour.exports;
    const auto is_it = [&](const Include& include) { return text_of(include.path).ends_with(exports.file); };
    const bool shares_names = neighbour.is_beside && table_.depends_on_files() && table_.includes().empty();
    if (shares_names || std::ranges::any_of(table_.includes(), is_it) || is_all_imported(exports.module)) {
      shared_names_.insert(shared_names_.end(), exports.names.begin(), exports.names.end());
      for (const ExportedType& type : exports.types) add_class(name_key(type.name), type);
      return;
    }
    if (!mentions(text_, exports)) return;
    for (const Declaration& declaration : table_.declarations()) {
      if (declaration.kind != NameKind::import || declaration.name.contains(at_)) continue;
      const std::string_view name = text_of(declaration.name);
      const std::string_view origin = origin_of_import(text_, declaration.name);
      if (origin == exports.module || (origin == "*" && names_beside(declaration, exports.module))) {
        members_[name].insert(exports.names.begin(), exports.names.end());
        known_.insert(name);
        for (const ExportedType& type : exports.types) add_class(name_key(type.name), type);
        continue;
      }
      const auto type = std::ranges::lower_bound(exports.types, origin, {}, &ExportedType::name);
      if (type == exports.types.end() || type->name != origin) continue;
      add_class(declaration.key, *type);
      members_[name].insert(type->members.begin(), type->members.end());
    }
  }

  // Python: `from m import *`.
  bool is_all_imported(std::string_view module) const {
    constexpr std::string_view kAll = " import *";
    for (std::size_t at = text_.find(kAll); at != std::string_view::npos; at = text_.find(kAll, at + 1)) {
      const std::string_view before = text_.substr(0, at);
      const std::size_t begin = before.size() - std::min(before.size(), module.size());
      const bool begins = begin == 0 || !is_identifier_byte(before[begin - 1]);
      if (before.substr(begin) == module && begins) return true;
    }
    return false;
  }

  // Whether the line of a declaration has the word in it too.
  bool names_beside(const Declaration& declaration, std::string_view word) const {
    const std::size_t begin = line_start(text_, declaration.name.begin.value);
    return find_word(text_.substr(begin, line_end(text_, begin) - begin), word) != std::string_view::npos;
  }

  void add_class(NameKey key, const ExportedType& type) {
    by_class_[key].insert(type.members.begin(), type.members.end());
  }

  void add_own_members() {
    std::vector<DeclarationIndex> own;
    if (table_.members_at(table_.scope_at(at_), own) == 0) return;
    for (const DeclarationIndex member : own) {
      const ByteRange name = table_.declarations()[member].name;
      for (const std::string_view object : kOwnObjects)
        if (!name.contains(at_)) members_[object].insert(text_of(name));
    }
  }

  void add_members_of_classes() {
    for (const Declaration& declaration : table_.declarations()) {
      const Scope& holder = table_.scopes()[declaration.scope];
      if (holder.owner != 0 && (holder.kind == ScopeKind::type || !declaration.is_bare))
        by_class_[holder.owner].insert(text_of(declaration.name));
    }
    if (by_class_.empty()) return;
    for (const Declaration& declaration : table_.declarations()) {
      if (declaration.kind != NameKind::variable && declaration.kind != NameKind::parameter) continue;
      const std::string_view type = evident_class(text_, declaration.name);
      const auto known = type.empty() ? by_class_.end() : by_class_.find(name_key(type));
      if (known == by_class_.end()) continue;
      members_[text_of(declaration.name)].insert(known->second.begin(), known->second.end());
      known_.insert(text_of(declaration.name));
    }
  }

  const ScopeTable& table_;
  const std::string_view text_;
  const ByteOffset at_;
  std::map<std::string_view, Names> members_;  // by object
  Names known_;                                // objects of a class that is known, and modules
  std::map<NameKey, Names> by_class_;
  std::vector<std::string> shared_names_;  // of neighbours, that are seen by bare name
};

}  // namespace

HoleNames hole_names(const ScopeTable& table, std::string_view text, ByteOffset at,
                     std::span<const Neighbour> around) {
  Collector collector(table, text, at, around);
  HoleNames found;
  found.names = collector.bare_names();
  found.receivers = collector.receivers();
  // Words that are more than letters, digits and underscores are not followed token by token.
  const auto others = std::erase_if(found.names, [](const std::string& name) {
    return std::ranges::any_of(name, is_identifier_byte) && !is_plain_word(name);
  });
  found.are_all = others == 0 && !table.depends_on_files() && table.is_closed(table.scope_at(at));
  return found;
}

}  // namespace seedling
