#include "engine/train/corpus/build.h"

#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <limits>
#include <mutex>
#include <random>
#include <thread>

#include "engine/tokenizer/special_tokens.h"
#include "engine/train/corpus/dedup.h"
#include "engine/train/corpus/lexical.h"
#include "engine/train/corpus/parses.h"
#include "engine/train/corpus/shards.h"

namespace seedling {
namespace {

namespace fs = std::filesystem;
constexpr int kThreads = 2;
constexpr std::size_t kMostDeclarationBytes = 100'000;  // of .d.ts files, per package
constexpr double kMostTestShare = 0.25;                 // of a package's cap

struct Candidate {
  TextFile file;
  Fingerprint print;
};

struct Collected {
  std::vector<Candidate> candidates, spare;  // spare: what the package's cap left out
  std::map<std::string, std::array<std::size_t, kDropNames.size()>> dropped;
};

template <class Work>
void in_parallel(std::size_t count, Work work) {
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (std::size_t item = next++; item < count; item = next++) work(item);
    });
  }
}

// Paths in a fixed order that mixes the folders, so that a cap takes a fair sample; tests and declarations
// last.
std::vector<std::string> files_of(const std::string& tree) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (auto at =
           fs::recursive_directory_iterator(tree, fs::directory_options::skip_permission_denied, ignored);
       at != fs::recursive_directory_iterator(); at.increment(ignored)) {
    if (ignored) break;
    if (at->is_symlink(ignored) || !at->is_regular_file(ignored)) continue;
    std::string path = at->path().string().substr(tree.size() + 1);
    if (!corpus_language(path, {}).empty()) paths.push_back(std::move(path));
  }
  auto rank = [](const std::string& path) {
    const int last = is_declaration_file(path) ? 2 : is_test_path(path) ? 1 : 0;
    return std::pair(last, XXH3_64bits(path.data(), path.size()));
  };
  std::sort(paths.begin(), paths.end(), [&](const std::string& a, const std::string& b) {
    return std::pair(rank(a), a) < std::pair(rank(b), b);
  });
  return paths;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The language under which a package wants its file, empty if it does not want it.
std::string wanted_language(const Package& package, const std::string& path, std::string_view text) {
  const std::string language(corpus_language(path, text));
  auto wants = [&](const std::string& name) {
    return std::find(package.languages.begin(), package.languages.end(), name) != package.languages.end();
  };
  if (wants(language)) return language;
  if (language == "c" && path.ends_with(".h") && wants("cpp")) return "cpp";
  return {};
}

Drop check_file(const std::string& raw, const std::string& language, const std::string& path,
                const EvaluationRuns& evaluation, Candidate& candidate) {
  if (is_unseen_ground(path)) return Drop::unseen_ground;
  Judged judged = judge(raw, language);
  if (judged.verdict != Drop::kept) return judged.verdict;
  const std::vector<std::uint64_t> tokens = lexical_hashes(judged.text);
  if (evaluation.contaminated(tokens)) return Drop::contaminated;
  if (!parses(judged.text, language)) return Drop::no_parse;
  candidate.print = fingerprint(judged.text, tokens);
  candidate.file.text = std::move(judged.text);
  return Drop::kept;
}

Collected collect(const Package& package, const std::string& tree, const EvaluationRuns& evaluation) {
  Collected collected;
  const auto cap = static_cast<std::size_t>(package.megabytes * 1e6);
  std::size_t kept = 0, tests = 0, declarations = 0;
  for (const std::string& path : files_of(tree)) {
    const std::string raw = read_file(tree + "/" + path);
    const std::string language = wanted_language(package, path, raw);
    if (language.empty()) continue;
    Candidate candidate{{language, workspace_path(package.source, path), package.name, {}}, {}};
    const bool test = is_test_path(path), declaration = is_declaration_file(path);
    const bool room =
        kept + raw.size() <= cap &&
        (!test || static_cast<double>(tests + raw.size()) <= kMostTestShare * static_cast<double>(cap)) &&
        (!declaration || declarations + raw.size() <= kMostDeclarationBytes);
    const bool may_be_spare = !test && !declaration && !package.validation;
    const Drop checked =
        room || may_be_spare ? check_file(raw, language, path, evaluation, candidate) : Drop::over_cap;
    if (!room || checked != Drop::kept) {
      const Drop drop = room ? checked : Drop::over_cap;
      ++collected.dropped[language][static_cast<std::size_t>(drop)];
      if (checked == Drop::kept) collected.spare.push_back(std::move(candidate));
      continue;
    }
    kept += candidate.file.text.size();
    if (test) tests += candidate.file.text.size();
    if (declaration) declarations += candidate.file.text.size();
    collected.candidates.push_back(std::move(candidate));
  }
  return collected;
}

// Validation packages come first, so that a copy of their text never stays in the training split.
std::vector<std::size_t> offering_order(const std::vector<Package>& packages) {
  std::vector<std::size_t> order(packages.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return packages[a].validation > packages[b].validation;
  });
  return order;
}

void shuffle(std::vector<TextFile>& files, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t i = files.size(); i > 1; --i) std::swap(files[i - 1], files[random() % i]);
}

