// engine/train/rows.h
//
// RowBuilder: cuts fill-in-the-middle samples out of the packed corpus and lays them out as a Batch.
//   Stateless: row r of step s is a function of (corpus, seed, s, r), so a resumed run sees what the killed
//   one would have seen. Holes are cut at character boundaries, at both ends, inside words included.
//   Immutable after load; fill() may run on several threads.
//   Stages: causal (next token over the whole row), mask (a noisy stream of masked blocks beside it) and edit
//   (part of those blocks show a draft instead, see edit_blocks.h; part of the holes have a programmer's
//   mistake as their draft, with a tool's message where one was asked), and order and on-policy, part of
//   whose holes were filled by a model: blocks show the states that it went through (trajectory_states.h).
//   Source: DESIGN.md sections 5 and 6; block diffusion with clipped, low-discrepancy t (ANCHORS: MDLM,
//   BD3LM).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/result.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/train/batch.h"
#include "engine/train/corpus/samples.h"
#include "engine/train/corpus/shards.h"
#include "engine/train/corruption.h"

namespace seedling {

struct RowOptions {
  int clean = 512;             // T
  int noisy = 0;               // N; 0: stage causal
  int max_block = 32;          // noisy blocks hold 1..max_block tokens
  float masked_weight = 1.0f;  // of a masked position; a clean position counts causal_weight
  float causal_weight = 1.0f;
  bool weight_by_noise = false;   // the evidence bound's 1/t instead of weight 1
  double plain_share = 0.25;      // segments without a hole
  double diagnostic_share = 0.0;  // segments with a hole that answer a message (engine/train/diagnostics.h)
  double edit_share = 0.0;        // of the noisy positions: in edit blocks; 0 but in stage edit
  double edit_rate = 0.1;         // most edits of a draft by its size
  float kept_weight = 1.0f;       // of a draft's right token, compared with the masked_weight of all others
  double mistake_share = 0.0;     // segments whose hole has a programmer's mistake as its draft
  double diagnosed_share = 0.0;   // segments that are diagnosed mistakes, of those that were added
  double trajectory_share = 0.0;  // segments that are trajectories, of those that were added
  double function_share = 0.0;    // segments that are functions on their own, of those that were loaded
  bool pushes_apart = false;      // states of a trajectory that are near to others are shown more often
  std::vector<double> language_share;  // by kLanguages index; empty: as the corpus has them
};

class RowBuilder {
 public:
  static Result<RowBuilder> load(const std::string& directory, std::string_view split,
                                 std::shared_ptr<const Tokenizer> tokenizer);

  // Files that rows hold more often, as options.function_share says: the split kFunctionSplit.
  Status load_functions(const std::string& directory);

  // Samples that rows may hold beside what is cut out of files; replaces earlier ones of the kind.
  void set_diagnosed(std::vector<Sample> samples) { diagnosed_ = std::move(samples); }
  void set_trajectories(std::vector<Sample> samples) { trajectories_ = std::move(samples); }

  // A hole as stage mask cuts them, in at most `most_tokens` tokens of a file.
  Sample some_hole(const RowOptions&, std::uint64_t key, int most_tokens) const;

  // Rows [first_row, first_row + row_count) of a step.
  void fill(Batch&, const RowOptions&, std::uint64_t seed, std::uint64_t step, int first_row,
            int row_count) const;
  std::uint64_t token_count() const { return files_.token_count; }
  std::string language_table() const;  // "python 12.3M, c 4.5M, ..."

 private:
  struct Segment;
  struct Placed;
  struct Row;
  // By language; and the tokens up to and including file i of a language.
  struct Files {
    std::vector<std::vector<PackedFile>> files;
    std::vector<std::vector<std::uint64_t>> cumulative;
    std::uint64_t token_count = 0;

    Status load(const std::string& directory, std::string_view split);
    const PackedFile& pick(const RowOptions&, std::uint64_t random_language, std::uint64_t random_file) const;
  };
  struct Window;
  Window pick_window(const RowOptions&, Random&, int room) const;
  Segment make_segment(const RowOptions&, std::uint64_t key, int room) const;
  Segment sample_segment(const Sample&, Random&, int room) const;
  Segment cut_segment(const RowOptions&, std::string_view language, std::string_view path,
                      std::string_view text, Random&) const;
  void add_noise(Row&, const std::vector<Placed>&, std::uint64_t key, std::uint64_t step) const;
  bool add_edit_block(Row&, const Placed&, int size, Random&) const;
  void add_states(Row&, const Placed&, Random&) const;
  void fill_row(Batch&, const RowOptions&, std::uint64_t key, int row, std::uint64_t step) const;

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::shared_ptr<const TokenClasses> classes_;
  Files files_, functions_;
  std::vector<Sample> diagnosed_, trajectories_;
};

}  // namespace seedling
