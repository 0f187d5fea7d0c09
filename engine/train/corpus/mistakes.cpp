#include "engine/train/corpus/mistakes.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "engine/assert.h"

namespace seedling {
namespace {

enum class Lexeme { word, number, quoted, mark };

struct Piece {
  Lexeme kind;
  std::size_t begin, end;
};

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80) != 0;
}

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c));
}

// The families that make the same mistakes.
bool is_python(std::string_view language) {
  return language == "python";
}
bool is_script(std::string_view language) {  // JavaScript and its dialects
  return language.starts_with("javascript") || language.starts_with("typescript");
}
bool is_c(std::string_view language) {
  return language == "c" || language == "cpp";
}

constexpr std::string_view kLongMarks[] = {
    "===", "!==", "<<=", ">>=", "**=", "...", "==", "!=", "<=", ">=", "&&", "||", "->", "=>", "::",
    ":=",  "+=",  "-=",  "*=",  "/=",  "%=",  "++", "--", "<<", ">>", "**", "//", "??", "?."};

// The pieces of a text without white space and comments.
class Lexer {
 public:
  Lexer(std::string_view language, std::string_view text) : python_(is_python(language)), text_(text) {}

  std::vector<Piece> pieces() {
    std::vector<Piece> out;
    while (at_ < text_.size()) {
      const std::size_t begin = at_;
      if (std::isspace(static_cast<unsigned char>(text_[at_]))) {
        ++at_;
      } else if (skip_comment()) {
      } else if (skip_quoted()) {
        out.push_back({Lexeme::quoted, begin, at_});
      } else if (is_letter(text_[at_]) || is_digit(text_[at_])) {
        const Lexeme kind = is_digit(text_[at_]) ? Lexeme::number : Lexeme::word;
        while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
        out.push_back({kind, begin, at_});
      } else {
        at_ += mark_length();
        out.push_back({Lexeme::mark, begin, at_});
      }
    }
    return out;
  }

 private:
  bool starts(std::string_view with) const { return text_.substr(at_).starts_with(with); }
  void skip_past(std::string_view what, std::size_t from) {
    const std::size_t found = text_.find(what, from);
    at_ = found == text_.npos ? text_.size() : found + what.size();
  }
  bool skip_comment() {
    if (python_ ? starts("#") : starts("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return true;
    }
    if (python_ || !starts("/*")) return false;
    skip_past("*/", at_ + 2);
    return true;
  }
  bool skip_quoted() {
    for (const std::string_view triple : {"\"\"\"", "'''"}) {
      if (!python_ || !starts(triple)) continue;
      skip_past(triple, at_ + 3);
      return true;
    }
    const char quote = text_[at_];
    if (quote != '"' && quote != '\'' && (quote != '`' || python_)) return false;
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && (quote == '`' || text_[end] != '\n'))
      end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size() || text_[end] != quote) return false;  // an apostrophe, a lifetime
    at_ = end + 1;
    return true;
  }
  std::size_t mark_length() const {
    for (const std::string_view mark : kLongMarks)
      if (starts(mark) && !(python_ && mark == "++")) return mark.size();
    return 1;
  }

  bool python_;
  std::string_view text_;
  std::size_t at_ = 0;
};

const std::set<std::string_view> kKeywords = {
    "and",      "as",     "assert",  "async",     "await",    "bool",      "break",     "case",
    "catch",    "char",   "class",   "const",     "continue", "def",       "default",   "del",
    "delete",   "do",     "double",  "elif",      "else",     "enum",      "except",    "export",
    "extends",  "extern", "false",   "False",     "final",    "finally",   "float",     "fn",
    "for",      "from",   "func",    "function",  "global",   "goto",      "if",        "import",
    "impl",     "in",     "include", "inline",    "int",      "interface", "is",        "lambda",
    "let",      "long",   "match",   "namespace", "new",      "None",      "not",       "null",
    "nullptr",  "number", "or",      "package",   "pass",     "private",   "protected", "public",
    "pub",      "raise",  "return",  "self",      "short",    "signed",    "sizeof",    "static",
    "string",   "struct", "super",   "switch",    "template", "this",      "throw",     "true",
    "True",     "try",    "type",    "typedef",   "typename", "typeof",    "undefined", "union",
    "unsigned", "use",    "using",   "var",       "virtual",  "void",      "volatile",  "while",
    "with",     "yield"};

