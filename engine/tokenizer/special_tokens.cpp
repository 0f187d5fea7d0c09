#include "engine/tokenizer/special_tokens.h"

namespace seedling {

TokenId language_token(std::string_view language) {
  for (std::size_t i = 0; i < kLanguages.size(); ++i) {
    if (kLanguages[i] == language) return special::kFirstLanguage + static_cast<TokenId>(i);
  }
  return special::kFirstLanguage + static_cast<TokenId>(kLanguages.size()) - 1;
}

}  // namespace seedling
