#include "engine/train/corpus/bpe_trainer.h"

#include <algorithm>
#include <queue>
#include <unordered_set>
#include <vector>

#include "engine/assert.h"
#include "engine/tokenizer/special_tokens.h"

namespace seedling {
namespace {

constexpr TokenId kFirstByte = kSpecialTokenCount;
constexpr std::size_t kByteCount = 256;

// A distinct piece as the tokens it consists of so far.
struct Word {
  std::vector<TokenId> tokens;
  std::int64_t count = 0;
};

std::uint64_t key_of(TokenId left, TokenId right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
         static_cast<std::uint32_t>(right);
}
TokenId left_of(std::uint64_t key) {
  return static_cast<TokenId>(key >> 32);
}
TokenId right_of(std::uint64_t key) {
  return static_cast<TokenId>(key & 0xFFFFFFFFu);
}

struct Candidate {
  std::int64_t count = 0;
  std::uint64_t pair = 0;
  bool operator<(const Candidate& other) const {
    return count != other.count ? count < other.count : pair > other.pair;
  }
};

// The words in an order that does not depend on a hash table's.
std::vector<Word> words_of(const PieceCounts& pieces, const BpeOptions& options) {
  std::vector<const std::pair<const std::string, std::int64_t>*> kept;
  for (const auto& entry : pieces.counts()) {
    if (entry.second >= options.min_piece_count && entry.first.size() > 1) kept.push_back(&entry);
  }
  std::sort(kept.begin(), kept.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  std::vector<Word> words;
  words.reserve(kept.size());
  for (const auto* entry : kept) {
    Word word;
    word.count = entry->second;
    for (const char c : entry->first) word.tokens.push_back(kFirstByte + static_cast<std::uint8_t>(c));
    words.push_back(std::move(word));
  }
  return words;
}

// Pair frequencies kept up to date while words are merged. The queue holds stale entries; take_best() skips
// them.
class PairStatistics {
 public:
  PairStatistics(std::vector<Word> words, std::size_t max_token_bytes)
      : words_(std::move(words)), max_token_bytes_(max_token_bytes) {
    length_.assign(kFirstByte + kByteCount, 1);
    for (std::uint32_t i = 0; i < words_.size(); ++i) {
      const std::vector<TokenId>& tokens = words_[i].tokens;
      for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
        change(tokens[at], tokens[at + 1], words_[i].count, i);
      }
    }
    queue_changed_pairs();
  }

  // The most frequent pair that may still be merged; count 0 when there is none.
  Candidate take_best() {
    while (!queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      const auto found = pairs_.find(best.pair);
      if (found != pairs_.end() && found->second.count == best.count) return best;
    }
    return {};
  }

  // `result` is a new token, or an old one that has the same bytes.
  void merge(std::uint64_t pair, TokenId result) {
    SEEDLING_ASSERT(static_cast<std::size_t>(result) <= length_.size());
    if (static_cast<std::size_t>(result) == length_.size()) {
      length_.push_back(length_[left_of(pair)] + length_[right_of(pair)]);
    }
    std::vector<std::uint32_t> where = std::move(pairs_[pair].words);
    std::sort(where.begin(), where.end());
    where.erase(std::unique(where.begin(), where.end()), where.end());
    for (const std::uint32_t word : where) merge_in(word, left_of(pair), right_of(pair), result);
    pairs_.erase(pair);
    queue_changed_pairs();
  }

 private:
  struct Pair {
    std::int64_t count = 0;
    bool is_changed = false;
    std::vector<std::uint32_t> words;  // where it stands or once stood; may repeat
  };

  void change(TokenId left, TokenId right, std::int64_t by, std::uint32_t word) {
    if (length_[left] + length_[right] > max_token_bytes_) return;
    const std::uint64_t key = key_of(left, right);
    Pair& pair = pairs_[key];
    pair.count += by;
    if (by > 0 && (pair.words.empty() || pair.words.back() != word)) pair.words.push_back(word);
    if (!pair.is_changed) changed_.push_back(key);
    pair.is_changed = true;
  }

  void merge_in(std::uint32_t index, TokenId left, TokenId right, TokenId result) {
    Word& word = words_[index];
    std::vector<TokenId>& tokens = word.tokens;
    std::size_t out = 0;
    for (std::size_t in = 0; in < tokens.size(); ++in, ++out) {
      if (in + 1 == tokens.size() || tokens[in] != left || tokens[in + 1] != right) {
        tokens[out] = tokens[in];
        continue;
      }
      // out - 1 is already merged; in + 2 is not yet: its pair is corrected again if it merges in turn.
      if (out > 0) {
        change(tokens[out - 1], left, -word.count, index);
        change(tokens[out - 1], result, word.count, index);
      }
      if (in + 2 < tokens.size()) {
        change(right, tokens[in + 2], -word.count, index);
        change(result, tokens[in + 2], word.count, index);
      }
      tokens[out] = result;
      ++in;
    }
    tokens.resize(out);
  }

  void queue_changed_pairs() {
    for (const std::uint64_t key : changed_) {
      const auto found = pairs_.find(key);
      if (found == pairs_.end()) continue;
      found->second.is_changed = false;
      if (found->second.count > 1) queue_.push({found->second.count, key});
    }
    changed_.clear();
  }

  std::vector<Word> words_;
  std::size_t max_token_bytes_;
  std::vector<std::size_t> length_;  // of every token, in bytes
  std::unordered_map<std::uint64_t, Pair> pairs_;
  std::vector<std::uint64_t> changed_;
  std::priority_queue<Candidate> queue_;
};

}  // namespace

void PieceCounts::add(const Splitter& splitter, std::string_view text) {
  std::size_t begin = 0;
  for (const std::size_t end : splitter.piece_ends(text)) {
    ++counts_[std::string(text.substr(begin, end - begin))];
    begin = end;
  }
}

TokenizerDescription train_bpe(const PieceCounts& pieces, const BpeOptions& options) {
  SEEDLING_ASSERT(options.vocabulary_size >= static_cast<int>(kFirstByte + kByteCount));
  using Kind = VocabularyEntry::Kind;
  TokenizerDescription description;
  description.split_patterns = {std::string(kCodePattern)};
  std::vector<VocabularyEntry>& vocabulary = description.vocabulary;
  for (const std::string_view name : kSpecialTokens) vocabulary.push_back({Kind::special, std::string(name)});
  for (std::size_t byte = 0; byte < kByteCount; ++byte) {
    vocabulary.push_back({Kind::ordinary, std::string(1, static_cast<char>(byte))});
  }
  PairStatistics statistics(words_of(pieces, options), options.max_token_bytes);
  std::unordered_map<std::string, TokenId> by_bytes;
  std::unordered_set<std::uint64_t> learnt;
  while (vocabulary.size() < static_cast<std::size_t>(options.vocabulary_size)) {
    const Candidate best = statistics.take_best();
    if (best.count == 0) break;
    const TokenId left = left_of(best.pair);
    const TokenId right = right_of(best.pair);
    std::string bytes = vocabulary[left].text + vocabulary[right].text;
    // Runs of one character can be put together in two ways ("aa"+"a", "a"+"aa"): one token, two rules.
    const auto [entry, is_new] = by_bytes.emplace(bytes, static_cast<TokenId>(vocabulary.size()));
    if (is_new) vocabulary.push_back({Kind::ordinary, std::move(bytes)});
    if (learnt.insert(best.pair).second) description.merges.push_back({left, right, entry->second});
    statistics.merge(best.pair, entry->second);
  }
  return description;
}

}  // namespace seedling
