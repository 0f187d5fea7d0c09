#include "engine/structure/scope_rules.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <string>

#include "engine/assert.h"
#include "grammars/queries.h"
#include "grammars/words.h"

namespace seedling {
namespace {

template <class Value>
struct Word {
  std::string_view word;
  Value value;
};

constexpr Word<ScopeKind> kScopeKinds[] = {
    {"file", ScopeKind::file},   {"space", ScopeKind::space},
    {"type", ScopeKind::type},   {"function", ScopeKind::function},
    {"block", ScopeKind::block}, {"comprehension", ScopeKind::comprehension}};
constexpr Word<NameKind> kNameKinds[] = {
    {"variable", NameKind::variable}, {"constant", NameKind::constant}, {"parameter", NameKind::parameter},
    {"function", NameKind::function}, {"type", NameKind::type},         {"space", NameKind::space},
    {"import", NameKind::import},     {"member", NameKind::member},     {"label", NameKind::label},
    {"macro", NameKind::macro},       {"builtin", NameKind::builtin}};
constexpr Word<UseRole> kRoles[] = {
    {"read", UseRole::read},     {"write", UseRole::write}, {"call", UseRole::call},  {"type", UseRole::type},
    {"member", UseRole::member}, {"label", UseRole::label}, {"macro", UseRole::macro}};
constexpr Word<Deed> kDeeds[] = {
    {"scope", Deed::opens_scope}, {"bind", Deed::binds},       {"inherit", Deed::inherits},
    {"use", Deed::uses},          {"skip", Deed::skips},       {"open", Deed::opens},
    {"include", Deed::includes},  {"owner", Deed::owns},       {"lenient", Deed::tolerates},
    {"guard", Deed::guards},      {"module", Deed::separates}, {"words", Deed::spells}};

template <class Value, std::size_t count>
std::optional<Value> looked_up(const Word<Value> (&table)[count], std::string_view word) {
  for (const Word<Value>& row : table)
    if (row.word == word) return row.value;
  return std::nullopt;
}

// What one of the words behind the first in `@bind.variable.outer` says.
void add_word(Action& action, std::string_view word) {
  if (action.deed == Deed::opens_scope) {
    if (const auto kind = looked_up(kScopeKinds, word)) {
      action.scope = *kind;
      return;
    }
    if (word == "hidden") action.is_hidden = true;
    if (word == "open") action.is_open = true;
    SEEDLING_ASSERT(word == "hidden" || word == "open");
    return;
  }
  if (action.deed == Deed::uses) {
    if (const auto role = looked_up(kRoles, word))
      action.role = *role;
    else
      action.is_lenient = true;
    SEEDLING_ASSERT(word == "lenient" || looked_up(kRoles, word));
    return;
  }
  if (action.deed == Deed::binds || action.deed == Deed::inherits) {
    if (word == "outer")
      action.target = BindTarget::outer;
    else if (word == "lifted")
      action.target = BindTarget::lifted;
    else if (word == "hoisted")
      action.target = BindTarget::function;
    else if (word == "file")
      action.target = BindTarget::file;
    else if (word == "owner")
      action.target = BindTarget::type;
    else if (word == "early")
      action.is_early = true;
    else if (word == "after")
      action.is_after = true;
    else if (word == "object")
      action.is_bare = false;
    else {
      const auto kind = looked_up(kNameKinds, word);
      SEEDLING_ASSERT(kind.has_value());
      action.name = *kind;
      action.changes_kind = true;
    }
    return;
  }
  if (word == "quoted") action.is_quoted = true;
  if (word == "file" || word == "around") action.is_around = true;
}

Action action_of(std::string_view capture) {
  Action action;
  for (bool is_first = true; !capture.empty(); is_first = false) {
    const std::size_t dot = std::min(capture.find('.'), capture.size());
    const std::string_view word = capture.substr(0, dot);
    capture.remove_prefix(std::min(dot + 1, capture.size()));
    if (!is_first) {
      add_word(action, word);
      continue;
    }
    const auto deed = looked_up(kDeeds, word);
    SEEDLING_ASSERT(deed.has_value());
    action.deed = *deed;
  }
  return action;
}

// A pattern as it is written.
struct Pattern {
  std::vector<std::uint16_t> symbols;  // alternatives; empty: any named node
  std::string_view field;
  bool is_first = false, is_last = false;
  std::vector<std::string_view> captures;
  std::vector<Pattern> children;
  std::vector<std::string_view> absent_fields;
};

struct TextTest {
  std::string_view capture;
  std::vector<ScopeRules::Text> texts;
};

// Instead of the symbol of a kind that the grammar does not have.
constexpr std::uint16_t kNoSymbol = 0xFFFF;

class Reader {
 public:
  Reader(std::string_view text, const TSLanguage* language, bool is_inherited)
      : text_(text), language_(language), is_inherited_(is_inherited) {}

