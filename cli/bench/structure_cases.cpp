// The cases that time how syntax trees and scopes follow a document: one keystroke in a long file, and
// whether memory stays where it is over very many; and what the constraints of a hole take of one step.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <numeric>

#include "cli/bench/bench.h"
#include "cli/bench/sample.h"
#include "engine/model/backend.h"
#include "engine/sampler/constraint.h"
#include "engine/structure/document_tree.h"

namespace seedling::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLongFileLines = 10'000, kShortFileLines = 1'000;
constexpr int kManyEdits = 100'000;
constexpr std::string_view kTyped =
    "\n\ndef added(first, second):\n    total = [first + x for x in second]\n    return total\n";

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Of this process now.
double resident_now_mib() {
  std::ifstream file("/proc/self/statm");
  double pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

std::string text_of_lines(int lines) {
  std::string text;
  for (int count = 0; count < lines;) {
    text += sample_text();
    count += static_cast<int>(std::count(sample_text().begin(), sample_text().end(), '\n'));
  }
  return text;
}

// Somebody who types a function at several places of a text, character by character, and takes it back.
class Typist {
 public:
  Typist(const BenchRun& run, std::string text) : run_(run), text_(std::move(text)) {
    for (const double share : {0.02, 0.5, 0.97}) {
      const auto near = static_cast<std::size_t>(share * static_cast<double>(text_.size()));
      const std::size_t place = text_.find("\n\n", near);
      places_.push_back(place == std::string::npos ? text_.size() : place);
    }
  }

  Status open() {
    tree_ = TRY(DocumentTree::open(text_, kSampleLanguage));
    TRY(tree_->scopes());
    return Done{};
  }

  // The next key; the time is that of tree and scopes.
  Status press() {
    const std::size_t round = 2 * kTyped.size(), key = keys_ % round;
    const std::size_t place = places_[keys_ / round % places_.size()];
    if (key < kTyped.size()) {
      text_.insert(place + key, 1, kTyped[key]);
    } else {
      text_.erase(place + round - 1 - key, 1);
    }
    ++keys_;
    const Clock::time_point start = Clock::now();
    TRY(tree_->update(text_));
    ms_.push_back(ms_since(start));
    return Done{};
  }

  Status report(const std::string& name) {
    if (ms_.empty()) return Done{};
    BenchLine line{.name = name};
    line.p50_ms = quantile(ms_, 0.5);
    line.p95_ms = quantile(ms_, 0.95);
    line.n = static_cast<int>(keys_);
    line.resident_mib = resident_now_mib();
    Checksum sum;
    sum.add(std::to_string(TRY(tree_->scopes())->declarations().size()));
    line.checksum = sum.text();
    run_.report(line);
    return Done{};
  }

 private:
  const BenchRun& run_;
  std::string text_;
  std::vector<std::size_t> places_;
  std::optional<DocumentTree> tree_;
  std::size_t keys_ = 0;
  std::vector<double> ms_;
};

// Whole rounds, so that the answers are the same however fast the machine is.
Status run_keystroke(const BenchRun& run, const std::string& name) {
  Typist typist(run, text_of_lines(kLongFileLines));
  run.show_progress(name);
  TRY(typist.open());
  const int keys = run.options.passes > 0 ? run.options.passes : static_cast<int>(6 * kTyped.size());
  for (int i = 0; i < keys; ++i) {
    if (run.is_stopped()) return Done{};
    TRY(typist.press());
  }
  return typist.report(name);
}

// Memory after a tenth of the edits and after all of them.
Status run_edits(const BenchRun& run, const std::string& name) {
  Typist typist(run, text_of_lines(kShortFileLines));
  run.show_progress(name);
  TRY(typist.open());
  const int edits = run.options.passes > 0 ? run.options.passes : kManyEdits;
  for (int i = 1; i <= edits; ++i) {
    if (run.is_stopped()) return Done{};
    TRY(typist.press());
    if (i == edits / 10 || i == edits) TRY(typist.report(name));
  }
  return Done{};
}

// Holes from the middle of a line to its end, with the tokens that stood there.
class ConstrainedHoles {
 public:
  explicit ConstrainedHoles(std::shared_ptr<const Model> model)
      : model_(std::move(model)),
        lexemes_(std::make_shared<const LexemeTable>(*model_->tokenizer, kSampleLanguage,
                                                     model_->config.vocab_size)),
        everything_(model_->config.vocab_size) {
    for (TokenId token = 0; token < model_->config.vocab_size; ++token) everything_.insert(token);
  }

  // Asks the constraint at every token of every hole; the times are those of the questions.
  Status ask_all(std::vector<double>& ms) {
    const std::string_view text = sample_text();
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      if (end - begin >= kLeastLineBytes) TRY(ask(text, (begin + end) / 2, end, ms));
      begin = end + 1;
    }
    return Done{};
  }

 private:
  static constexpr std::size_t kLeastLineBytes = 30;

  Status ask(std::string_view text, std::size_t begin, std::size_t end, std::vector<double>& ms) {
    const std::string without = std::string(text.substr(0, begin)).append(text.substr(end));
    DocumentTree tree = TRY(DocumentTree::open(without, kSampleLanguage));
    HoleText hole;
    hole.prefix = text.substr(0, begin);
    hole.suffix = text.substr(end);
    hole.language = kSampleLanguage;
    hole.calm = tree.calm_before({static_cast<std::uint32_t>(begin)});
    hole.names = TRY(tree.names_around({static_cast<std::uint32_t>(begin)}));
    const Constraint constraint(*model_->tokenizer, lexemes_, std::move(hole), model_->config.diffusion.end);
    Canvas canvas;
    canvas.mask = model_->config.diffusion.mask;
    canvas.end = model_->config.diffusion.end;
    for (const TokenId token : model_->tokenizer->encode(text.substr(begin, end - begin))) {
      open_block(canvas, 1);
      const Clock::time_point start = Clock::now();
      TokenSet allowed = everything_;
      Preference preference;
      constraint.restrict(canvas, allowed, &preference);
      ms.push_back(ms_since(start));
      commit(canvas, canvas.size() - 1, token, 1);
    }
    return Done{};
  }

  std::shared_ptr<const Model> model_;
  std::shared_ptr<const LexemeTable> lexemes_;
  TokenSet everything_;
};

