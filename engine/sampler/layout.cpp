#include "engine/sampler/layout.h"

#include <algorithm>

#include "engine/tokenizer/special_tokens.h"

namespace seedling {
namespace {

// A longer piece than this is no word that somebody is typing (base64, minified code): healing it would only
// cost.
constexpr std::size_t kLongestPartialWord = 32;

// Looking back further than this for the start of a word finds nothing but data.
constexpr std::size_t kPartialWordWindow = 256;

// A first guess of how many bytes a token stands for; when it is too high, the cut moves on by a stride.
constexpr std::size_t kBytesPerToken = 4;

// The window of the prefix moves in strides of a quarter of itself, so most keystrokes leave its start in
// place.
constexpr std::size_t kStridesPerWindow = 4;

// An eighth of the prefix's window is left to the line at the cursor, whose tokens become more and fewer with
// every key: what the window starts with is decided by the lines that are finished.
constexpr int kSharesOfLastLine = 8;

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || byte == '_' || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= 'a' && byte <= 'z');
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t next_character(std::string_view text, std::size_t at) {
  while (at < text.size() && is_continuation(text[at])) ++at;
  return at;
}

std::size_t previous_character(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && is_continuation(text[at])) --at;
  return at;
}

// The first line start at or after `at`; the next character boundary where no further line starts.
std::size_t next_line_start(std::string_view text, std::size_t at) {
  if (at == 0 || text[at - 1] == '\n') return at;
  const std::size_t newline = text.find('\n', at);
  if (newline == std::string_view::npos || newline + 1 >= text.size()) return next_character(text, at);
  return newline + 1;
}

void keep_first(std::vector<TokenId>& tokens, int budget) {
  if (tokens.size() > static_cast<std::size_t>(budget)) tokens.resize(budget);
}

void keep_last(std::vector<TokenId>& tokens, int budget) {
  if (tokens.size() > static_cast<std::size_t>(budget)) tokens.erase(tokens.begin(), tokens.end() - budget);
}

// Whether a window of `count` tokens is within its budget, with room for the line at its end to change.
bool fits(const Tokenizer& tokenizer, std::string_view text, std::size_t count, int budget) {
  if (count > static_cast<std::size_t>(budget)) return false;
  const std::string_view finished = text.substr(0, text.rfind('\n') + 1);
  return tokenizer.encode(finished).size() <= static_cast<std::size_t>(budget - budget / kSharesOfLastLine);
}

std::vector<TokenId> prefix_tokens(const Tokenizer& tokenizer, std::string_view prefix, int budget) {
  if (budget <= 0) return {};
  const std::size_t window = static_cast<std::size_t>(budget) * kBytesPerToken;
  const std::size_t stride = std::max<std::size_t>(1, window / kStridesPerWindow);
  std::size_t cut = 0;
  if (prefix.size() > window) cut = (prefix.size() - window + stride - 1) / stride * stride;
  for (;; cut += stride) {
    if (cut >= prefix.size())
      cut = previous_character(prefix, prefix.size() - std::min(prefix.size(), stride));
    const std::size_t start = cut == 0 ? 0 : next_line_start(prefix, cut);
    const std::string_view text = prefix.substr(start);
    std::vector<TokenId> tokens = tokenizer.encode(text);
    if (fits(tokenizer, text, tokens.size(), budget)) return tokens;
    if (cut + stride >= prefix.size()) {  // one line longer than the whole budget
      keep_last(tokens, budget);
      return tokens;
    }
  }
}

std::vector<TokenId> suffix_tokens(const Tokenizer& tokenizer, std::string_view suffix, int budget) {
  if (budget <= 0) return {};
  const std::size_t window = static_cast<std::size_t>(budget) * kBytesPerToken;
  if (suffix.size() > window) {
    const std::size_t newline = suffix.rfind('\n', window - 1);
    suffix = suffix.substr(
        0, newline == std::string_view::npos ? previous_character(suffix, window) : newline + 1);
  }
  std::vector<TokenId> tokens = tokenizer.encode(suffix);
  keep_first(tokens, budget);
  return tokens;
}

