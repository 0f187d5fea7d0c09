#include "engine/tokenizer/byte_spelling.h"

#include <array>
#include <cstdint>

namespace seedling {
namespace {

// All characters of the alphabet lie below U+0144: one or two bytes of UTF-8.
constexpr int kAlphabetEnd = 0x144;

struct Alphabet {
  std::array<int, 256> character_of{};
  std::array<int, kAlphabetEnd> byte_of{};  // -1 outside the alphabet
};

constexpr bool stands_for_itself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  alphabet.byte_of.fill(-1);
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const int character = stands_for_itself(byte) ? byte : next++;
    alphabet.character_of[byte] = character;
    alphabet.byte_of[character] = byte;
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = make_alphabet();

}  // namespace

std::string spell_bytes(std::string_view bytes) {
  std::string spelling;
  spelling.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const int character = kAlphabet.character_of[static_cast<std::uint8_t>(c)];
    if (character < 0x80) {
      spelling.push_back(static_cast<char>(character));
    } else {
      spelling.push_back(static_cast<char>(0xC0 | (character >> 6)));
      spelling.push_back(static_cast<char>(0x80 | (character & 0x3F)));
    }
  }
  return spelling;
}

std::optional<std::string> unspell_bytes(std::string_view spelling) {
  std::string bytes;
  bytes.reserve(spelling.size());
  for (std::size_t at = 0; at < spelling.size(); ++at) {
    int character = static_cast<std::uint8_t>(spelling[at]);
    if (character >= 0x80) {
      if (character < 0xC2 || character > 0xDF || at + 1 == spelling.size()) return std::nullopt;
      const int low = static_cast<std::uint8_t>(spelling[++at]);
      if ((low & 0xC0) != 0x80) return std::nullopt;
      character = ((character & 0x1F) << 6) | (low & 0x3F);
    }
    if (character >= kAlphabetEnd || kAlphabet.byte_of[character] < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(kAlphabet.byte_of[character]));
  }
  return bytes;
}

}  // namespace seedling
