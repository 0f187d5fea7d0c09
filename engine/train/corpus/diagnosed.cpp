#include "engine/train/corpus/diagnosed.h"

#include <algorithm>
#include <chrono>

#include "engine/fix_holes.h"

namespace seedling {
namespace {

constexpr std::size_t kFilesABatch = 24;
constexpr std::size_t kMistakesAFile = 4;
constexpr std::size_t kLeastBytes = 200, kMostBytes = 16'000;  // of a file: tools read it whole
constexpr std::size_t kMostHoleBytes = 400;
constexpr std::size_t kPrefixBytes = 2400, kSuffixBytes = 800;  // more than a context holds
constexpr double kBatchSeconds = 45;

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t newline = at == 0 ? text.npos : text.rfind('\n', at - 1);
  return newline == text.npos ? 0 : newline + 1;
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

// A mistake in one line that is not blank.
std::optional<Mistake> some_mistake(const TextFile& file, Random& random) {
  constexpr int kTries = 8;
  for (int i = 0; i < kTries; ++i) {
    const auto at = static_cast<std::size_t>(random.below(static_cast<int>(file.text.size())));
    const std::size_t begin = line_begin(file.text, at), end = line_end(file.text, at);
    if (auto mistake = make_mistake(file.language, file.text, begin, end, random)) return mistake;
  }
  return std::nullopt;
}

// Where a message points to; the end of the text where it has no such line.
std::size_t offset_of(std::string_view text, const ToolMessage& message) {
  std::size_t at = 0;
  for (int line = 1; line < message.line && at < text.size(); ++line) at = line_end(text, at) + 1;
  at = std::min(at, text.size());
  return std::min(at + static_cast<std::size_t>(std::max(0, message.column - 1)), line_end(text, at));
}

// What a hole in the mistaken text should say; nothing where the mistake reaches beyond the hole.
std::optional<std::string> truth_of(const TextFile& file, const Mistake& mistake, ByteRange hole) {
  const std::size_t end = mistake.begin + mistake.replacement.size();
  if (hole.begin.value > mistake.begin || hole.end.value < end) return std::nullopt;
  const std::size_t size = hole.size() - mistake.replacement.size() + (mistake.end - mistake.begin);
  return file.text.substr(hole.begin.value, size);
}

Sample sample_of(const TextFile& file, std::string_view mistaken, ByteRange hole, std::string truth,
                 const std::string& message) {
  Sample sample;
  sample.language = file.language;
  sample.path = file.path;
  const std::size_t from =
      hole.begin.value > kPrefixBytes ? line_begin(mistaken, hole.begin.value - kPrefixBytes) : 0;
  sample.prefix = mistaken.substr(from, hole.begin.value - from);
  const std::size_t to = line_end(mistaken, std::min(mistaken.size(), hole.end.value + kSuffixBytes));
  sample.suffix = mistaken.substr(hole.end.value, to - hole.end.value);
  sample.message = message;
  sample.middle = std::move(truth);
  return sample;
}

// The files that a tool reads, in an order that mixes the packages.
std::vector<const TextFile*> files_for(DiagnosingTool tool, const std::vector<TextFile>& files,
                                       const DiagnoseOptions& options) {
  std::vector<const TextFile*> mine;
  for (const TextFile& file : files) {
    if (speaks(tool, file.language) && file.text.size() >= kLeastBytes && file.text.size() <= kMostBytes)
      mine.push_back(&file);
  }
  Random random(combine(options.seed, static_cast<std::uint64_t>(tool)));
  for (std::size_t i = mine.size(); i > 1; --i)
    std::swap(mine[i - 1], mine[static_cast<std::size_t>(random.below(static_cast<int>(i)))]);
  mine.resize(std::min(mine.size(), options.most_files));
  return mine;
}

struct Made {
  std::vector<ToolJob> jobs;
  std::vector<std::vector<Mistake>> mistakes;  // of each job
};

Made make_jobs(std::span<const TextFile* const> files, Random& random) {
  Made made;
  for (const TextFile* file : files) {
    ToolJob job{file->language, file->text, {}};
    std::vector<Mistake> mistakes;
    for (std::size_t i = 0; i < kMistakesAFile; ++i) {
      const auto mistake = some_mistake(*file, random);
      if (!mistake) continue;
      job.mistaken.push_back(with_mistake(file->text, *mistake));
      mistakes.push_back(*mistake);
    }
    made.jobs.push_back(std::move(job));
    made.mistakes.push_back(std::move(mistakes));
  }
  return made;
}

Status ask_tool(DiagnosingTool tool, const std::vector<TextFile>& files, const DiagnoseOptions& options,
                double seconds, std::vector<Sample>& samples) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto left = [&] { return seconds - std::chrono::duration<double>(Clock::now() - start).count(); };
  const std::vector<const TextFile*> mine = files_for(tool, files, options);
  Random random(combine(options.seed, 0x101 + static_cast<std::uint64_t>(tool)));
  std::size_t mistakes = 0, diagnosed = 0;
  for (std::size_t at = 0; at < mine.size() && left() > 0; at += kFilesABatch) {
    const auto batch = std::span(mine).subspan(at, std::min(kFilesABatch, mine.size() - at));
    const Made made = make_jobs(batch, random);
    const auto said = TRY(diagnose(tool, made.jobs, std::min(left(), kBatchSeconds), options.paths));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      for (std::size_t k = 0; k < said[i].size(); ++k) {
        ++mistakes;
        std::vector<Sample> found = samples_of(*batch[i], made.mistakes[i][k], said[i][k]);
        diagnosed += !found.empty();
        std::move(found.begin(), found.end(), std::back_inserter(samples));
      }
    }
    if (options.progress) options.progress(tool, mistakes, diagnosed);
  }
  return Done{};
}

}  // namespace

std::vector<Sample> samples_of(const TextFile& file, const Mistake& mistake, const ToolMessage& message) {
  if (message.line <= 0) return {};
  Snapshot snapshot;
  snapshot.path = file.path;
  snapshot.language = file.language;
  snapshot.text = with_mistake(file.text, mistake);
  Diagnostic diagnostic;
  const ByteOffset at{static_cast<std::uint32_t>(offset_of(snapshot.text, message))};
  diagnostic.range = {at, at};
  const FixHoles holes = fix_holes(snapshot, diagnostic);

  const auto fits = [](ByteRange hole, const std::optional<std::string>& truth) {
    return truth.has_value() &&
           std::max(hole.size(), static_cast<std::uint32_t>(truth->size())) <= kMostHoleBytes;
  };
  std::vector<Sample> samples;
  std::optional<std::string> truth = truth_of(file, mistake, holes.region);
  if (!fits(holes.region, truth)) return {};
  samples.push_back(sample_of(file, snapshot.text, holes.region, *truth, message.text));
  samples.back().draft = snapshot.text.substr(holes.region.begin.value, holes.region.size());
  for (const ByteRange& hole : holes.holes) {
    truth = truth_of(file, mistake, hole);
    if (!fits(hole, truth) || hole == holes.region) continue;
    samples.push_back(sample_of(file, snapshot.text, hole, *truth, message.text));
    break;
  }
  return samples;
}

Result<std::vector<Sample>> diagnosed_samples(const std::vector<TextFile>& files,
                                              const DiagnoseOptions& options) {
  std::vector<Sample> samples;
  const double seconds =
      options.minutes * 60 / static_cast<double>(std::max<std::size_t>(1, options.tools.size()));
  for (const DiagnosingTool tool : options.tools) TRY(ask_tool(tool, files, options, seconds, samples));
  return samples;
}

}  // namespace seedling