  bool is_done() {
    skip_blank();
    return at_ >= text_.size();
  }

  // A pattern of the top level with the tests that stand beside it.
  std::vector<Pattern> rule(std::vector<TextTest>& tests) {
    skip_blank();
    if (text_[at_] == '(' && next_opens_a_pattern()) {
      ++at_;
      std::vector<Pattern> patterns = alternatives();
      while (!take(')')) tests.push_back(test());
      return patterns;
    }
    return alternatives();
  }

 private:
  void skip_blank() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ';')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
        ++at_;
      else
        break;
    }
  }
  bool take(char c) {
    skip_blank();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  char peek() {
    skip_blank();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool next_opens_a_pattern() const {
    const std::size_t next = text_.find_first_not_of(" \t\r\n", at_ + 1);
    return next != std::string_view::npos && (text_[next] == '(' || text_[next] == '[' || text_[next] == '"');
  }
  std::string_view word() {
    skip_blank();
    const std::size_t begin = at_;
    const auto is_part = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
             c == '.' || c == '-' || c == '?';
    };
    while (at_ < text_.size() && is_part(text_[at_])) ++at_;
    SEEDLING_ASSERT(at_ > begin);
    return text_.substr(begin, at_ - begin);
  }
  std::string_view quoted() {
    const bool is_quote = take('"');
    SEEDLING_ASSERT(is_quote);
    const std::size_t end = text_.find('"', at_);
    SEEDLING_ASSERT(end != std::string_view::npos);
    const std::string_view inside = text_.substr(at_, end - at_);
    at_ = end + 1;
    return inside;
  }
  std::uint16_t symbol(std::string_view name, bool is_named) {
    const TSSymbol found = ts_language_symbol_for_name(language_, name.data(),
                                                       static_cast<std::uint32_t>(name.size()), is_named);
    SEEDLING_ASSERT(found != 0 || is_inherited_);
    return found == 0 ? kNoSymbol : found;
  }
  TextTest test() {
    const bool is_open = take('(') && take('#');
    SEEDLING_ASSERT(is_open);
    const std::string_view name = word();
    using Fit = ScopeRules::Text::Fit;
    const Fit fit = name == "starts-with?"  ? Fit::start
                    : name == "contains?"   ? Fit::inside
                    : name == "not-any-of?" ? Fit::other
                                            : Fit::whole;
    SEEDLING_ASSERT(name == "any-of?" || name == "eq?" || fit != Fit::whole);
    const bool is_capture = take('@');
    SEEDLING_ASSERT(is_capture);
    TextTest result{word(), {}};
    while (!take(')')) result.texts.push_back({quoted(), fit});
    return result;
  }

  // One pattern, or several in [brackets]; each with the captures that follow.
  std::vector<Pattern> alternatives() {
    std::vector<Pattern> patterns;
    if (take('[')) {
      while (!take(']'))
        for (Pattern& pattern : alternatives()) patterns.push_back(std::move(pattern));
    } else if (peek() == '"') {
      patterns.emplace_back().symbols.push_back(symbol(quoted(), false));
    } else {
      patterns.push_back(node());
    }
    while (take('@')) {
      const std::string_view capture = word();
      for (Pattern& pattern : patterns) pattern.captures.push_back(capture);
    }
    return patterns;
  }

  Pattern node() {
    const bool is_open = take('(');
    SEEDLING_ASSERT(is_open);
    Pattern pattern;
    const std::string_view kind = word();
    if (kind != "_") pattern.symbols.push_back(symbol(kind, true));
    bool is_first = false;
    while (!take(')')) {
      if (take('.')) {
        // Behind a child it says of that one that it is the last, before one that it is the first.
        if (peek() == ')')
          pattern.children.back().is_last = true;
        else
          is_first = true;
        continue;
      }
      if (take('!')) {
        pattern.absent_fields.push_back(word());
        continue;
      }
      std::string_view field;
      if (peek() != '(' && peek() != '[' && peek() != '"') {
        field = word();
        const bool is_colon = take(':');
        SEEDLING_ASSERT(is_colon);
      }
      for (Pattern& child : alternatives()) {
        child.field = field;
        child.is_first = is_first;
        pattern.children.push_back(std::move(child));
      }
      is_first = false;
    }
    return pattern;
  }

  std::string_view text_;
  const TSLanguage* language_;
  bool is_inherited_;
  std::size_t at_ = 0;
};

