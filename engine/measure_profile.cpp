#include "engine/measure_profile.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/assert.h"

namespace seedling {
namespace {

constexpr std::array kContexts = {0, 256, 1024};
constexpr std::array kStepSizes = {1, 2, 4, 8, 16, 32, 64};
constexpr std::array kExtendSizes = {1, 4, 16, 64, 256};
// A short pass is repeated, as it is in denoising: the first ones warm the caches and wake the threads.
constexpr int kRepeatedSize = 64, kLeastTimes = 2, kMostTimes = 8;
constexpr double kMsOfPoint = 2;
constexpr double kShortestPassMs = 1e-6;  // a clock may say that nothing took no time
static_assert(kExtendSizes.back() <= kMostTokens);

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Result<ProfileMeasurement> ProfileMeasurement::open(const Backend& backend,
                                                    std::shared_ptr<const Model> model,
                                                    const BackendOptions& backend_options,
                                                    MeasureOptions options) {
  std::unique_ptr<CachedSequence> sequence = TRY(CachedSequence::open(backend, model, backend_options));
  return ProfileMeasurement(std::move(sequence), model->config, std::move(options));
}

ProfileMeasurement::ProfileMeasurement(std::unique_ptr<CachedSequence> sequence, const ModelConfig& config,
                                       MeasureOptions options)
    : options_(std::move(options)),
      mask_(std::max(0, config.diffusion.mask)),
      vocab_(config.vocab_size),
      sequence_(std::move(sequence)) {
  SEEDLING_ASSERT(options_.rounds > 0);
  const int room = config.max_position_embeddings;
  const int largest = std::min(room, kExtendSizes.back());
  for (const int context : kContexts) {
    if (context + largest > room) break;
    const auto add = [&](PassTimes StepProfile::*kind, int size) {
      if (size <= room) points_.push_back({kind, context, size, {}});
    };
    for (const int size : kStepSizes) add(&StepProfile::step, size);
    for (const int size : kExtendSizes) add(&StepProfile::extend, size);
    add(&StepProfile::causal, 1);
  }
}

Status ProfileMeasurement::advance() {
  SEEDLING_ASSERT(!is_done());
  const Point& point = points_[next_];
  const int missing = point.context - sequence_->length();
  if (missing < 0) sequence_->truncate(point.context);
  if (missing > 0) {
    std::vector<TokenId> tokens(std::min(missing, kMostTokens));
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      tokens[i] = static_cast<TokenId>((sequence_->length() + 7 * i) % static_cast<std::size_t>(vocab_));
    }
    const auto start = options_.now();
    TRY(sequence_->extend(tokens));
    spent_ms_ += std::chrono::duration<double, std::milli>(options_.now() - start).count();
    return Done{};
  }
  const double ms = TRY(time_pass(point));
  points_[next_].ms.push_back(ms);
  has_given_up_ = options_.longest_pass_ms > 0 && ms > options_.longest_pass_ms;
  if (++next_ == points_.size()) begin_next_round();
  return Done{};
}

void ProfileMeasurement::begin_next_round() {
  next_ = 0;
  ++round_;
  if (spent_ms_ > options_.most_ms) round_ = options_.rounds;
}

Result<double> ProfileMeasurement::time_pass(const Point& point) {
  const bool is_step = point.kind == &StepProfile::step;
  Pass pass;
  const std::vector<TokenId> tokens(point.size, mask_);
  pass.tokens = tokens;
  pass.sight = is_step ? Sight::block : Sight::causal;
  std::vector<RowQuery> queries;
  // On average half of a block is masked.
  for (int row = 0; row < point.size && point.kind != &StepProfile::extend; row += 2) {
    queries.emplace_back().row = row;
  }
  std::vector<RowAnswer> answers(queries.size());
  double shortest = std::numeric_limits<double>::infinity(), sum = 0;
  for (int times = 0; times < kMostTimes; ++times) {
    const bool is_enough = point.size > kRepeatedSize || (times >= kLeastTimes && sum >= kMsOfPoint);
    if (times > 0 && is_enough) break;
    const auto start = options_.now();
    TRY(sequence_->forward(pass, queries, answers));
    const double ms = std::chrono::duration<double, std::milli>(options_.now() - start).count();
    sum += ms;
    shortest = std::min(shortest, ms);
  }
  spent_ms_ += sum;
  return shortest;
}

std::optional<StepProfile> ProfileMeasurement::profile() const {
  SEEDLING_ASSERT(is_done());
  if (has_given_up_) return std::nullopt;
  StepProfile profile;
  for (const Point& point : points_) {
    PassTimes& times = profile.*point.kind;
    if (times.contexts.empty() || times.contexts.back() != point.context) {
      times.contexts.push_back(point.context);
    }
    if (times.contexts.size() == 1) times.sizes.push_back(point.size);
    times.ms.push_back(std::max(kShortestPassMs, median(point.ms)));
  }
  return profile;
}

}  // namespace seedling
