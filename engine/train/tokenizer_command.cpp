#include "engine/train/tokenizer_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/result.h"
#include "engine/tokenizer/byte_spelling.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/train/corpus/bpe_trainer.h"
#include "engine/train/corpus/shards.h"

namespace seedling {
namespace {

struct Options {
  std::string text_dir;
  std::string out;
  int vocabulary_size = BpeOptions{}.vocabulary_size;
  std::uint64_t max_bytes = 200'000'000;
};

using BytesByLanguage = std::map<std::string, std::uint64_t>;

Result<BytesByLanguage> measure(const std::vector<std::string>& shards) {
  BytesByLanguage bytes;
  for (const std::string& shard : shards) {
    for (const TextFile& file : TRY(ShardReader::read_text_shard(shard)))
      bytes[file.language] += file.text.size();
  }
  return bytes;
}

// How much of each language to use: everything of the small ones, equal parts of the others.
BytesByLanguage share_evenly(const BytesByLanguage& available, std::uint64_t total) {
  std::vector<std::pair<std::uint64_t, std::string>> smallest_first;
  for (const auto& [language, bytes] : available) smallest_first.emplace_back(bytes, language);
  std::sort(smallest_first.begin(), smallest_first.end());
  BytesByLanguage shares;
  for (std::size_t i = 0; i < smallest_first.size(); ++i) {
    const auto& [bytes, language] = smallest_first[i];
    shares[language] = std::min<std::uint64_t>(bytes, total / (smallest_first.size() - i));
    total -= shares[language];
  }
  return shares;
}

Result<PieceCounts> count_pieces(const std::vector<std::string>& shards, std::uint64_t max_bytes) {
  const BytesByLanguage available = TRY(measure(shards));
  const BytesByLanguage shares = share_evenly(available, max_bytes);
  const Splitter splitter = TRY(Splitter::compile(std::vector{std::string(kCodePattern)}));
  PieceCounts pieces;
  BytesByLanguage seen;
  BytesByLanguage used;
  for (const std::string& shard : shards) {
    for (const TextFile& file : TRY(ShardReader::read_text_shard(shard))) {
      // A file is used when its language lags behind its share of what has gone by: the whole corpus is
      // sampled.
      std::uint64_t& gone_by = seen[file.language] += file.text.size();
      std::uint64_t& taken = used[file.language];
      const double due = static_cast<double>(gone_by) * static_cast<double>(shares.at(file.language)) /
                         static_cast<double>(std::max<std::uint64_t>(1, available.at(file.language)));
      if (static_cast<double>(taken + file.text.size()) > due + 1) continue;
      taken += file.text.size();
      pieces.add(splitter, file.text);
    }
  }
  for (const auto& [language, bytes] : used) {
    std::cerr << "  " << language << ": " << bytes << " of " << available.at(language) << " bytes\n";
  }
  return pieces;
}

Status write_whole(const std::string& path, const std::string& content) {
  const std::string temporary = path + ".part";
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  std::error_code problem;
  if (file) std::filesystem::rename(temporary, path, problem);
  if (!file || problem) return invalid_input(path + ": cannot be written; choose another --out");
  return Done{};
}

void print_line_breaks(const Tokenizer& tokenizer) {
  std::cerr << "tokens of a line break with indentation:";
  for (TokenId token = 0; token < tokenizer.vocab_size(); ++token) {
    const std::string_view bytes = tokenizer.bytes(token);
    if (bytes.starts_with('\n') && bytes.size() > 1) std::cerr << ' ' << spell_bytes(bytes);
  }
  std::cerr << '\n';
}

// Bytes per token by language; an error if a text does not come back.
Status print_validation(const Tokenizer& tokenizer, const std::string& text_dir) {
  BytesByLanguage bytes;
  BytesByLanguage tokens;
  for (const std::string& shard : ShardReader::list(text_dir, "validation", kTextShardEnding)) {
    for (const TextFile& file : TRY(ShardReader::read_text_shard(shard))) {
      const std::vector<TokenId> encoded = tokenizer.encode(file.text);
      if (tokenizer.decode(encoded) != file.text) {
        return Error{ErrorCode::internal, file.path + ": the text does not come back from its tokens"};
      }
      bytes[file.language] += file.text.size();
      tokens[file.language] += encoded.size();
    }
  }
  std::cerr << "validation, bytes per token:" << std::fixed << std::setprecision(3);
  std::uint64_t all_bytes = 0;
  std::uint64_t all_tokens = 0;
  for (const auto& [language, count] : tokens) {
    if (count == 0) continue;
    std::cerr << ' ' << language << ' ' << static_cast<double>(bytes[language]) / static_cast<double>(count);
    all_bytes += bytes[language];
    all_tokens += count;
  }
  if (all_tokens > 0)
    std::cerr << " all " << static_cast<double>(all_bytes) / static_cast<double>(all_tokens);
  std::cerr << "; " << all_bytes << " bytes come back unchanged\n";
  return Done{};
}

Status train_tokenizer(const Options& options) {
  const std::vector<std::string> shards = ShardReader::list(options.text_dir, "train", kTextShardEnding);
  if (shards.empty()) {
    return not_found(options.text_dir + ": no train-*.zst here; give the corpus' text folder with --text");
  }
  std::cerr << "counting the pieces of " << shards.size() << " shards\n";
  const PieceCounts pieces = TRY(count_pieces(shards, options.max_bytes));
  std::cerr << pieces.counts().size() << " distinct pieces; learning merges\n";
  BpeOptions bpe;
  bpe.vocabulary_size = options.vocabulary_size;
  const TokenizerDescription description = train_bpe(pieces, bpe);
  const std::string json = write_tokenizer_json(description);
  const auto tokenizer = TRY(Tokenizer::parse(json, options.out));
  std::cerr << tokenizer->vocab_size() << " tokens, " << description.merges.size() << " merges\n";
  print_line_breaks(*tokenizer);
  TRY(print_validation(*tokenizer, options.text_dir));
  return write_whole(options.out, json);
}

}  // namespace

void add_tokenizer_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("tokenizer", "Learn the vocabulary from the corpus' text shards");
  command->add_option("--text", options->text_dir, "Folder with train-*.zst and validation-*.zst")
      ->required();
  command->add_option("--out", options->out, "The tokenizer.json to write")->required();
  command
      ->add_option("--vocab-size", options->vocabulary_size, "Tokens in all, special ones and bytes included")
      ->check(CLI::Range(512, 1 << 16))
      ->capture_default_str();
  command
      ->add_option("--max-bytes", options->max_bytes, "Text to learn from, shared evenly between languages")
      ->capture_default_str();
  command->callback([options, &exit_code] {
    const Status outcome = train_tokenizer(*options);
    if (outcome.ok()) return;
    std::cerr << "seedling-train tokenizer: " << outcome.error().message << '\n';
    exit_code = 2;
  });
}

}  // namespace seedling
