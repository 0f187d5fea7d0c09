#include "engine/train/corpus/bpe_trainer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "engine/tokenizer/special_tokens.h"
#include "engine/tokenizer/tokenizer.h"

namespace seedling {
namespace {

constexpr int kFirstByte = kSpecialTokenCount;
constexpr int kFirstMerge = kSpecialTokenCount + 256;

const Splitter& code_splitter() {
  static const auto splitter = Splitter::compile(std::vector{std::string(kCodePattern)});
  return splitter.value();
}

PieceCounts counted(std::string_view text) {
  PieceCounts pieces;
  pieces.add(code_splitter(), text);
  return pieces;
}

std::vector<std::string> learnt(const TokenizerDescription& description) {
  std::vector<std::string> tokens;
  for (std::size_t id = kFirstMerge; id < description.vocabulary.size(); ++id) {
    tokens.push_back(description.vocabulary[id].text);
  }
  return tokens;
}

// The definition: recount every pair before each merge; the most frequent wins, then the lower one.
std::vector<MergeRule> merges_by_definition(const PieceCounts& pieces, const BpeOptions& options) {
  std::map<std::vector<TokenId>, std::int64_t> words;
  for (const auto& [piece, count] : pieces.counts()) {
    if (count < options.min_piece_count) continue;
    std::vector<TokenId> tokens;
    for (const char c : piece) tokens.push_back(kFirstByte + static_cast<unsigned char>(c));
    words[tokens] += count;
  }
  std::map<TokenId, std::string> bytes;
  std::map<std::string, TokenId> by_bytes;
  for (int byte = 0; byte < 256; ++byte) bytes[kFirstByte + byte] = std::string(1, static_cast<char>(byte));
  std::vector<MergeRule> rules;
  TokenId next = kFirstMerge;
  while (next < options.vocabulary_size) {
    std::map<std::pair<TokenId, TokenId>, std::int64_t> pairs;
    for (const auto& [tokens, count] : words) {
      for (std::size_t at = 0; at + 1 < tokens.size(); ++at) pairs[{tokens[at], tokens[at + 1]}] += count;
    }
    std::pair<TokenId, TokenId> best;
    std::int64_t most = 1;
    for (const auto& [pair, count] : pairs) {
      if (count > most && bytes[pair.first].size() + bytes[pair.second].size() <= options.max_token_bytes) {
        most = count;
        best = pair;
      }
    }
    if (most == 1) break;
    const std::string joined = bytes[best.first] + bytes[best.second];
    const auto [entry, is_new] = by_bytes.emplace(joined, next);
    if (is_new) bytes[next++] = joined;
    const MergeRule rule{best.first, best.second, entry->second};
    if (std::find(rules.begin(), rules.end(), rule) == rules.end()) rules.push_back(rule);
    std::map<std::vector<TokenId>, std::int64_t> merged;
    for (const auto& [tokens, count] : words) {
      std::vector<TokenId> out;
      for (std::size_t at = 0; at < tokens.size(); ++at) {
        const bool joins = at + 1 < tokens.size() && tokens[at] == rule.left && tokens[at + 1] == rule.right;
        out.push_back(joins ? rule.result : tokens[at]);
        at += joins ? 1 : 0;
      }
      merged[out] += count;
    }
    words = std::move(merged);
  }
  return rules;
}

TEST_CASE("bpe trainer: merges follow the counts, ties go to the lower pair") {
  // Pieces: "low" 3, " low" 0, "lot" 2; pairs l-o 5, o-w 3, o-t 2.
  const auto description = train_bpe(counted("low\nlow\nlow\nlot\nlot\n"), {});
  CHECK(learnt(description) == std::vector<std::string>{"lo", "low", "lot"});
  CHECK(description.merges[1] == MergeRule{kFirstMerge, kFirstByte + 'w', kFirstMerge + 1});
  // "cd" and "ab" are equally frequent.
  CHECK(learnt(train_bpe(counted("cd\nab\ncd\nab\n"), {})) == std::vector<std::string>{"ab", "cd"});
}

TEST_CASE("bpe trainer: the layout is special tokens, bytes, merges") {
  const auto description = train_bpe(counted("aa\naa\n"), {});
  CHECK(description.vocabulary.size() == kFirstMerge + 1);
  CHECK(description.vocabulary[special::kMask] ==
        VocabularyEntry{VocabularyEntry::Kind::special, "<|mask|>"});
  CHECK(description.vocabulary[kFirstByte + '\n'] == VocabularyEntry{VocabularyEntry::Kind::ordinary, "\n"});
  const auto tokenizer = Tokenizer::parse(write_tokenizer_json(description), "trained");
  REQUIRE(tokenizer.ok());
  CHECK((*tokenizer)->special("<|mask|>") == special::kMask);
  CHECK((*tokenizer)->encode("aa\n") == std::vector<TokenId>{kFirstMerge, kFirstByte + '\n'});
}

TEST_CASE("bpe trainer: a line break with its indentation becomes one token, and nothing crosses a piece") {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "if x:\n        return y\n";
  const auto tokens = learnt(train_bpe(counted(text), {}));
  CHECK(std::find(tokens.begin(), tokens.end(), "\n        ") != tokens.end());
  CHECK(std::find(tokens.begin(), tokens.end(), "return") != tokens.end());
  for (const std::string& token : tokens) {
    CAPTURE(token);
    CHECK(code_splitter().piece_ends(token).size() == 1);
  }
}

TEST_CASE("bpe trainer: the vocabulary size, the token length and the rarest piece are bounds") {
  const std::string text = "abcdefgh abcdefgh abcdefgh\nabcdefgh\nonce";
  BpeOptions options;
  options.vocabulary_size = kFirstMerge + 2;
  CHECK(learnt(train_bpe(counted(text), options)).size() == 2);
  options.vocabulary_size = 1000;
  options.max_token_bytes = 4;
  for (const std::string& token : learnt(train_bpe(counted(text), options))) CHECK(token.size() <= 4);
  for (const std::string& token : learnt(train_bpe(counted(text), {})))
    CHECK(token.find("on") == std::string::npos);
}

TEST_CASE("bpe trainer: the incremental counts give what recounting gives") {
  const unsigned seed = 90'210;
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 30; ++round) {
    std::string text;
    for (int word = 0; word < 60; ++word) {
      const std::size_t length = 1 + random() % 9;
      for (std::size_t i = 0; i < length; ++i) text.push_back("aab"[random() % 3]);
      text.push_back("\n "[random() % 2]);
    }
    BpeOptions options;
    options.vocabulary_size = kFirstMerge + 60;
    options.min_piece_count = 1;
    options.max_token_bytes = round % 2 == 0 ? 24 : 5;
    const PieceCounts pieces = counted(text);
    const auto description = train_bpe(pieces, options);
    CAPTURE(round);
    REQUIRE(description.merges == merges_by_definition(pieces, options));
    const auto distinct = learnt(description);
    CHECK(std::set<std::string>(distinct.begin(), distinct.end()).size() == distinct.size());
    REQUIRE(Tokenizer::parse(write_tokenizer_json(description), "trained").ok());
  }
}

}  // namespace
}  // namespace seedling
