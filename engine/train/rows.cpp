#include "engine/train/rows.h"

#include <algorithm>
#include <cstdio>

#include "engine/assert.h"
#include "engine/sampler/layout.h"
#include "engine/tokenizer/special_tokens.h"
#include "engine/train/corpus/mistakes.h"
#include "engine/train/diagnostics.h"
#include "engine/train/edit_blocks.h"
#include "engine/train/holes.h"
#include "engine/train/trajectory_states.h"

namespace seedling {
namespace {

constexpr int kMostFixedLines = 3;     // of a hole with a mistake
constexpr int kLeastEditBlock = 4;     // a smaller one has no room for an insertion
constexpr int kLeastSampleRoom = 160;  // a hole with less context than that is not the one that was diagnosed
constexpr int kStates = 4;             // of each block of a trajectory, as far as there is room
constexpr int kMostEditsBeyond = 16;   // tokens behind an edit block that its labels may depend on

}  // namespace

// One sample: context and, where it has a hole, the middle behind it.
struct RowBuilder::Segment {
  std::vector<TokenId> tokens;
  int middle = -1;                     // index of the first middle token; -1: no hole
  std::vector<TokenId> draft;          // of the middle, with a mistake; may be empty
  const Sample* trajectory = nullptr;  // by which a model filled the middle
};

// A piece of a file.
struct RowBuilder::Window {
  std::string_view language;
  std::string path, text;
};

// Where a segment stands in its row.
struct RowBuilder::Placed {
  int begin, end;
  int middle;  // of a whole hole, <end> included; -1: none
  std::vector<TokenId> draft;
  const Sample* trajectory;

  bool has_hole() const { return middle >= 0; }
};

// What a row has so far of its noisy stream.
struct RowBuilder::Row {
  Batch& batch;
  const RowOptions& options;
  int row;
  int noisy_used = 0;
  int edit_used = 0;  // of those, in edit blocks

  std::size_t clean_at(int i) const { return static_cast<std::size_t>(row * batch.stride() + i); }
  std::size_t noisy_at(int i) const {
    return static_cast<std::size_t>(row * batch.stride() + batch.clean + i);
  }
  int room() const { return batch.noisy - noisy_used; }

  // How many positions a block of `length` can have here: it may not straddle two chunks.
  int fitting(int length) const { return std::min({length, kChunk - noisy_used % kChunk, room()}); }

  // One position of a block of `length` that stands behind the clean tokens before `begin`.
  std::size_t add_position(int segment_begin, int begin, int length, int i) {
    const std::size_t n = noisy_at(noisy_used + i);
    batch.positions[n] = begin - segment_begin + i;
    batch.first_clean[n] = segment_begin;
    batch.last_clean[n] = begin;
    batch.first_noisy[n] = noisy_used;
    batch.last_noisy[n] = noisy_used + length;
    return n;
  }

  // A block of `length` noisy positions for the clean tokens from `begin` on; those past `end` are <end>
  // again.
  void add_block(int segment_begin, int begin, int end, int length, double t, Random& random) {
    length = fitting(length);
    if (length <= 0) return;
    const double share = std::max(t, 1.0 / length);
    std::vector<char> masked(static_cast<std::size_t>(length));
    int count = 0;
    for (int i = 0; i < length; ++i) count += masked[static_cast<std::size_t>(i)] = random.uniform() < share;
    if (count == 0) masked[static_cast<std::size_t>(random.below(length))] = 1;
    int padding = 0;
    for (int i = 0; i < length; ++i) padding += begin + i >= end;
    for (int i = 0; i < length; ++i) {
      const std::size_t n = add_position(segment_begin, begin, length, i);
      const bool inside = begin + i < end;
      const TokenId target = inside ? batch.tokens[clean_at(begin + i)] : special::kEnd;
      batch.tokens[n] = masked[static_cast<std::size_t>(i)] ? special::kMask : target;
      batch.targets[n] = target;
      batch.kinds[n] = PositionKind::masked;
      float weight = options.masked_weight;
      if (options.weight_by_noise) weight /= static_cast<float>(share);
      if (!inside) weight /= static_cast<float>(padding);  // all repeated <end> together weigh one token
      batch.weights[n] = masked[static_cast<std::size_t>(i)] ? weight : 0.0f;
    }
    noisy_used += length;
  }

