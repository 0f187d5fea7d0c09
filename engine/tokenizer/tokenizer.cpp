#include "engine/tokenizer/tokenizer.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <unordered_map>

#include "engine/assert.h"
#include "engine/tokenizer/merge_table.h"
#include "engine/tokenizer/splitter.h"
#include "engine/tokenizer/tokenizer_json.h"

namespace seedling {
namespace {

// The ordinary tokens by their bytes: a whole piece is usually one of them.
class TokensByBytes {
 public:
  explicit TokensByBytes(const std::vector<VocabularyEntry>& vocabulary) : vocabulary_(vocabulary) {
    slots_.resize(std::bit_ceil(vocabulary.size() * 2 + 2), Slot{});
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
      if (vocabulary[id].kind == VocabularyEntry::Kind::ordinary) insert(static_cast<TokenId>(id));
    }
  }

  // -1 if no ordinary token has these bytes.
  TokenId find(std::string_view bytes) const {
    const auto hash = static_cast<std::uint32_t>(XXH3_64bits(bytes.data(), bytes.size()));
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.token < 0) return -1;
      if (slot.hash == hash && vocabulary_[slot.token].text == bytes) return slot.token;
    }
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    TokenId token = -1;
  };

  void insert(TokenId token) {
    const std::string& bytes = vocabulary_[token].text;
    const auto hash = static_cast<std::uint32_t>(XXH3_64bits(bytes.data(), bytes.size()));
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].token >= 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {hash, token};
  }

  const std::vector<VocabularyEntry>& vocabulary_;
  std::vector<Slot> slots_;
};

}  // namespace

struct Tokenizer::Impl {
  Impl(TokenizerDescription from, Splitter compiled)
      : description(std::move(from)),
        splitter(std::move(compiled)),
        merges(description.merges),
        byte_token(byte_tokens(description)),
        by_bytes(description.vocabulary) {
    const std::vector<VocabularyEntry>& vocabulary = description.vocabulary;
    is_whole.resize(vocabulary.size());
    std::vector<TokenId> symbols;
    std::vector<TokenId> merged;
    for (std::size_t i = 0; i < vocabulary.size(); ++i) {
      const auto id = static_cast<TokenId>(i);
      if (vocabulary[i].kind == VocabularyEntry::Kind::special) specials.emplace(vocabulary[i].text, id);
      if (vocabulary[i].kind != VocabularyEntry::Kind::ordinary) continue;
      sorted.push_back(id);
      merged.clear();
      merge_piece(vocabulary[i].text, symbols, merged);
      is_whole[i] = description.whole_pieces_first || (merged.size() == 1 && merged[0] == id);
    }
    std::sort(sorted.begin(), sorted.end(),
              [&](TokenId a, TokenId b) { return vocabulary[a].text < vocabulary[b].text; });
  }

  void merge_piece(std::string_view piece, std::vector<TokenId>& symbols,
                   std::vector<TokenId>& tokens) const {
    symbols.clear();
    for (const char c : piece) symbols.push_back(byte_token[static_cast<std::uint8_t>(c)]);
    merges.merge(symbols, tokens);
  }

  // All constant after construction.
  TokenizerDescription description;
  Splitter splitter;
  MergeTable merges;
  std::array<TokenId, 256> byte_token;
  TokensByBytes by_bytes;
  std::vector<bool> is_whole;   // by token: its bytes, alone in a piece, merge into exactly this token
  std::vector<TokenId> sorted;  // ordinary tokens by their bytes
  std::unordered_map<std::string, TokenId> specials;
};

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::~Tokenizer() = default;

Result<std::shared_ptr<const Tokenizer>> Tokenizer::load(const std::string& path) {
  std::error_code problem;
  const std::uintmax_t size = std::filesystem::file_size(path, problem);
  if (problem)
    return not_found(path + ": cannot be read (" + problem.message() + "); expected a tokenizer.json");
  if (size > kMaxTokenizerJsonBytes)
    return invalid_input(path + ": larger than 64 MiB; not a tokenizer.json");
  std::ifstream file(path, std::ios::binary);
  std::string json(size, '\0');
  if (!file.read(json.data(), static_cast<std::streamsize>(size)))
    return not_found(path + ": cannot be read");
  return parse(json, path);
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::parse(std::string_view json, const std::string& origin) {
  TokenizerDescription description = TRY(read_tokenizer_json(json, origin));
  Result<Splitter> splitter = Splitter::compile(description.split_patterns);
  if (!splitter) return invalid_input(origin + ": pre_tokenizer: " + splitter.error().message);
  auto impl = std::make_unique<Impl>(std::move(description), std::move(splitter).value());
  return std::shared_ptr<const Tokenizer>(new Tokenizer(std::move(impl)));
}

std::vector<TokenId> Tokenizer::encode(std::string_view text) const {
  std::vector<TokenId> tokens;
  tokens.reserve(text.size() / 3 + 1);
  std::vector<TokenId> symbols;
  std::size_t begin = 0;
  for (const std::size_t end : impl_->splitter.piece_ends(text)) {
    const std::string_view piece = text.substr(begin, end - begin);
    const TokenId whole = impl_->by_bytes.find(piece);
    if (whole >= 0 && impl_->is_whole[whole]) {
      tokens.push_back(whole);
    } else {
      impl_->merge_piece(piece, symbols, tokens);
    }
    begin = end;
  }
  return tokens;
}

std::string Tokenizer::decode(std::span<const TokenId> tokens) const {
  std::string text;
  for (const TokenId token : tokens) text += bytes(token);
  return text;
}

int Tokenizer::vocab_size() const {
  return static_cast<int>(impl_->description.vocabulary.size());
}

std::string_view Tokenizer::bytes(TokenId token) const {
  if (is_special(token)) return {};
  return impl_->description.vocabulary[token].text;
}

// An id that names nothing counts as special: it must never be proposed as text.
bool Tokenizer::is_special(TokenId token) const {
  if (token < 0 || token >= vocab_size()) return true;
  return impl_->description.vocabulary[token].kind != VocabularyEntry::Kind::ordinary;
}

TokenId Tokenizer::special(std::string_view name) const {
  const auto found = impl_->specials.find(std::string(name));
  return found == impl_->specials.end() ? -1 : found->second;
}

std::size_t Tokenizer::last_pretoken_length(std::string_view text) const {
  return impl_->splitter.last_piece_length(text);
}

std::size_t Tokenizer::first_pretoken_length(std::string_view text) const {
  return impl_->splitter.first_piece_length(text);
}

std::vector<TokenId> Tokenizer::tokens_consistent_with(std::string_view prefix) const {
  SEEDLING_ASSERT(!prefix.empty());
  const std::vector<VocabularyEntry>& vocabulary = impl_->description.vocabulary;
  const auto first =
      std::lower_bound(impl_->sorted.begin(), impl_->sorted.end(), prefix,
                       [&](TokenId id, std::string_view bound) { return vocabulary[id].text < bound; });
  std::vector<TokenId> tokens;
  for (auto at = first; at != impl_->sorted.end() && vocabulary[*at].text.starts_with(prefix); ++at) {
    tokens.push_back(*at);
  }
  for (std::size_t length = 1; length < prefix.size(); ++length) {
    const TokenId token = impl_->by_bytes.find(prefix.substr(0, length));
    if (token >= 0) tokens.push_back(token);
  }
  std::sort(tokens.begin(), tokens.end());
  return tokens;
}

}  // namespace seedling
