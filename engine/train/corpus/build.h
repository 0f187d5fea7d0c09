// engine/train/corpus/build.h
//
// From unpacked packages to shards: collect and filter every file, drop copies, decide the split, shuffle,
// write text shards and, with a tokenizer, token shards.
//   The result depends only on the packages, the options and the evaluation data, not on timing: packages are
//   offered to the copy detector in the order of the recipe, files in the order of a hash of their path.
//   Threads: call from one; filtering and tokenising use two. Errors: see build_corpus().
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/result.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/train/corpus/decontaminate.h"
#include "engine/train/corpus/fetch.h"
#include "engine/train/corpus/filter.h"
#include "engine/train/corpus/recipe.h"
#include "engine/train/corpus/shards.h"

namespace seedling {

struct CorpusOptions {
  std::string out;
  std::uint64_t seed = 1;                      // of the order of the files
  std::shared_ptr<const Tokenizer> tokenizer;  // null: text shards only
  std::function<void(const std::string& stage, std::size_t done, std::size_t all)> progress;
};

struct LanguageCount {
  std::size_t files = 0, bytes = 0, tokens = 0;
};

struct PackageCount {
  std::size_t files = 0, bytes = 0;
};

struct CorpusReport {
  // split -> language -> what was kept
  std::map<std::string, std::map<std::string, LanguageCount>> kept;
  // language -> files dropped, by Drop
  std::map<std::string, std::array<std::size_t, kDropNames.size()>> dropped;
  std::map<std::string, PackageCount> packages;
};

// Errors: invalid_input if nothing is left, or a shard cannot be written.
Result<CorpusReport> build_corpus(const std::vector<Package>& packages, const std::vector<Fetched>& fetched,
                                  const EvaluationRuns& evaluation, const CorpusOptions& options);

// A file as token shards hold it. REQUIRES: the tokenizer has at most 65536 entries.
PackedFile pack(const TextFile& file, const Tokenizer& tokenizer);

// Where a file lies inside its package, as an editor would show it in a workspace.
std::string workspace_path(Package::Source source, const std::string& path_in_tree);

}  // namespace seedling