Status write_text(const std::string& split, const std::vector<TextFile>& files,
                  const CorpusOptions& options) {
  ShardWriter writer(options.out + "/text", split, std::string(kTextShardEnding));
  std::size_t done = 0;
  for (const TextFile& file : files) {
    TRY(writer.append(file));
    options.progress("write " + split, ++done, files.size());
  }
  return writer.finish();
}

Status write_tokens(const std::string& split, const std::vector<TextFile>& files,
                    const CorpusOptions& options, std::map<std::string, LanguageCount>& kept) {
  constexpr std::size_t kBatch = 512;
  ShardWriter writer(options.out, split, std::string(kTokenShardEnding));
  for (std::size_t from = 0; from < files.size(); from += kBatch) {
    std::vector<PackedFile> batch(std::min(kBatch, files.size() - from));
    in_parallel(batch.size(), [&](std::size_t i) { batch[i] = pack(files[from + i], *options.tokenizer); });
    for (std::size_t i = 0; i < batch.size(); ++i) {
      TRY(writer.append(batch[i]));
      kept[files[from + i].language].tokens += batch[i].tokens.size();
    }
    options.progress("tokenise " + split, from + batch.size(), files.size());
  }
  return writer.finish();
}

}  // namespace

PackedFile pack(const TextFile& file, const Tokenizer& tokenizer) {
  auto narrow = [](const std::vector<TokenId>& wide) {
    return std::vector<std::uint16_t>(wide.begin(), wide.end());
  };
  return {language_token(file.language), narrow(tokenizer.encode(file.path)),
          narrow(tokenizer.encode(file.text))};
}

std::string workspace_path(Package::Source source, const std::string& path_in_tree) {
  std::string_view path = path_in_tree;
  if (source == Package::Source::deb) {
    for (std::string_view prefix :
         {"usr/lib/python3/dist-packages/", "usr/lib/python3.11/", "usr/share/", "usr/lib/"}) {
      if (path.starts_with(prefix)) return std::string(path.substr(prefix.size()));
    }
    return path_in_tree;
  }
  const std::size_t top = path.find('/');  // "name-1.2.3/" or "package/"
  return std::string(top == path.npos ? path : path.substr(top + 1));
}

Result<CorpusReport> build_corpus(const std::vector<Package>& packages, const std::vector<Fetched>& fetched,
                                  const EvaluationRuns& evaluation, const CorpusOptions& options) {
  if (options.tokenizer && options.tokenizer->vocab_size() > std::numeric_limits<std::uint16_t>::max() + 1) {
    return invalid_input(
        "the tokenizer has more than 65536 entries, but packed tokens have 16 bits; use a smaller one");
  }
  CorpusReport report;
  std::vector<Collected> collected(packages.size());
  std::atomic<std::size_t> done{0};
  std::mutex progress_lock;
  in_parallel(packages.size(), [&](std::size_t i) {
    if (!fetched[i].tree.empty()) collected[i] = collect(packages[i], fetched[i].tree, evaluation);
    const std::lock_guard lock(progress_lock);
    options.progress("filter", ++done, packages.size());
  });

  Dedup dedup;
  std::map<std::string, std::vector<TextFile>> splits{{"train", {}}, {"validation", {}}};
  // Keeps what nothing before it is a copy of; returns why the file is dropped.
  const auto offer = [&](Candidate& candidate, const std::string& split) {
    const Dedup::Verdict verdict = dedup.offer(candidate.print);
    if (verdict == Dedup::Verdict::exact_copy) return Drop::exact_copy;
    if (verdict != Dedup::Verdict::fresh) return Drop::near_copy;
    LanguageCount& count = report.kept[split][candidate.file.language];
    ++count.files;
    count.bytes += candidate.file.text.size();
    splits[split].push_back(std::move(candidate.file));
    return Drop::kept;
  };
  for (std::size_t index : offering_order(packages)) {
    const std::string split = packages[index].validation ? "validation" : "train";
    for (const auto& [language, counts] : collected[index].dropped) {
      for (std::size_t i = 0; i < counts.size(); ++i) report.dropped[language][i] += counts[i];
    }
    for (Candidate& candidate : collected[index].candidates) {
      const std::string language = candidate.file.language;
      const std::size_t bytes = candidate.file.text.size();
      const Drop drop = offer(candidate, split);
      if (drop != Drop::kept) {
        ++report.dropped[language][static_cast<std::size_t>(drop)];
        continue;
      }
      PackageCount& package = report.packages[packages[index].name];
      ++package.files;
      package.bytes += bytes;
    }
    collected[index].candidates.clear();
  }
  // Last, so that the other splits are what they would be without.
  for (Collected& of_package : collected)
    for (Candidate& candidate : of_package.spare) offer(candidate, std::string(kSpareSplit));
  collected.clear();
  if (splits["train"].empty()) {
    return invalid_input(
        "no source file is left for the corpus: see the counts of dropped files and the missing packages");
  }
  for (auto& [split, files] : splits) {
    shuffle(files, options.seed);
    TRY(write_text(split, files, options));
    if (options.tokenizer && split != kSpareSplit)
      TRY(write_tokens(split, files, options, report.kept[split]));
  }
  return report;
}

}  // namespace seedling