// "src/engine/types.h" -> "engine/types.h": the end of a path says most about its content.
std::string_view last_two_components(std::string_view path) {
  const std::size_t last = path.find_last_of("/\\");
  if (last == std::string_view::npos || last == 0) return path;
  const std::size_t before = path.find_last_of("/\\", last - 1);
  return before == std::string_view::npos ? path : path.substr(before + 1);
}

// A vocabulary that is not ours may lack some markers; the sequence is then the same without them.
void append_marker(std::vector<TokenId>& out, const Tokenizer& tokenizer, TokenId ours) {
  const TokenId token = tokenizer.special(kSpecialTokens[ours]);
  if (token >= 0) out.push_back(token);
}

void append(std::vector<TokenId>& out, const std::vector<TokenId>& tokens) {
  out.insert(out.end(), tokens.begin(), tokens.end());
}

}  // namespace

// A piece is looked for from the start of its line, so that the first word of an indented line carries one
// space like any other word. Weights are trained on this rule: it changes with them only.
PartialWords partial_words(const Tokenizer& tokenizer, std::string_view prefix, std::string_view suffix) {
  PartialWords words;
  if (!prefix.empty() && is_word_byte(prefix.back())) {
    std::size_t start = prefix.size() - std::min(prefix.size(), kPartialWordWindow);
    const std::size_t newline = prefix.rfind('\n');
    if (newline != std::string_view::npos) start = std::max(start, newline + 1);
    const std::string_view tail = prefix.substr(next_character(prefix, start));
    const std::size_t length = tokenizer.last_pretoken_length(tail);
    if (length <= kLongestPartialWord) words.left = tail.substr(tail.size() - length);
  }
  if (!suffix.empty() && is_word_byte(suffix.front())) {
    const std::size_t window = previous_character(suffix, std::min(suffix.size(), kPartialWordWindow));
    const std::size_t length = tokenizer.first_pretoken_length(suffix.substr(0, window));
    if (length <= kLongestPartialWord) words.right = suffix.substr(0, length);
  }
  return words;
}

std::vector<TokenId> context_tokens(const Tokenizer& tokenizer, const ContextText& text,
                                    const ContextBudget& budget) {
  std::vector<TokenId> out;
  append_marker(out, tokenizer, language_token(text.language));
  if (!text.path.empty()) {
    append_marker(out, tokenizer, special::kPath);
    std::vector<TokenId> path = tokenizer.encode(last_two_components(text.path));
    keep_last(path, std::max(0, budget.path_tokens));
    append(out, path);
  }
  if (!text.diagnostic.empty()) {
    append_marker(out, tokenizer, special::kDiagnostic);
    std::vector<TokenId> diagnostic = tokenizer.encode(text.diagnostic);
    keep_first(diagnostic, std::max(0, budget.diagnostic_tokens));
    append(out, diagnostic);
  }
  append_marker(out, tokenizer, special::kSuffix);
  append(out, suffix_tokens(tokenizer, text.suffix, budget.suffix_tokens));
  append_marker(out, tokenizer, special::kPrefix);
  if (!text.neighbours.empty() && budget.neighbour_tokens > 0) {
    std::vector<TokenId> neighbours = tokenizer.encode(text.neighbours);
    keep_first(neighbours, budget.neighbour_tokens);
    append(out, neighbours);
  }
  append(out, prefix_tokens(tokenizer, text.prefix, budget.prefix_tokens));
  append_marker(out, tokenizer, special::kMiddle);
  return out;
}

std::vector<TokenId> middle_tokens(const Tokenizer& tokenizer, const PartialWords& words,
                                   std::string_view middle) {
  std::string text = words.left;
  text += middle;
  text += words.right;
  std::vector<TokenId> out = tokenizer.encode(text);
  append_marker(out, tokenizer, special::kEnd);
  return out;
}

}  // namespace seedling