struct Swap {
  std::string_view from, to;
};

constexpr Swap kOperators[] = {
    {"==", "="}, {"==", "!="}, {"!=", "=="}, {"=", "=="},  {"<=", "<"},  {">=", ">"},  {"<", "<="},
    {">", ">="}, {"+", "-"},   {"-", "+"},   {"+=", "=+"}, {"+=", "-="}, {"*", "+"},   {"=>", "->"},
    {"->", "."}, {"->", "=>"}, {"::", ":"},  {".", ","},   {",", "."},   {"===", "="}, {"&&", "&"},
    {"||", "|"}, {"!", "~"},   {"//", "/"},  {"**", "^"},  {":=", "="},  {"++", "+"},  {"!==", "=!"}};
constexpr Swap kPythonForeign[] = {{"True", "true"},    {"False", "false"},  {"None", "null"},
                                   {"None", "nil"},     {"elif", "else if"}, {"and", "&&"},
                                   {"or", "||"},        {"not", "!"},        {"def", "function"},
                                   {"except", "catch"}, {"raise", "throw"},  {"self", "this"}};
constexpr Swap kScriptForeign[] = {{"true", "True"},   {"false", "False"}, {"null", "None"},
                                   {"&&", "and"},      {"||", "or"},       {"function", "def"},
                                   {"this", "self"},   {"throw", "raise"}, {"catch", "except"},
                                   {"const", "final"}, {"string", "str"},  {"boolean", "bool"}};
constexpr Swap kCForeign[] = {
    {"true", "True"}, {"false", "False"},  {"nullptr", "null"}, {"NULL", "null"},    {"this", "self"},
    {"const", "let"}, {"bool", "boolean"}, {"throw", "raise"},  {"catch", "except"}, {"unsigned", "uint"}};
constexpr std::string_view kTypesOfC[] = {"int", "char", "float", "double", "bool", "void", "size_t", "long"};
constexpr std::string_view kTypesOfScript[] = {"number", "string", "boolean", "void", "null", "undefined"};

std::string_view text_of(std::string_view text, const Piece& piece) {
  return text.substr(piece.begin, piece.end - piece.begin);
}

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t newline = at == 0 ? text.npos : text.rfind('\n', at - 1);
  return newline == text.npos ? 0 : newline + 1;
}

std::size_t line_end(std::string_view text, std::size_t at) {  // past the newline
  const std::size_t newline = text.find('\n', at);
  return newline == text.npos ? text.size() : newline + 1;
}

// One letter dropped, doubled, changed or exchanged with its neighbour.
std::string misspelt(std::string_view word, Random& random) {
  std::string name(word);
  const auto at = static_cast<std::size_t>(random.below(static_cast<int>(name.size()) - 1));
  switch (random.below(4)) {
    case 0:
      name.erase(at + 1, 1);
      break;
    case 1:
      name.insert(at, 1, name[at]);
      break;
    case 2:
      name[at + 1] = static_cast<char>('a' + random.below(26));
      break;
    default:
      std::swap(name[at], name[at + 1]);
  }
  return name;
}

// A name that somebody might have meant: another ending, another word of it.
std::string unknown(std::string_view word, Random& random) {
  static constexpr std::string_view kEndings[] = {"s",   "_",     "2",      "_list", "Name",
                                                  "_id", "Count", "_value", "er"};
  const std::size_t part = word.find('_', 1);
  if (part != word.npos && part + 2 < word.size() && random.below(2) == 0)
    return std::string(random.below(2) == 0 ? word.substr(0, part) : word.substr(part + 1));
  if (word.ends_with('s') && word.size() > 3 && random.below(2) == 0)
    return std::string(word.substr(0, word.size() - 1));
  return std::string(word) + std::string(kEndings[static_cast<std::size_t>(random.below(9))]);
}

