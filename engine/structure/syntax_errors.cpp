#include "engine/structure/syntax_errors.h"

#include <algorithm>
#include <set>

#include "engine/structure/lexical.h"
#include "engine/structure/lines.h"
#include "grammars/words.h"

namespace seedling {
namespace {

// A longer error has many causes; where it begins says most.
constexpr std::size_t kMostErrorLines = 40, kFirstLines = 4;

// So far above a line the macro is looked for whose arguments it may be.
constexpr std::size_t kMostArgumentLines = 10;

// So far behind an error of a macro what does not fit is a consequence of it.
constexpr std::size_t kConsequenceLines = 2;

bool is_in_capitals(std::string_view word) {
  std::size_t capitals = 0;
  for (const char c : word) {
    if (c >= 'a' && c <= 'z') return false;
    if (c >= 'A' && c <= 'Z') ++capitals;
  }
  return capitals >= 2;
}

class MacroErrors {
 public:
  MacroErrors(std::string_view text, const Grammar& grammar)
      : text_(text), grammar_(grammar), is_active_(is_word(grammar, "lexical", "preprocessor")) {}

  // Whether a macro explains the error. Errors are asked about in the order of the text.
  bool explains(ByteRange error) {
    if (!is_active_) return false;
    read_definitions();
    const std::size_t begin = line_start(text_, std::min<std::size_t>(error.begin.value, text_.size()));
    const bool follows = explained_to_ > 0 && begin < explained_to_;
    const std::size_t end = end_of_search(begin, error.end.value);
    if (!follows && !has_macro(text_.substr(begin, end - begin)) && !is_beside_directive(begin, end) &&
        !is_in_arguments(begin) && !is_type_argument(error))
      return false;
    explained_to_ = std::max(explained_to_, lines_behind(end, kConsequenceLines));
    return true;
  }

 private:
  std::size_t lines_behind(std::size_t at, std::size_t count) const {
    for (; count > 0 && at < text_.size(); --count) at = std::min(line_end(text_, at) + 1, text_.size());
    return at;
  }

  // The end of the error's last line, or of its first lines if it is long.
  std::size_t end_of_search(std::size_t begin, std::size_t error_end) const {
    const std::size_t whole = line_end(text_, std::min(std::max(begin, error_end), text_.size()));
    return whole <= lines_behind(begin, kMostErrorLines) ? whole : lines_behind(begin, kFirstLines);
  }

  std::string_view line_before(std::size_t begin) const {
    if (begin == 0) return {};
    const std::size_t start = line_start(text_, begin - 1);
    return text_.substr(start, begin - 1 - start);
  }

  // Lines that a preprocessor chooses among, or that are the text of a macro.
  bool is_beside_directive(std::size_t begin, std::size_t end) const {
    const std::string_view above = trimmed(line_before(begin));
    const std::size_t next = std::min(end + 1, text_.size());
    const std::string_view below = trimmed(text_.substr(next, line_end(text_, next) - next));
    return above.ends_with('\\') || is_choice(above) || is_choice(below);
  }

  // Lines between the brackets of a macro: `GLOBALS(`, and declarations below.
  bool is_in_arguments(std::size_t begin) const {
    int depth = 0;
    for (std::size_t count = 0; count < kMostArgumentLines && begin > 0; ++count) {
      const std::string_view line = line_before(begin);
      if (is_blank(line)) return false;
      for (const char c : line) depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      begin -= line.size() + 1;
      const std::string_view word = word_at(line);
      if (!word.empty() && is_macro(word) && trimmed(line.substr(word.size())).starts_with('('))
        return depth >= 0;
    }
    return false;
  }

  // A type among the arguments of a call: no function takes one.
  bool is_type_argument(ByteRange error) const {
    const std::string_view before = text_.substr(0, std::min<std::size_t>(error.begin.value, text_.size()));
    const std::string_view piece = trimmed(text_.substr(before.size(), error.size()));
    const std::size_t last = before.find_last_not_of(kBlankBytes);
    return last != std::string_view::npos && (before[last] == ',' || before[last] == '(') &&
           is_type(word_at(piece));
  }

  static bool is_choice(std::string_view line) {
    if (!line.starts_with('#')) return false;
    const std::string_view directive = trimmed(line.substr(1));
    return directive.starts_with("if") || directive.starts_with("el") || directive.starts_with("end");
  }

  void read_definitions() {
    if (has_read_) return;
    has_read_ = true;
    for (std::size_t at = 0; at < text_.size(); at = line_end(text_, at) + 1) {
      const std::string_view line = trimmed(text_.substr(at, line_end(text_, at) - at));
      if (!line.starts_with('#')) continue;
      const std::string_view directive = trimmed(line.substr(1));
      if (!directive.starts_with("define ")) continue;
      const std::string_view rest = trimmed(directive.substr(7));
      defined_.insert(word_at(rest));
    }
  }

  bool is_macro(std::string_view word) const {
    return (is_in_capitals(word) || defined_.contains(word)) && !is_word(grammar_, "keywords", word);
  }

  // Whether a macro stands in these lines where a word of the language could not, or a preprocessor chooses
  // among them.
  bool has_macro(std::string_view lines) const {
    for (std::size_t at = 0; at < lines.size(); at = line_end(lines, at) + 1) {
      const std::string_view line = lines.substr(at, line_end(lines, at) - at);
      const std::string_view code = trimmed(line);
      if (code.starts_with('#') || code.ends_with('\\') || has_macro_in_line(line)) return true;
    }
    return false;
  }

