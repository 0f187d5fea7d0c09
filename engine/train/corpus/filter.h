// engine/train/corpus/filter.h
//
// Which files of a package are worth training on, and in what form. Pure functions of path and text.
//   judge() gives the text as it goes into the corpus (LF line ends, no byte order mark, no leading licence
//   comment) or the reason why the file is dropped. Any thread. No errors: a bad file is a dropped file.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace seedling {

enum class Drop {
  kept,
  unseen_ground,  // below a folder named like a package the model is evaluated on, or a vendored copy
  size,           // under 200 bytes or over 300 kB
  not_utf8,
  long_lines,  // minified
  generated,   // says so in its first ten lines
  copyleft,    // its header names a licence that is not permissive
  data,        // few letters, many digits, or mostly not ASCII
  mostly_blank,
  no_parse,      // ERROR nodes over more than 1 % of its bytes
  contaminated,  // shares 13 tokens with an evaluation set
  exact_copy,
  near_copy,
  over_cap,  // the package's share is used up
};
inline constexpr std::array<std::string_view, 14> kDropNames = {
    "kept", "unseen ground", "size",           "not UTF-8",    "long lines", "generated", "copyleft",
    "data", "mostly blank",  "does not parse", "contaminated", "exact copy", "near copy", "over cap"};

// LSP language id by extension; empty for a file that is no source text. `text` decides between C and C++
// headers.
std::string_view corpus_language(std::string_view path, std::string_view text);

bool is_unseen_ground(std::string_view path);

// A declaration file (.d.ts) says little; packages may give only few of them.
bool is_declaration_file(std::string_view path);

// Test code is kept last, when a package's cap leaves room.
bool is_test_path(std::string_view path);

struct Judged {
  Drop verdict = Drop::kept;
  std::string text;  // set when kept
};
Judged judge(std::string_view raw, std::string_view language);

// The text without leading comment blocks that speak of a licence or copyright; a "#!" line stays.
std::string without_licence_header(std::string_view text, std::string_view language);

}  // namespace seedling
