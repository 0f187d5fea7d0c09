#include "engine/train/corpus/lexical.h"

#include <xxhash.h>

namespace seedling {
namespace {

bool is_word(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

}  // namespace

std::vector<std::uint64_t> lexical_hashes(std::string_view text) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(text.size() / 3);
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c <= ' ') {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (is_word(c)) {
      while (end < text.size() && is_word(static_cast<unsigned char>(text[end]))) ++end;
    }
    hashes.push_back(XXH3_64bits(text.data() + at, end - at));
    at = end;
  }
  return hashes;
}

}  // namespace seedling
