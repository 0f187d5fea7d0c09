#include "engine/train/corruption.h"

#include <cctype>

#include "engine/assert.h"

namespace seedling {
namespace {

// 0 white space, 1 word after a space, 2 word, 3 number, 4 marks, 5 marks after a space.
constexpr std::size_t kClasses = 6;

int class_of(std::string_view bytes) {
  const std::size_t start = bytes.find_first_not_of(" \t\r\n");
  if (start == bytes.npos) return 0;
  const auto c = static_cast<unsigned char>(bytes[start]);
  if (std::isalpha(c) || c == '_' || c >= 0x80) return start > 0 ? 1 : 2;
  if (std::isdigit(c)) return 3;
  return start > 0 ? 5 : 4;
}

TokenId pick(std::span<const TokenId> tokens, Random& random) {
  return tokens[static_cast<std::size_t>(random.below(static_cast<int>(tokens.size())))];
}

// A token that could stand instead of `old`.
TokenId another(TokenId old, std::span<const TokenId> nearby, const TokenClasses& classes, Random& random) {
  constexpr int kTries = 8;
  const double kind = random.uniform();
  for (int i = 0; i < kTries && kind < 0.6 && !nearby.empty(); ++i) {
    const TokenId token = pick(nearby, random);
    const bool fits = kind >= 0.5 || classes.of(token) == classes.of(old);
    if (token != old && !classes.is_special(token) && fits) return token;
  }
  return kind < 0.9 ? classes.any_like(old, random) : classes.any(random);
}

}  // namespace

TokenClasses::TokenClasses(const Tokenizer& tokenizer) : members_(kClasses) {
  for (TokenId token = 0; token < tokenizer.vocab_size(); ++token) {
    const bool is_ordinary = !tokenizer.is_special(token) && !tokenizer.bytes(token).empty();
    class_of_.push_back(is_ordinary ? class_of(tokenizer.bytes(token)) : -1);
    if (!is_ordinary) continue;
    members_[static_cast<std::size_t>(class_of_.back())].push_back(token);
    ordinary_.push_back(token);
  }
  SEEDLING_ASSERT(!ordinary_.empty());
}

TokenId TokenClasses::any_like(TokenId token, Random& random) const {
  return pick(members_[static_cast<std::size_t>(of(token))], random);
}

TokenId TokenClasses::any(Random& random) const {
  return pick(ordinary_, random);
}

int edit_count(std::size_t size, double a, Random& random) {
  return static_cast<int>(static_cast<double>(size) * a + random.uniform());
}

std::vector<TokenId> corrupted(std::span<const TokenId> tokens, int k, std::span<const TokenId> nearby,
                               const TokenClasses& classes, Random& random) {
  std::vector<TokenId> out(tokens.begin(), tokens.end());
  for (int i = 0; i < k && !out.empty(); ++i) {
    const int at = random.below(static_cast<int>(out.size()));
    const TokenId old = out[static_cast<std::size_t>(at)];
    const double kind = random.uniform();
    if (classes.is_special(old)) continue;
    if (kind < 0.5) {
      out[static_cast<std::size_t>(at)] = another(old, nearby, classes, random);
    } else if (kind < 0.75) {
      out.erase(out.begin() + at);
    } else {
      const TokenId added = random.uniform() < 0.3 ? old : another(old, nearby, classes, random);
      out.insert(out.begin() + at, added);
    }
  }
  return out;
}

void mask_some(std::vector<TokenId>& tokens, double share, TokenId mask, const TokenClasses& classes,
               Random& random) {
  for (TokenId& token : tokens)
    if (!classes.is_special(token) && random.uniform() < share) token = mask;
}

}  // namespace seedling