class Compiler {
 public:
  Compiler(ScopeRules& rules, const TSLanguage* language, bool is_inherited)
      : rules_(rules), language_(language), is_inherited_(is_inherited) {}

  void add(const Pattern& pattern, const std::vector<TextTest>& tests) {
    tests_ = &tests;
    std::vector<ScopeRule::Step> chain;
    descend(pattern, chain);
  }

 private:
  static bool holds_capture(const Pattern& pattern) {
    return std::ranges::any_of(pattern.captures,
                               [](std::string_view name) { return !name.starts_with('_'); }) ||
           std::ranges::any_of(pattern.children, holds_capture);
  }
  // Whether the grammar has the fields that an inherited pattern names.
  bool has_fields(const Pattern& pattern) const {
    if (!is_inherited_) return true;
    const auto is_known = [&](std::string_view name) {
      return name.empty() || ts_language_field_id_for_name(language_, name.data(),
                                                           static_cast<std::uint32_t>(name.size())) != 0;
    };
    return is_known(pattern.field) && std::ranges::all_of(pattern.absent_fields, is_known) &&
           std::ranges::all_of(pattern.children, [&](const Pattern& child) {
             return holds_capture(child) ||
                    (is_known(child.field) && (child.symbols.empty() || child.symbols[0] != kNoSymbol));
           });
  }
  std::uint16_t field(std::string_view name) const {
    if (name.empty()) return 0;
    const TSFieldId id =
        ts_language_field_id_for_name(language_, name.data(), static_cast<std::uint32_t>(name.size()));
    SEEDLING_ASSERT(id != 0);
    return id;
  }
  // The texts that tests ask of a capture, appended to the list.
  std::pair<std::uint16_t, std::uint16_t> texts_of(std::string_view capture) {
    const std::size_t first = rules_.texts.size();
    for (const TextTest& test : *tests_)
      if (test.capture == capture)
        rules_.texts.insert(rules_.texts.end(), test.texts.begin(), test.texts.end());
    return {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(rules_.texts.size() - first)};
  }

  void add_needs(const Pattern& pattern, ScopeRule::Step& step) {
    step.first_need = static_cast<std::uint16_t>(rules_.needs.size());
    for (const Pattern& child : pattern.children) {
      if (holds_capture(child)) continue;
      SEEDLING_ASSERT(child.children.empty() && child.symbols.size() <= 1);
      ScopeRule::Need need;
      need.field = field(child.field);
      need.symbol = child.symbols.empty() ? std::uint16_t{0} : child.symbols.front();
      if (!child.captures.empty()) {
        const auto [first, count] = texts_of(child.captures.front());
        need.first_text = first;
        need.text_count = count;
      }
      rules_.needs.push_back(need);
    }
    for (const std::string_view name : pattern.absent_fields) {
      ScopeRule::Need need;
      need.field = field(name);
      need.is_absent = true;
      rules_.needs.push_back(need);
    }
    step.need_count = static_cast<std::uint16_t>(rules_.needs.size() - step.first_need);
  }