// One denoising step over a block with nothing cached: the shortest there is.
Result<double> step_ms(const BenchRun& run, const std::shared_ptr<const Model>& model) {
  constexpr int kBlock = 16, kRounds = 50;
  const Backend* backend = TRY(find_backend(run.global.backend));
  BackendSession* opened = TRY(backend->prepare(model, {run.global.device, run.global.threads}));
  const std::unique_ptr<BackendSession, void (*)(BackendSession*)> session(opened, backend->release);
  const std::vector<TokenId> block(kBlock, model->config.diffusion.mask);
  std::vector<RowQuery> queries(kBlock);
  for (int row = 0; row < kBlock; ++row) queries[static_cast<std::size_t>(row)].row = row;
  std::vector<RowAnswer> answers(kBlock);
  std::vector<double> ms;
  for (int round = 0; round < kRounds; ++round) {
    const Clock::time_point start = Clock::now();
    TRY(backend->forward(session.get(), {.tokens = block, .sight = Sight::block}, queries, answers));
    ms.push_back(ms_since(start));
  }
  return quantile(ms, 0.5);
}

// What the constraints take of a step: to be held at a tenth of it.
Status run_constraint(const BenchRun& run, const std::string& name) {
  const std::shared_ptr<const Model> model = TRY(run.model("shipped"));
  run.show_progress(name);
  ConstrainedHoles holes(model);
  std::vector<double> ms;
  for (int round = 0; round < std::max(1, run.options.passes) && !run.is_stopped(); ++round)
    TRY(holes.ask_all(ms));
  if (ms.empty()) return Done{};
  BenchLine line{.name = name};
  line.p50_ms = quantile(ms, 0.5);
  line.p95_ms = quantile(ms, 0.95);
  line.n = static_cast<int>(ms.size());
  line.of_step = std::accumulate(ms.begin(), ms.end(), 0.0) / line.n / TRY(step_ms(run, model));
  run.report(line);
  return Done{};
}

}  // namespace

std::vector<BenchCase> structure_cases() {
  return {{"structure.keystroke", run_keystroke},
          {"structure.edits", run_edits},
          {"structure.constraint", run_constraint}};
}

}  // namespace seedling::cli