  // A block as a model saw it before `state`, of the tokens [begin, end) that it committed at `steps`.
  void add_state(int segment_begin, int begin, int end, int length, std::span<const int> steps, int state) {
    const bool is_cut = end - begin <= length && steps[static_cast<std::size_t>(end - begin - 1)] < state &&
                        batch.tokens[clean_at(end - 1)] == special::kEnd;
    length = fitting(is_cut ? end - begin : length);  // behind a committed <end> there is nothing
    const int padding = std::max(0, begin + length - end);
    for (int i = 0; i < length; ++i) {
      const std::size_t n = add_position(segment_begin, begin, length, i);
      const bool inside = begin + i < end;
      const bool masked = !inside || steps[static_cast<std::size_t>(i)] >= state;
      batch.targets[n] = inside ? batch.tokens[clean_at(begin + i)] : special::kEnd;
      batch.tokens[n] = masked ? special::kMask : batch.targets[n];
      batch.kinds[n] = PositionKind::masked;
      const float weight =
          inside ? options.masked_weight : options.masked_weight / static_cast<float>(padding);
      batch.weights[n] = masked ? weight : 0.0f;
    }
    noisy_used += length;
  }

  // A block that shows a draft: every position counts, what is right as well. REQUIRES: it fits.
  void add_edits(int segment_begin, int begin, const EditBlock& block) {
    const int length = static_cast<int>(block.tokens.size());
    for (int i = 0; i < length; ++i) {
      const std::size_t n = add_position(segment_begin, begin, length, i);
      const auto at = static_cast<std::size_t>(i);
      batch.tokens[n] = block.tokens[at];
      batch.targets[n] = block.targets[at];
      batch.kinds[n] = block.kinds[at];
      float weight = options.masked_weight;
      if (block.kinds[at] == PositionKind::kept) weight *= options.kept_weight;
      if (i >= length - block.padding) weight /= static_cast<float>(block.padding);
      batch.weights[n] = weight;
    }
    noisy_used += length;
    edit_used += length;
  }
};

Status RowBuilder::Files::load(const std::string& directory, std::string_view split) {
  files.assign(kLanguages.size(), {});
  cumulative.assign(kLanguages.size(), {});
  for (const std::string& shard : ShardReader::list(directory, split, kTokenShardEnding)) {
    std::vector<PackedFile> packed = TRY(ShardReader::read_token_shard(shard));
    for (PackedFile& file : packed) {
      if (file.tokens.size() < 32) continue;
      const std::size_t language = static_cast<std::size_t>(file.language - special::kFirstLanguage);
      if (language >= kLanguages.size()) return invalid_input(shard + " names an unknown language token");
      token_count += file.tokens.size();
      auto& sums = cumulative[language];
      sums.push_back((sums.empty() ? 0 : sums.back()) + file.tokens.size());
      files[language].push_back(std::move(file));
    }
  }
  return Done{};
}

Result<RowBuilder> RowBuilder::load(const std::string& directory, std::string_view split,
                                    std::shared_ptr<const Tokenizer> tokenizer) {
  if (ShardReader::list(directory, split, kTokenShardEnding).empty())
    return not_found(directory + " has no " + std::string(split) +
                     " token shards: run `seedling-train corpus`");
  RowBuilder builder;
  builder.tokenizer_ = std::move(tokenizer);
  builder.classes_ = std::make_shared<const TokenClasses>(*builder.tokenizer_);
  TRY(builder.files_.load(directory, split));
  if (builder.token_count() == 0) return invalid_input(directory + " holds no usable files");
  return builder;
}

Status RowBuilder::load_functions(const std::string& directory) {
  TRY(functions_.load(directory, kFunctionSplit));
  if (functions_.token_count > 0) return Done{};
  return not_found(directory +
                   " has no functions: run `seedling-train functions`, or give --function-share 0");
}

std::string RowBuilder::language_table() const {
  std::string table;
  for (std::size_t l = 0; l < files_.files.size(); ++l) {
    if (files_.cumulative[l].empty()) continue;
    char entry[64];
    std::snprintf(entry, sizeof entry, "%s%s %.1fM", table.empty() ? "" : ", ",
                  std::string(kLanguages[l]).c_str(), static_cast<double>(files_.cumulative[l].back()) / 1e6);
    table += entry;
  }
  return table;
}

const PackedFile& RowBuilder::Files::pick(const RowOptions& options, std::uint64_t random_language,
                                          std::uint64_t random_file) const {
  const auto share = [&](std::size_t l) {
    if (cumulative[l].empty()) return 0.0;
    if (options.language_share.empty()) return static_cast<double>(cumulative[l].back());
    return l < options.language_share.size() ? options.language_share[l] : 0.0;
  };
  double total = 0;
  for (std::size_t l = 0; l < files.size(); ++l) total += share(l);
  SEEDLING_ASSERT(total > 0);
  double left = static_cast<double>(random_language >> 11) * 0x1.0p-53 * total;
  std::size_t language = 0;
  for (std::size_t l = 0; l < files.size(); ++l) {
    if (share(l) <= 0) continue;
    language = l;
    if ((left -= share(l)) < 0) break;
  }
  const auto& sums = cumulative[language];
  const std::uint64_t at = random_file % sums.back();
  return files[language]
              [static_cast<std::size_t>(std::upper_bound(sums.begin(), sums.end(), at) - sums.begin())];
}

// Short ones too, so that a row holds more than one hole.
RowBuilder::Window RowBuilder::pick_window(const RowOptions& options, Random& random, int room) const {
  const std::uint64_t language = random.next(), which = random.next();
  const bool is_function =
      functions_.token_count > 0 && options.function_share > 0 && random.uniform() < options.function_share;
  const PackedFile& file = (is_function ? functions_ : files_).pick(options, language, which);
  const std::string_view language_name =
      kLanguages[static_cast<std::size_t>(file.language - special::kFirstLanguage)];
  const std::vector<TokenId> path_tokens(file.path.begin(), file.path.end());
  const std::string path = tokenizer_->decode(path_tokens);

  const int wanted = std::min(room - 24, random.uniform() < 0.5 ? room : random.between(96, 320));
  const int size = static_cast<int>(file.tokens.size());
  const int length = std::clamp(wanted, 16, size);
  const int begin = random.uniform() < 0.15 ? 0 : random.below(size - length + 1);
  const std::vector<TokenId> window(file.tokens.begin() + begin, file.tokens.begin() + begin + length);
  std::string text = tokenizer_->decode(window);
  if (begin > 0) {  // start on a line
    const std::size_t newline = text.find('\n');
    if (newline != std::string::npos && newline + 1 < text.size() / 2) text.erase(0, newline + 1);
  }
  return {language_name, path, std::move(text)};
}

RowBuilder::Segment RowBuilder::make_segment(const RowOptions& options, std::uint64_t key, int room) const {
  Random random(key);
  for (const auto& [share, samples] : {std::pair(options.diagnosed_share, &diagnosed_),
                                       std::pair(options.trajectory_share, &trajectories_)}) {
    if (share <= 0 || samples->empty() || room < kLeastSampleRoom || random.uniform() >= share) continue;
    const auto which = static_cast<std::size_t>(random.below(static_cast<int>(samples->size())));
    return sample_segment((*samples)[which], random, room);
  }
  const Window window = pick_window(options, random, room);
  return cut_segment(options, window.language, window.path, window.text, random);
}

Sample RowBuilder::some_hole(const RowOptions& options, std::uint64_t key, int most_tokens) const {
  Random random(key);
  const Window window = pick_window(options, random, most_tokens);
  Sample sample;
  sample.language = window.language;
  sample.path = window.path;
  if (window.text.empty()) return sample;
  const HoleCut hole = cut_hole(window.text, random);
  sample.prefix = window.text.substr(0, hole.begin);
  sample.suffix = window.text.substr(hole.end);
  sample.middle = window.text.substr(hole.begin, hole.end - hole.begin);
  return sample;
}

// A sample in the layout of a request, with as much context as there is room for; in half of the rows with
// less, so that a row holds more than one.
RowBuilder::Segment RowBuilder::sample_segment(const Sample& sample, Random& random, int room) const {
  if (random.uniform() < 0.5) room = std::min(room, random.between(kLeastSampleRoom, 2 * kLeastSampleRoom));
  Segment segment;
  const PartialWords words = partial_words(*tokenizer_, sample.prefix, sample.suffix);
  const std::vector<TokenId> middle =
      sample.tokens.empty() ? middle_tokens(*tokenizer_, words, sample.middle) : sample.tokens;
  ContextBudget budget{384, 96, 16, 48};  // what the product gives a request
  constexpr int kMarkers = 6;
  const int space = room - kMarkers - static_cast<int>(middle.size()) - budget.path_tokens -
                    (sample.message.empty() ? 0 : budget.diagnostic_tokens);
  budget.suffix_tokens = std::clamp(space / 4, 8, budget.suffix_tokens);
  budget.prefix_tokens = std::clamp(space - budget.suffix_tokens, 16, budget.prefix_tokens);
  segment.tokens = context_tokens(
      *tokenizer_, {sample.language, sample.path, sample.prefix, sample.suffix, sample.message}, budget);
  segment.middle = static_cast<int>(segment.tokens.size());
  segment.tokens.insert(segment.tokens.end(), middle.begin(), middle.end());
  if (!sample.tokens.empty()) segment.trajectory = &sample;
  if (!sample.draft.empty()) {
    segment.draft = middle_tokens(*tokenizer_, words, sample.draft);
    segment.draft.pop_back();  // <end>
  }
  return segment;
}

// A window of a file as a sample: with a hole in it, most often.
RowBuilder::Segment RowBuilder::cut_segment(const RowOptions& options, std::string_view language,
                                            std::string_view path, std::string_view text,
                                            Random& random) const {
  ContextBudget budget;
  budget.prefix_tokens = budget.suffix_tokens = 4096;  // the window is the budget
  Segment segment;
  if (text.empty() || random.uniform() < options.plain_share) {
    segment.tokens = context_tokens(*tokenizer_, {language, path, text, "", ""}, budget);
    return segment;
  }
  const bool is_mistaken = options.mistake_share > 0 && random.uniform() < options.mistake_share;
  const HoleCut hole = is_mistaken ? cut_lines(text, kMostFixedLines, random) : cut_hole(text, random);
  const std::string_view prefix = text.substr(0, hole.begin), suffix = text.substr(hole.end),
                         middle = text.substr(hole.begin, hole.end - hole.begin);
  const PartialWords words = partial_words(*tokenizer_, prefix, suffix);
  std::string diagnostic;
  if (is_mistaken) {
    // Without a message: only a compiler knows what it would say (diagnosed samples have its words).
    if (const auto mistake = make_mistake(language, text, hole.begin, hole.end, random)) {
      const std::string mistaken = with_mistake(text, *mistake);
      segment.draft = middle_tokens(
          *tokenizer_, words,
          std::string_view(mistaken).substr(hole.begin, mistaken.size() - hole.begin - suffix.size()));
      segment.draft.pop_back();  // <end>
    }
  } else if (random.uniform() < options.diagnostic_share) {
    diagnostic = diagnostic_for(language, middle, random);
  }
  segment.tokens = context_tokens(*tokenizer_, {language, path, prefix, suffix, diagnostic}, budget);
  segment.middle = static_cast<int>(segment.tokens.size());
  const std::vector<TokenId> filled = middle_tokens(*tokenizer_, words, middle);
  segment.tokens.insert(segment.tokens.end(), filled.begin(), filled.end());
  return segment;
}

void RowBuilder::fill_row(Batch& batch, const RowOptions& options, std::uint64_t key, int row,
                          std::uint64_t step) const {
  std::vector<Placed> placed;
  Row out{batch, options, row};
  int used = 0;
  for (std::uint64_t part = 0; used < batch.clean; ++part) {
    const int room = batch.clean - used;
    Segment segment = make_segment(options, combine(key, part), room);
    const int length = std::min(static_cast<int>(segment.tokens.size()), room);
    for (int i = 0; i < length; ++i) {
      const std::size_t n = out.clean_at(used + i);
      batch.tokens[n] = segment.tokens[static_cast<std::size_t>(i)];
      batch.positions[n] = i;
      batch.first_clean[n] = used;
      batch.last_clean[n] = used + i + 1;
      const bool last = i + 1 >= static_cast<int>(segment.tokens.size());
      batch.targets[n] = last ? special::kPad : segment.tokens[static_cast<std::size_t>(i + 1)];
      // What a model made up is no text to learn to write one token after the other.
      const bool is_made_up = segment.trajectory != nullptr && i + 1 >= segment.middle;
      batch.weights[n] = last || is_made_up ? 0.0f : options.causal_weight;
    }
    const bool whole_middle = segment.middle >= 0 && length == static_cast<int>(segment.tokens.size());
    placed.push_back({used, used + length, whole_middle ? used + segment.middle : -1,
                      whole_middle ? std::move(segment.draft) : std::vector<TokenId>(),
                      whole_middle ? segment.trajectory : nullptr});
    used += length;
  }
  if (batch.noisy > 0) add_noise(out, placed, key, step);
}

// An edit block of `size` positions or fewer; false if there is nothing to show.
bool RowBuilder::add_edit_block(Row& row, const Placed& p, int size, Random& random) const {
  size = row.fitting(size);
  const auto clean = [&](int from, int to) {
    return std::span<const TokenId>(row.batch.tokens)
        .subspan(row.clean_at(from), static_cast<std::size_t>(to - from));
  };
  // Where the block begins: anywhere in the hole, or a little before the mistake.
  const int stop = p.has_hole() ? p.end - 1 : p.end;  // before <end>
  const int first = p.has_hole() ? p.middle : p.begin + 1;
  int begin = first + random.below(std::max(1, stop - first + 1));
  std::span<const TokenId> mistaken = p.draft;
  if (!p.draft.empty()) {
    const auto middle = clean(p.middle, stop);
    const auto differ = std::mismatch(middle.begin(), middle.end(), p.draft.begin(), p.draft.end());
    const int same = static_cast<int>(differ.first - middle.begin());
    const int offset = std::max(0, same - random.below(size));
    begin = p.middle + offset;
    mistaken = mistaken.subspan(static_cast<std::size_t>(offset));
  }
  const int last = std::min(stop, begin + 2 * size + kMostEditsBeyond);
  const EditTarget target{clean(begin, last), !p.has_hole() || last < stop};
  if (mistaken.size() > target.tokens.size() + kMostEditsBeyond)
    mistaken = mistaken.first(target.tokens.size() + kMostEditsBeyond);
  const std::vector<TokenId> draft =
      make_draft(target, mistaken, row.options.edit_rate, clean(p.begin, p.end), *classes_, random);
  const EditBlock block = edit_block(draft, target, size);
  if (block.tokens.empty()) return false;
  row.add_edits(p.begin, begin, block);
  return true;
}

// Every block of a trajectory several times, as it was before one of its steps; once all masks, as every
// request begins.
void RowBuilder::add_states(Row& row, const Placed& p, Random& random) const {
  const Sample& sample = *p.trajectory;
  const int count = static_cast<int>(sample.tokens.size());
  for (int draw = 1; draw <= kStates; ++draw) {
    for (int at = 0; at < count && row.room() > 0; at += sample.block) {
      const int end = std::min(count, at + sample.block);
      const std::span<const int> steps =
          std::span(sample.steps).subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(end - at));
      const BlockStates states(steps, row.options.pushes_apart);
      const int state = draw == kStates ? states.first() : states.pick(random.uniform());
      row.add_state(p.begin, p.middle + at, p.middle + end, sample.block, steps, state);
    }
  }
}

