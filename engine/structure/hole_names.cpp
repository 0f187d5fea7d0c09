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

std::string_view word_at(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_identifier_byte(text[end])) ++end;
  return text.substr(0, end);
}

std::string_view without_blanks_before(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

// The class of a variable, where its declaration says it: `x: C`, `x = C(`, `x = new C(`, `C x`, `C *x`.
// Empty where it does not.
std::string_view evident_class(std::string_view text, ByteRange name) {
  std::string_view behind = without_blanks_before(text.substr(name.end.value, 200));
  if (behind.starts_with(':') && !behind.starts_with("::") && !behind.starts_with(":="))
    return word_at(without_blanks_before(behind.substr(1)));
  if (behind.starts_with(":=")) behind.remove_prefix(1);
  if (behind.starts_with('=') && !behind.starts_with("==")) {
    behind = without_blanks_before(behind.substr(1));
    if (behind.starts_with('&')) behind.remove_prefix(1);
    if (behind.starts_with("new ")) behind = without_blanks_before(behind.substr(4));
    const std::string_view word = word_at(behind);
    const std::string_view rest = behind.substr(word.size());
    if (!word.empty() && (rest.starts_with('(') || rest.starts_with('{'))) return word;
  }
  std::string_view before = text.substr(0, name.begin.value);
  while (before.ends_with('*') || before.ends_with('&') || before.ends_with(' ')) before.remove_suffix(1);
  std::size_t begin = before.size();
  while (begin > 0 && is_identifier_byte(before[begin - 1])) --begin;
  return before.substr(begin);
}

class Collector {
 public:
  Collector(const ScopeTable& table, std::string_view text, ByteOffset at)
      : table_(table), text_(text), at_(at) {}

  std::vector<std::string> bare_names() const {
    std::vector<std::string> names;
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
      for (const std::string_view member : members)
        if (is_plain_word(member)) receiver.members.emplace_back(member);
    }
    return receivers;
  }

 private:
  using Names = std::set<std::string_view>;

  std::string_view text_of(ByteRange range) const { return text_.substr(range.begin.value, range.size()); }

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
    std::map<NameKey, Names> by_class;
    for (const Declaration& declaration : table_.declarations()) {
      const Scope& holder = table_.scopes()[declaration.scope];
      if (holder.owner != 0 && (holder.kind == ScopeKind::type || !declaration.is_bare))
        by_class[holder.owner].insert(text_of(declaration.name));
    }
    if (by_class.empty()) return;
    for (const Declaration& declaration : table_.declarations()) {
      if (declaration.kind != NameKind::variable && declaration.kind != NameKind::parameter) continue;
      const std::string_view type = evident_class(text_, declaration.name);
      const auto known = type.empty() ? by_class.end() : by_class.find(name_key(type));
      if (known != by_class.end())
        members_[text_of(declaration.name)].insert(known->second.begin(), known->second.end());
    }
  }

  const ScopeTable& table_;
  const std::string_view text_;
  const ByteOffset at_;
  std::map<std::string_view, Names> members_;  // by object
};

}  // namespace

HoleNames hole_names(const ScopeTable& table, std::string_view text, ByteOffset at) {
  Collector collector(table, text, at);
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
