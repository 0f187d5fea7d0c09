#include "engine/structure/gap_names.h"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/structure/lexical.h"
#include "engine/structure/lines.h"
#include "engine/structure/undeclared.h"
#include "grammars/words.h"

namespace seedling {
namespace {

// Bytes behind a gap: what is used further away is declared elsewhere.
constexpr std::uint32_t kReach = 2 << 10;
constexpr std::array<std::string_view, 2> kOwnObjects = {"self", "cls"};
constexpr std::array<std::string_view, 6> kAdding = {"append(", "add(",    "push(",
                                                     "extend(", "insert(", "update("};

// What is added to a name that is updated there, as by `x += 1`; nothing if it is not.
std::optional<std::string_view> added_to(std::string_view text, ByteRange name) {
  constexpr std::string_view kOperators = "+-*/%&|^@<>";
  const std::string_view behind = without_blanks_before(text.substr(name.end.value));
  const std::size_t end = std::min(behind.find_first_not_of(kOperators), behind.size());
  if (end == 0 || end > 3 || !behind.substr(end).starts_with('=')) return std::nullopt;
  return without_blanks_before(behind.substr(end + 1));
}

// `x += 1`, `x++`
bool is_counted(std::string_view text, ByteRange name) {
  const std::string_view behind = text.substr(name.end.value);
  if (behind.starts_with("++") || behind.starts_with("--")) return true;
  const std::optional<std::string_view> added = added_to(text, name);
  return added && !added->empty() && added->front() >= '0' && added->front() <= '9';
}

// `x.append(1)`
bool is_collected(std::string_view text, ByteRange name) {
  const std::string_view behind = text.substr(name.end.value);
  return behind.starts_with(".append(") || behind.starts_with(".push(");
}

// Names that are used behind a gap and declared nowhere before it.
class MissingNames {
 public:
  MissingNames(const ScopeTable& table, std::string_view text, ByteOffset gap)
      : table_(table), text_(text), gap_(gap), scope_(table.scope_at(gap)) {}

  std::vector<std::string> find() {
    if (!table_.is_closed(scope_, /*are_files_known=*/true)) return {};
    for (const Reference& use : undeclared_references(table_, {.names = {}, .are_complete = true}))
      if (is_near(use.name) && table_.encloses(scope_, use.scope)) found_.push_back(use.name);
    add_read_too_early();
    std::ranges::sort(found_, {}, &ByteRange::begin);
    std::vector<std::string> names;
    for (const ByteRange name : found_) {
      std::string word(text_.substr(name.begin.value, name.size()));
      if (std::ranges::find(names, word) == names.end()) names.push_back(std::move(word));
    }
    if (names.size() > kMostMissingNames) names.clear();
    return names;
  }

 private:
  bool is_near(ByteRange name) const { return gap_ <= name.begin && name.begin.value < gap_.value + kReach; }

  // Variables of the scope that it declares behind the gap alone, and reads before that.
  void add_read_too_early() {
    for (const Declaration& first : table_.declarations()) {
      const bool is_variable = first.kind == NameKind::variable && first.is_bare && first.scope == scope_;
      if (!is_variable || !is_near(first.name) || !is_first(first)) continue;
      if (added_to(text_, first.name)) found_.push_back(first.name);
      for (const Reference& use : table_.references()) {
        if (use.name.begin >= first.visible_from) break;
        const bool is_read = use.role == UseRole::read || use.role == UseRole::call;
        if (use.key == first.key && use.scope == scope_ && is_near(use.name) && is_read && !use.is_lenient)
          found_.push_back(use.name);
      }
    }
  }

  // Whether no other declaration of the name, visible in the gap, stands before this one.
  bool is_first(const Declaration& declaration) const {
    for (const Declaration& other : table_.declarations()) {
      if (other.name.begin >= declaration.name.begin) break;
      if (other.key == declaration.key && table_.encloses(other.scope, scope_)) return false;
    }
    return true;
  }

