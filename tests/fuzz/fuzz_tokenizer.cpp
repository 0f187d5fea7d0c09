// tests/fuzz/fuzz_tokenizer.cpp
//
// libFuzzer target: any bytes as a tokenizer.json give an error or a tokenizer whose texts come back; any
// bytes as a text come back through a good tokenizer, whose pre-token lengths stay inside the text.
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/assert.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/tiny_tokenizer.h"

namespace {

void check(const seedling::Tokenizer& tokenizer, std::string_view text) {
  const std::vector<seedling::TokenId> tokens = tokenizer.encode(text);
  for (const seedling::TokenId token : tokens) SEEDLING_ASSERT(!tokenizer.is_special(token));
  SEEDLING_ASSERT(tokenizer.decode(tokens) == text);
  SEEDLING_ASSERT(tokenizer.first_pretoken_length(text) <= text.size());
  SEEDLING_ASSERT(tokenizer.last_pretoken_length(text) <= text.size());
  SEEDLING_ASSERT(text.empty() || tokenizer.last_pretoken_length(text) > 0);
  if (text.empty()) return;
  for (const seedling::TokenId token : tokenizer.tokens_consistent_with(text.substr(0, 8))) {
    SEEDLING_ASSERT(!tokenizer.bytes(token).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static const auto tiny = seedling::Tokenizer::parse(seedling::tiny_tokenizer_json().dump(), "tiny");
  check(**tiny, input);
  const auto parsed = seedling::Tokenizer::parse(input, "fuzz");
  if (parsed.ok()) {
    check(**parsed, input.substr(0, 4096));
  } else {
    SEEDLING_ASSERT(parsed.error().message.starts_with("fuzz: "));
  }
  return 0;
}
