// engine/tokenizer/special_tokens.h
//
// The reserved entries of our vocabulary, in order: token id = position in this table. Ids up to kSpecialTokenCount
// are reserved, then come the 256 byte tokens, then the learnt merges.
//   Loaded models name their own special tokens in config.json's `diffusion` object; this table is ours.
#pragma once

#include <array>
#include <string_view>

#include "engine/types.h"

namespace seedling {

namespace special {
inline constexpr TokenId kPad = 0;
inline constexpr TokenId kEnd = 1;         // ends the middle of a fill-in-the-middle sequence
inline constexpr TokenId kMask = 2;        // a position of the canvas still to be denoised
inline constexpr TokenId kDelete = 3;      // proposed where a draft token should go
inline constexpr TokenId kInsert = 4;      // proposed where a token is missing before an anchor
inline constexpr TokenId kSuffix = 5;      // text after the hole follows
inline constexpr TokenId kPrefix = 6;      // text before the hole follows
inline constexpr TokenId kMiddle = 7;      // the hole follows
inline constexpr TokenId kPath = 8;        // the document's path follows
inline constexpr TokenId kSnippet = 9;     // a piece of another file follows
inline constexpr TokenId kDiagnostic = 10; // a diagnostic's message follows
inline constexpr TokenId kDraft = 11;      // a draft follows
inline constexpr TokenId kFirstLanguage = 12;  // language tokens, in the order of kLanguages
}  // namespace special

inline constexpr int kSpecialTokenCount = 32;

// LSP language ids; the token of kLanguages[i] is kFirstLanguage + i. The last one stands for every other language.
inline constexpr std::array<std::string_view, 10> kLanguages = {
    "python", "c", "cpp", "javascript", "typescript", "typescriptreact", "go", "rust", "java", "text"};

inline constexpr std::array<std::string_view, kSpecialTokenCount> kSpecialTokens = {
    "<|pad|>",     "<|end|>",        "<|mask|>",   "<|delete|>", "<|insert|>",     "<|suffix|>",     "<|prefix|>",
    "<|middle|>",  "<|path|>",       "<|snippet|>", "<|diagnostic|>", "<|draft|>", "<|python|>",     "<|c|>",
    "<|cpp|>",     "<|javascript|>", "<|typescript|>", "<|typescriptreact|>", "<|go|>", "<|rust|>",  "<|java|>",
    "<|text|>",    "<|reserved_22|>", "<|reserved_23|>", "<|reserved_24|>", "<|reserved_25|>", "<|reserved_26|>",
    "<|reserved_27|>", "<|reserved_28|>", "<|reserved_29|>", "<|reserved_30|>", "<|reserved_31|>"};

// The token of an LSP language id; <|text|> for one that is not in the table.
TokenId language_token(std::string_view language);

}  // namespace seedling