// Each hole's blocks under several draws, then blocks anywhere, until the noisy stream is full; of stage
// edit's share of them, those with a mistake come first.
void RowBuilder::add_noise(Row& out, const std::vector<Placed>& placed, std::uint64_t key,
                           std::uint64_t step) const {
  const RowOptions& options = out.options;
  Random random(combine(key, 0xb10c));
  const double offset = static_cast<double>(mix(combine(step, 0x7)) >> 11) * 0x1.0p-53;
  auto next_t = [&, k = 0]() mutable {  // low-discrepancy over the rows and blocks of a step
    const double u = offset + 0.6180339887498949 * k++;
    return u - static_cast<double>(static_cast<long long>(u));
  };
  const auto some_size = [&](int least) {
    return random.uniform() < 0.5 ? 16 : random.between(least, std::max(least, options.max_block));
  };
  const auto wants_edits = [&](int size) {
    return out.edit_used + size / 2 < options.edit_share * out.batch.noisy;
  };
  for (const Placed& p : placed) {
    if (options.edit_share <= 0 || p.draft.empty()) continue;
    const int size = some_size(kLeastEditBlock);
    if (out.room() > 0 && wants_edits(size)) add_edit_block(out, p, size, random);
  }
  for (const Placed& p : placed)
    if (p.trajectory != nullptr) add_states(out, p, random);
  for (int draw = 0; draw < 3; ++draw) {
    for (const Placed& p : placed) {
      if (!p.has_hole() || p.trajectory != nullptr) continue;
      const int size = some_size(2);
      const double t = draw == 0 ? 1.0 : next_t();  // the first step of every request sees only masks
      const int last = p.middle + (p.end - p.middle - 1) / size * size;
      const int blocks = (last - p.middle) / size + 1;
      const int begin = p.middle + (draw == 0 ? 0 : random.below(blocks)) * size;
      if (out.room() < kChunk / 2) break;
      if (draw > 0 && wants_edits(size) && add_edit_block(out, p, size, random)) continue;
      out.add_block(p.begin, begin, p.end, size, t, random);
    }
  }
  while (out.room() > 0) {
    const Placed& p = placed[static_cast<std::size_t>(random.below(static_cast<int>(placed.size())))];
    const int size = random.between(1, options.max_block);
    if (wants_edits(std::max(size, kLeastEditBlock)) &&
        add_edit_block(out, p, std::max(size, kLeastEditBlock), random))
      continue;
    const int stop = p.has_hole() ? p.middle : p.end;  // of a made-up middle its states alone are shown
    const int begin = p.begin + 1 + random.below(std::max(1, stop - p.begin - 1));
    out.add_block(p.begin, begin, stop, std::min(size, std::max(1, stop - begin)), next_t(), random);
  }
}

void RowBuilder::fill(Batch& batch, const RowOptions& options, std::uint64_t seed, std::uint64_t step,
                      int first_row, int row_count) const {
  SEEDLING_ASSERT(options.clean % kChunk == 0 && options.noisy % kChunk == 0);
  batch.resize(row_count, options.clean, options.noisy);
  for (int i = 0; i < row_count; ++i) {
    const auto row = static_cast<std::uint64_t>(first_row + i);
    fill_row(batch, options, combine(combine(seed, step), row), i, mix(step) + row);
  }
}

}  // namespace seedling