  // `chain` holds the steps of the ancestors, outermost first.
  void descend(const Pattern& pattern, std::vector<ScopeRule::Step>& chain) {
    std::vector<std::uint16_t> symbols = pattern.symbols;
    if (symbols.empty()) symbols.push_back(0);
    for (const std::uint16_t symbol : symbols) {
      if (symbol == kNoSymbol || !has_fields(pattern)) continue;
      ScopeRule::Step step;
      step.symbol = symbol;
      step.field = field(pattern.field);
      step.is_first = pattern.is_first;
      step.is_last = pattern.is_last;
      add_needs(pattern, step);
      chain.push_back(step);
      for (const std::string_view capture : pattern.captures)
        if (!capture.starts_with('_')) add_rule(chain, capture);
      for (const Pattern& child : pattern.children)
        if (holds_capture(child)) descend(child, chain);
      chain.pop_back();
    }
  }

  void add_rule(const std::vector<ScopeRule::Step>& chain, std::string_view capture) {
    ScopeRule rule;
    rule.steps.assign(chain.rbegin(), chain.rend());
    const auto [first, count] = texts_of(capture);
    rule.first_text = first;
    rule.text_count = count;
    rule.action = action_of(capture);
    const auto index = static_cast<std::uint16_t>(rules_.rules.size());
    const std::uint16_t own = rule.steps[0].symbol;
    const std::uint16_t parent = rule.steps.size() > 1 ? rule.steps[1].symbol : std::uint16_t{0};
    if (own == 0) {
      SEEDLING_ASSERT(parent != 0);
      rules_.by_parent[parent].push_back(index);
    } else if (parent == 0) {
      rules_.by_symbol[own].push_back(index);
    } else {
      auto& buckets = rules_.by_both[own];
      auto bucket = std::ranges::find(buckets, parent, &ScopeRules::Bucket::parent);
      if (bucket == buckets.end()) bucket = buckets.insert(buckets.end(), {parent, {}});
      bucket->rules.push_back(index);
    }
    rules_.rules.push_back(std::move(rule));
  }

  ScopeRules& rules_;
  const TSLanguage* language_;
  bool is_inherited_;
  const std::vector<TextTest>* tests_ = nullptr;
};

void add_file(ScopeRules& rules, const TSLanguage* language, std::string_view folder, bool is_inherited) {
  const std::string_view text = query_text(std::string(folder) + "/scopes.scm");
  constexpr std::string_view kInherits = "; inherits: ";
  if (text.starts_with(kInherits))
    add_file(rules, language, text.substr(kInherits.size(), text.find('\n') - kInherits.size()), true);
  Reader reader(text, language, is_inherited);
  Compiler compiler(rules, language, is_inherited);
  while (!reader.is_done()) {
    std::vector<TextTest> tests;
    for (const Pattern& pattern : reader.rule(tests)) compiler.add(pattern, tests);
  }
}

ScopeRules compile(const Grammar& grammar) {
  ScopeRules rules;
  const TSLanguage* language = grammar.language();
  const std::size_t symbols = ts_language_symbol_count(language);
  rules.by_symbol.resize(symbols);
  rules.by_both.resize(symbols);
  rules.by_parent.resize(symbols);
  add_file(rules, language, grammar.folder, false);
  rules.are_files_shared = is_word(grammar, "scoping", "shared");
  return rules;
}

}  // namespace

const ScopeRules& scope_rules_of(const Grammar& grammar) {
  static constexpr std::size_t kMaxGrammars = 64;
  static std::array<std::once_flag, kMaxGrammars> once;
  static std::array<ScopeRules, kMaxGrammars> rules;
  const std::size_t index = static_cast<std::size_t>(&grammar - all_grammars().data());
  SEEDLING_ASSERT(index < kMaxGrammars);
  std::call_once(once[index], [&] { rules[index] = compile(grammar); });
  return rules[index];
}

}  // namespace seedling