  bool has_macro_in_line(std::string_view line) const {
    Scanner scanner(grammar_.id);
    char before = ' ';            // the byte of code before the word that is no blank
    bool is_behind_word = false;  // that byte ends a word that is no keyword but a type
    for (std::size_t at = 0; at < line.size();) {
      if (!scanner.is_in_code() || !is_identifier_byte(line[at])) {
        if (scanner.is_in_code() && line[at] != ' ' && line[at] != '\t') {
          before = line[at];
          is_behind_word = false;
        }
        at = scanner.step(line, at);
        continue;
      }
      std::size_t end = at;
      while (end < line.size() && is_identifier_byte(line[end])) end = scanner.step(line, end);
      const std::string_view word = line.substr(at, end - at);
      const std::size_t next = std::min(line.find_first_not_of(" \t", end), line.size());
      const char behind = next < line.size() ? line[next] : '\n';
      const bool begins_line = before == ' ';
      if (is_macro(word) && is_out_of_place(before, is_behind_word, line.substr(next))) return true;
      if (is_macro(word) && begins_line && (behind == '\n' || is_no_statement(line.substr(next))))
        return true;
      if (word.find("each") != std::string_view::npos && behind == '(' && before == ' ') return true;
      is_behind_word = !is_word(grammar_, "keywords", word) || is_type(word);
      before = line[end - 1];
      at = end;
    }
    return false;
  }

  static bool is_type(std::string_view word) {
    static const std::set<std::string_view> types = {
        "auto",  "bool",     "char",  "const",   "double",   "enum",   "extern",    "float",   "inline",
        "int",   "long",     "short", "signed",  "static",   "void",   "struct",    "struct",  "typedef",
        "union", "unsigned", "class", "virtual", "volatile", "friend", "constexpr", "explicit"};
    return types.contains(word);
  }

  // Whether what stands behind a word is in brackets, and no statement ends there.
  static bool is_no_statement(std::string_view rest) {
    if (!rest.starts_with('(')) return false;
    int depth = 0;
    std::size_t at = 0;
    for (; at < rest.size(); ++at) {
      depth += rest[at] == '(' ? 1 : rest[at] == ')' ? -1 : 0;
      if (depth == 0) break;
    }
    const std::size_t behind = rest.find_first_not_of(" \t", std::min(at + 1, rest.size()));
    return behind == std::string_view::npos || rest[behind] == '{' || is_identifier_byte(rest[behind]);
  }

  // `rest`: the line from what stands behind the word.
  static bool is_out_of_place(char before, bool is_behind_word, std::string_view rest) {
    const char behind = rest.empty() ? '\n' : rest.front();
    const bool is_before_word = is_identifier_byte(behind) && !(behind >= '0' && behind <= '9');
    if (is_behind_word)
      return is_before_word || std::string_view("*),({;\n=").find(behind) != std::string_view::npos;
    if (is_before_word) return is_type(word_at(rest)) || is_before_two_words(rest);  // not a type's name
    if (behind == '"' || (before == '(' && behind == '*')) return true;              // (WINAPI *f)(...)
    // f() UNUSED, "%" PRIu64
    return before == '"' ||
           (before == ')' && std::string_view(";{,)\n").find(behind) != std::string_view::npos);
  }

  static bool is_before_two_words(std::string_view rest) {
    rest.remove_prefix(word_at(rest).size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t*&"), rest.size()));
    return !word_at(rest).empty();
  }

  const std::string_view text_;
  const Grammar& grammar_;
  const bool is_active_;
  bool has_read_ = false;
  std::set<std::string_view> defined_;
  std::size_t explained_to_ = 0;
};

}  // namespace

void each_syntax_error(TSNode root, std::string_view text, const Grammar& grammar,
                       const std::function<bool(TSNode)>& visit) {
  MacroErrors macros(text, grammar);
  walk(root, [&](TSNode node) {
    if (!ts_node_is_error(node) && !ts_node_is_missing(node)) return ts_node_has_error(node);
    // A text that did not come out as one at all has more wrong with it than a macro.
    const bool may_be_macro = !same_node(node, root);
    return !(may_be_macro && macros.explains(range_of(node))) && visit(node) && ts_node_has_error(node);
  });
}

namespace {

// A verdict that grows by the nodes that it is told of, in the order of the text.
class Counted {
 public:
  explicit Counted(std::string_view text) { verdict.text_bytes = static_cast<std::uint32_t>(text.size()); }

  // Returns whether the node counts and is in no error that was counted.
  bool add(TSNode node) {
    const bool is_missing = ts_node_is_missing(node), is_error = ts_node_is_error(node);
    if (is_missing) ++verdict.missing_nodes;
    if (is_error) ++verdict.error_nodes;
    const ByteRange range = range_of(node);
    const std::uint32_t begin = std::max(range.begin.value, counted_to_);
    if (is_error && range.end.value > begin) verdict.error_bytes += range.end.value - begin;
    if (is_error) counted_to_ = std::max(counted_to_, range.end.value);
    return (is_error || is_missing) && begin == range.begin.value;
  }

  Verdict verdict;

 private:
  std::uint32_t counted_to_ = 0;
};

}  // namespace

LocatedVerdict verdict_of(TSNode root, std::string_view text, const Grammar& grammar) {
  LocatedVerdict found;
  Counted ours(text), parsed(text);
  each_syntax_error(root, text, grammar, [&](TSNode node) {
    if (ours.add(node)) found.problems.push_back(range_of(node));
    return true;
  });
  walk(root, [&](TSNode node) {
    parsed.add(node);
    return ts_node_has_error(node);
  });
  found.verdict = ours.verdict;
  found.parsed = parsed.verdict;
  return found;
}

}  // namespace seedling
