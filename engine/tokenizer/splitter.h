// engine/tokenizer/splitter.h
//
// Splitter: cuts a text into pieces (pre-tokens); byte pairs are merged inside a piece, never across two.
//   Immutable after compile; safe to share between threads.
//   Guarantees: the pieces are the whole text in order, none is empty, whatever the bytes. Bytes that are not
//   valid UTF-8 form pieces of their own; text that the pattern does not match is a piece too. Errors: a
//   pattern that does not compile gives invalid_input with PCRE2's message and the offset.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"

namespace seedling {

// How our own tokenizer cuts. Alternatives are tried in this order:
//   (?:\r?\n)+[ \t]*                  newlines with the indentation after them: a line break in code is one
//   token
//   [^\r\n\p{L}\p{N}]?\p{L}+          a word with one character before it: " return", "(self", "_name",
//   ".append" [ ]?\p{N}{1,3}                    at most three digits, so that long numbers do not fill the
//   vocabulary [ ]?[^\s\p{L}\p{N}]{1,16}         operators and rulers; the bound keeps a line of dashes to a
//   few tokens
//   [^\S\r\n]+(?!\S)                  spaces inside a line, without the last one where a word follows ("a b")
//   [^\S\r\n]+ | \r                   what is left: one space before nothing above could take it; a lone CR
// Indentation at the very start of a text is cut as spaces inside a line. Spaces before a line end stay
// together and apart from the newline, so adding or removing them does not change how the next line is cut.
inline constexpr std::string_view kCodePattern =
    R"((?:\r?\n)+[ \t]*|[^\r\n\p{L}\p{N}]?\p{L}+|[ ]?\p{N}{1,3}|[ ]?[^\s\p{L}\p{N}]{1,16}|[^\S\r\n]+(?!\S)|[^\S\r\n]+|\r)";

// What ByteLevel means where a file says use_regex.
inline constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

class Splitter {
 public:
  // Every pattern cuts the pieces that the one before it left; no pattern means that a text is one piece.
  static Result<Splitter> compile(std::span<const std::string> patterns);
  Splitter(Splitter&&) noexcept;
  Splitter& operator=(Splitter&&) noexcept;
  ~Splitter();

  // Offsets one past the end of every piece, ascending; the last one is text.size().
  std::vector<std::size_t> piece_ends(std::string_view text) const;

  // Length of the first and of the last piece without cutting the whole text: they look at kWindowBytes of it
  // at most.
  std::size_t first_piece_length(std::string_view text) const;
  std::size_t last_piece_length(std::string_view text) const;

  static constexpr std::size_t kWindowBytes = 1024;

 private:
  struct Pattern;
  struct Scratch;
  Splitter();
  void cut(std::size_t stage, std::string_view text, std::size_t base, Scratch& scratch,
           std::vector<std::size_t>& ends) const;

  std::vector<std::unique_ptr<Pattern>> patterns_;
};

}  // namespace seedling
