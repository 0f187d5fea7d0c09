// engine/tokenizer/byte_spelling.h
//
// How tokenizer.json spells arbitrary bytes as readable text: every byte is one character of a fixed
// alphabet.
//   Printable bytes stand for themselves; the others (space, newline, 0x80..) become U+0100 and up, so " x"
//   reads "Ġx". Pure; thread-free. The two functions are inverses of each other. Source: bytes_to_unicode of
//   GPT-2, used by huggingface/tokenizers' ByteLevel.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seedling {

std::string spell_bytes(std::string_view bytes);

// The bytes that `spelling` stands for; nothing if it holds a character outside the alphabet.
std::optional<std::string> unspell_bytes(std::string_view spelling);

}  // namespace seedling
