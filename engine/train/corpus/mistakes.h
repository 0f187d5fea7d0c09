// engine/train/corpus/mistakes.h
//
// Mistakes as programmers make them: a name misspelt, unknown or missing, an import, bracket, colon,
// semicolon, quote or argument dropped, a bracket too many, a wrong operator, type or indentation, another
// language's word.
//   Found by lexical means (words, marks, strings; comments are left alone), so a mistake may happen to be
//   none: where that matters a compiler or linter is asked (engine/train/corpus/diagnosed.h). Pure; any
//   thread; a function of the text, the range and the random numbers. No errors: a range in which nothing can
//   go wrong gives nothing. Source: DESIGN.md section 6, stage edit.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "engine/train/random.h"

namespace seedling {

enum class MistakeKind {
  misspelt_name,
  unknown_name,  // a likely name that the text does not have
  missing_name,
  dropped_import,
  dropped_bracket,
  extra_bracket,
  dropped_colon,
  dropped_semicolon,
  dropped_quote,
  dropped_argument,
  wrong_operator,
  wrong_type,
  wrong_indentation,
  foreign_word,  // `null` in Python, `None` in JavaScript
};
inline constexpr std::array<std::string_view, 14> kMistakeNames = {
    "misspelt name",  "unknown name",  "missing name",      "dropped import", "dropped bracket",
    "extra bracket",  "dropped colon", "dropped semicolon", "dropped quote",  "dropped argument",
    "wrong operator", "wrong type",    "wrong indentation", "foreign word"};

// What a mistake makes of a text: bytes [begin, end) become `replacement`.
struct Mistake {
  MistakeKind kind = MistakeKind::misspelt_name;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string replacement;
};

// A mistake that touches only bytes [begin, end) of the text. `language` is an LSP language id. All kinds
// that can be made there are equally likely. REQUIRES: begin <= end <= text.size().
std::optional<Mistake> make_mistake(std::string_view language, std::string_view text, std::size_t begin,
                                    std::size_t end, Random&);

std::string with_mistake(std::string_view text, const Mistake&);

}  // namespace seedling
