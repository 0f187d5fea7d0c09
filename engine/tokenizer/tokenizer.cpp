#include "engine/tokenizer/tokenizer.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <unordered_map>

#include "engine/assert.h"
#include "engine/tokenizer/merge_table.h"
#include "engine/tokenizer/splitter.h"
#include "engine/tokenizer/token_index.h"
#include "engine/tokenizer/tokenizer_json.h"

namespace seedling {
namespace {

// The ordinary tokens by their bytes: a whole piece is usually one of them. Views into `vocabulary`.
TokenIndex index_by_bytes(const std::vector<VocabularyEntry>& vocabulary) {
  TokenIndex index(vocabulary.size());
  for (std::size_t id = 0; id < vocabulary.size(); ++id) {
    if (vocabulary[id].kind == VocabularyEntry::Kind::ordinary) {
      index.insert(vocabulary[id].text, static_cast<TokenId>(id));
    }
  }
  return index;
}

}  // namespace

struct Tokenizer::Impl {
  Impl(TokenizerDescription from, Splitter compiled)
      : description(std::move(from)),
        splitter(std::move(compiled)),
        merges(description.merges),
        byte_token(byte_tokens(description)),
        by_bytes(index_by_bytes(description.vocabulary)),
        wholeness(description.vocabulary.size()) {
    const std::vector<VocabularyEntry>& vocabulary = description.vocabulary;
    for (std::size_t i = 0; i < vocabulary.size(); ++i) {
      const auto id = static_cast<TokenId>(i);
      if (vocabulary[i].kind == VocabularyEntry::Kind::special) specials.emplace(vocabulary[i].text, id);
      if (vocabulary[i].kind != VocabularyEntry::Kind::ordinary) continue;
      by_first_byte[static_cast<std::uint8_t>(vocabulary[i].text[0])].push_back(id);
    }
  }

  void merge_piece(std::string_view piece, std::vector<TokenId>& symbols,
                   std::vector<TokenId>& tokens) const {
    symbols.clear();
    for (const char c : piece) symbols.push_back(byte_token[static_cast<std::uint8_t>(c)]);
    merges.merge(symbols, tokens);
  }

  // Appends the tokens of one piece.
  void encode_piece(std::string_view piece, std::vector<TokenId>& symbols,
                    std::vector<TokenId>& tokens) const {
    const TokenId token = by_bytes.find(piece);
    if (token < 0) return merge_piece(piece, symbols, tokens);
    const Whole known = wholeness[token].load(std::memory_order_relaxed);
    if (known == Whole::yes || description.whole_pieces_first) return tokens.push_back(token);
    const std::size_t before = tokens.size();
    merge_piece(piece, symbols, tokens);
    if (known != Whole::unknown) return;
    const bool is_whole = tokens.size() == before + 1 && tokens.back() == token;
    wholeness[token].store(is_whole ? Whole::yes : Whole::no, std::memory_order_relaxed);
  }

  // Whether the bytes of a token, alone in a piece, merge into exactly this token.
  enum class Whole : std::uint8_t { unknown, yes, no };

  // All constant after construction, but for what is remembered.
  TokenizerDescription description;
  Splitter splitter;
  MergeTable merges;
  std::array<TokenId, 256> byte_token;
  TokenIndex by_bytes;
  std::array<std::vector<TokenId>, 256> by_first_byte;  // ordinary tokens, ascending
  std::unordered_map<std::string, TokenId> specials;
  mutable std::vector<std::atomic<Whole>> wholeness;  // by token; every thread finds the same
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
    impl_->encode_piece(text.substr(begin, end - begin), symbols, tokens);
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
  std::vector<TokenId> tokens;
  for (const TokenId token : impl_->by_first_byte[static_cast<std::uint8_t>(prefix[0])]) {
    if (vocabulary[token].text.starts_with(prefix)) tokens.push_back(token);
  }
  for (std::size_t length = 1; length < prefix.size(); ++length) {
    const TokenId token = impl_->by_bytes.find(prefix.substr(0, length));
    if (token >= 0) tokens.push_back(token);
  }
  std::sort(tokens.begin(), tokens.end());
  return tokens;
}

}  // namespace seedling