// All mistakes that can be made in a range, by kind.
class Finder {
 public:
  Finder(std::string_view language, std::string_view text, std::size_t begin, std::size_t end, Random& random)
      : language_(language), text_(text), begin_(begin), end_(end), random_(random) {
    pieces_ = Lexer(language, text).pieces();
    for (const Piece& piece : pieces_)
      if (piece.kind == Lexeme::word) words_.insert(text_of(text, piece));
  }

  std::optional<Mistake> one() {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (pieces_[i].begin < begin_ || pieces_[i].end > end_) continue;
      if (pieces_[i].kind == Lexeme::word) add_word(pieces_[i]);
      if (pieces_[i].kind == Lexeme::quoted) add_quoted(pieces_[i]);
      if (pieces_[i].kind == Lexeme::mark) add_mark(i);
    }
    add_lines();
    std::vector<const std::vector<Mistake>*> kinds;
    for (const auto& kind : found_)
      if (!kind.empty()) kinds.push_back(&kind);
    if (kinds.empty()) return std::nullopt;
    const auto& kind = *kinds[static_cast<std::size_t>(random_.below(static_cast<int>(kinds.size())))];
    return kind[static_cast<std::size_t>(random_.below(static_cast<int>(kind.size())))];
  }

 private:
  void add(MistakeKind kind, std::size_t begin, std::size_t end, std::string_view replacement) {
    if (begin < begin_ || end > end_ || text_.substr(begin, end - begin) == replacement) return;
    found_[static_cast<std::size_t>(kind)].push_back({kind, begin, end, std::string(replacement)});
  }

  void add_word(const Piece& piece) {
    const std::string_view word = text_of(text_, piece);
    if (word.size() >= 3) add(MistakeKind::misspelt_name, piece.begin, piece.end, misspelt(word, random_));
    add_foreign(piece);
    if (kKeywords.count(word) == 0 && is_letter(word[0])) {
      const std::string other = unknown(word, random_);
      if (words_.count(other) == 0 && !other.empty() && is_letter(other[0]))
        add(MistakeKind::unknown_name, piece.begin, piece.end, other);
      add(MistakeKind::missing_name, piece.begin, piece.end, "");
    }
    add_type(piece, word);
  }

  void add_type(const Piece& piece, std::string_view word) {
    const auto swap_in = [&](const auto& types) {
      if (std::find(std::begin(types), std::end(types), word) == std::end(types)) return;
      const auto count = static_cast<int>(std::size(types));
      add(MistakeKind::wrong_type, piece.begin, piece.end,
          types[static_cast<std::size_t>(random_.below(count))]);
    };
    if (is_c(language_)) swap_in(kTypesOfC);
    if (language_.starts_with("typescript")) swap_in(kTypesOfScript);
  }

  void add_foreign(const Piece& piece) {
    const auto swap_in = [&](const auto& table) {
      for (const Swap& swap : table)
        if (swap.from == text_of(text_, piece))
          add(MistakeKind::foreign_word, piece.begin, piece.end, swap.to);
    };
    if (is_python(language_)) swap_in(kPythonForeign);
    if (is_script(language_)) swap_in(kScriptForeign);
    if (is_c(language_)) swap_in(kCForeign);
  }

  void add_quoted(const Piece& piece) {
    add(MistakeKind::dropped_quote, piece.begin, piece.begin + 1, "");
    add(MistakeKind::dropped_quote, piece.end - 1, piece.end, "");
  }

  void add_mark(std::size_t i) {
    const Piece& piece = pieces_[i];
    const std::string_view mark = text_of(text_, piece);
    for (const Swap& swap : kOperators)
      if (swap.from == mark) add(MistakeKind::wrong_operator, piece.begin, piece.end, swap.to);
    add_foreign(piece);
    if (mark == ":") add(MistakeKind::dropped_colon, piece.begin, piece.end, "");
    // Where a line's end ends a statement too, a semicolon less is no mistake.
    if (mark == ";" && !is_python(language_) && !is_script(language_) && language_ != "go")
      add(MistakeKind::dropped_semicolon, piece.begin, piece.end, "");
    if (std::string_view("()[]{}").find(mark) == std::string_view::npos) return;
    add(MistakeKind::dropped_bracket, piece.begin, piece.end, "");
    add(MistakeKind::extra_bracket, piece.end, piece.end, mark);
    if (mark == "(" && i > 0 && pieces_[i - 1].kind == Lexeme::word) add_arguments(i);
  }

  // The arguments of the call whose bracket is piece `open`: each can be dropped, with one comma.
  void add_arguments(std::size_t open) {
    int depth = 0;
    std::size_t start = pieces_[open].end;  // of the present argument, after the comma before it
    bool is_first = true;
    for (std::size_t i = open; i < pieces_.size(); ++i) {
      const std::string_view mark = text_of(text_, pieces_[i]);
      if (pieces_[i].kind != Lexeme::mark) continue;
      if (mark == "(" || mark == "[" || mark == "{") ++depth;
      if (mark == ")" || mark == "]" || mark == "}") --depth;
      const bool is_comma = depth == 1 && mark == ",";
      if (!is_comma && depth > 0) continue;
      if (mark != ")" && !is_comma) return;
      const std::size_t end = pieces_[i].begin;
      if (end > start) {
        if (is_comma && is_first) {
          const std::size_t next = text_.find_first_not_of(" ", pieces_[i].end);
          add(MistakeKind::dropped_argument, start, next == text_.npos ? pieces_[i].end : next, "");
        } else {
          add(MistakeKind::dropped_argument, is_first ? start : start - 1, end, "");
        }
      }
      if (!is_comma) return;
      start = pieces_[i].end;
      is_first = false;
    }
  }

  void add_lines() {
    for (std::size_t at = line_begin(text_, begin_); at < end_; at = line_end(text_, at)) {
      const std::size_t end = line_end(text_, at);
      const std::string_view line = text_.substr(at, end - at);
      if (is_import(line)) add(MistakeKind::dropped_import, at, end, "");
      const std::size_t indentation = line.find_first_not_of(" \t");
      if (!is_python(language_) || indentation == line.npos || line[indentation] == '\n') continue;
      if (indentation >= 4) add(MistakeKind::wrong_indentation, at, at + 4, "");
      if (indentation >= 1) add(MistakeKind::wrong_indentation, at, at + 1, "");
      add(MistakeKind::wrong_indentation, at, at, indentation == 0 || line[0] != '\t' ? "    " : "\t");
    }
  }

  bool is_import(std::string_view line) const {
    if (is_python(language_))
      return line.starts_with("import ") || (line.starts_with("from ") && !ends_open(line));
    if (is_c(language_)) return line.starts_with("#include") || line.starts_with("using ");
    if (language_ == "rust") return line.starts_with("use ");
    if (is_script(language_) && line.find("require(") != line.npos)
      return line.starts_with("const ") || line.starts_with("var ");
    return line.starts_with("import ") && !ends_open(line);
  }
  static bool ends_open(std::string_view line) {
    return line.find_first_of("({") != line.npos && line.find_first_of(")}") == line.npos;
  }

  std::string_view language_, text_;
  std::size_t begin_, end_;
  Random& random_;
  std::vector<Piece> pieces_;
  std::set<std::string_view> words_;  // of the whole text
  std::array<std::vector<Mistake>, kMistakeNames.size()> found_;
};

}  // namespace

std::optional<Mistake> make_mistake(std::string_view language, std::string_view text, std::size_t begin,
                                    std::size_t end, Random& random) {
  SEEDLING_ASSERT(begin <= end && end <= text.size());
  return Finder(language, text, begin, end, random).one();
}

std::string with_mistake(std::string_view text, const Mistake& mistake) {
  std::string out(text.substr(0, mistake.begin));
  out += mistake.replacement;
  out += text.substr(mistake.end);
  return out;
}

}  // namespace seedling