  const ScopeTable& table_;
  const std::string_view text_;
  const ByteOffset gap_;
  const ScopeIndex scope_;
  std::vector<ByteRange> found_;
};

// Behind the last line of an indented function a gap is still in it.
ScopeIndex scope_of_gap(const ScopeTable& table, std::string_view text, ByteOffset gap) {
  const std::string_view before = text.substr(0, gap.value);
  const std::size_t solid = rtrimmed_size(before);
  const bool is_next_line = std::ranges::count(before.substr(solid), '\n') <= 1;
  const bool is_behind = is_word(table.grammar(), "blocks", "indented") && solid > 0 &&
                         (is_next_line || !before.ends_with('\n'));
  return table.scope_at(is_behind ? ByteOffset{static_cast<std::uint32_t>(solid)} : gap);
}

// Whether a function says that it returns something, by its annotation or by returning something elsewhere.
bool returns_value(std::string_view function) {
  constexpr std::string_view kAnnotation = ") ->", kReturn = "return ";
  const std::size_t said = function.find(kAnnotation);
  if (said != function.npos) return !trimmed(function.substr(said + kAnnotation.size())).starts_with("None");
  for (std::size_t at = function.find(kReturn); at != function.npos; at = function.find(kReturn, at + 1)) {
    const std::size_t begin = line_start(function, at), value = at + kReturn.size();
    const std::string_view returned = trimmed(function.substr(value, line_end(function, value) - value));
    if (is_blank(function.substr(begin, at - begin)) && !returned.empty() && returned != ";") return true;
  }
  return false;
}

// What a loop or a handler brings in is no result.
bool is_target(std::string_view text, ByteRange name) {
  const std::string_view before = text.substr(0, name.begin.value);
  const std::string_view word = last_word(before.substr(0, rtrimmed_size(before)));
  return word == "for" || word == "as";
}

// A statement that only adds to what it names: `x.append(1)`.
bool is_addition(std::string_view text, ByteRange name) {
  const std::size_t begin = line_start(text, name.begin.value);
  if (!is_blank(text.substr(begin, name.begin.value - begin))) return false;
  const std::string_view behind = text.substr(name.end.value);
  return behind.starts_with('.') && std::ranges::any_of(kAdding, [&](std::string_view adding) {
           return behind.substr(1).starts_with(adding);
         });
}

bool is_read(const ScopeTable& table, std::string_view text, const Declaration& declaration) {
  return std::ranges::any_of(table.references(), [&](const Reference& use) {
    return use.key == declaration.key && table.encloses(declaration.scope, use.scope) &&
           use.role != UseRole::member && use.role != UseRole::write && !is_addition(text, use.name);
  });
}

void add_unread_names(const ScopeTable& table, std::string_view text, ByteOffset gap, GapNames& found) {
  const ScopeIndex scope = scope_of_gap(table, text, gap);
  ScopeIndex outer = scope;
  while (table.scopes()[outer].kind == ScopeKind::block) outer = table.scopes()[outer].parent;
  const Scope& function = table.scopes()[outer];
  if (function.kind != ScopeKind::function || !table.is_closed(scope, /*are_files_known=*/true)) return;
  const std::size_t end = std::max(function.range.end.value, gap.value);
  const std::string_view behind = trimmed(text.substr(gap.value, end - gap.value));
  const bool is_last = behind.empty() || behind == "}";
  found.may_return = is_last && returns_value(text.substr(function.range.begin.value, function.range.size()));
  for (const Declaration& declaration : table.declarations()) {
    if (declaration.name.begin >= gap) break;
    const bool is_parameter = declaration.kind == NameKind::parameter;
    const bool is_variable = declaration.kind == NameKind::variable || declaration.kind == NameKind::constant;
    const bool is_seen = table.encloses(outer, declaration.scope) && table.encloses(declaration.scope, scope);
    if (!is_seen || !declaration.is_bare || (!is_variable && !is_parameter)) continue;
    std::string name(text.substr(declaration.name.begin.value, declaration.name.size()));
    const bool is_known = std::ranges::find(found.unread, name) != found.unread.end() ||
                          std::ranges::find(kOwnObjects, name) != kOwnObjects.end();
    if (is_known || name.starts_with('_') || is_read(table, text, declaration)) continue;
    if (is_last && is_variable && !is_target(text, declaration.name)) found.returned.push_back(name);
    found.unread.push_back(std::move(name));
  }
}

}  // namespace

GapNames gap_names(const ScopeTable& table, std::string_view text, ByteOffset gap) {
  GapNames found;
  found.missing = MissingNames(table, text, gap).find();
  found.is_outermost = table.scope_at(gap) == 0;
  for (const std::string& name : found.missing) {
    const auto is_somewhere = [&](bool (*is_so)(std::string_view, ByteRange)) {
      const NameKey key = name_key(name);
      const auto is_it = [&](const auto& place) {
        return place.key == key && place.name.begin >= gap && is_so(text, place.name);
      };
      return std::ranges::any_of(table.references(), is_it) ||
             std::ranges::any_of(table.declarations(), is_it);
    };
    if (is_somewhere(is_counted)) found.counted.push_back(name);
    if (is_somewhere(is_collected)) found.collected.push_back(name);
  }
  add_unread_names(table, text, gap, found);
  return found;
}

}  // namespace seedling
