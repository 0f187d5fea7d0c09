// The head: logits come in short runs of tokens that are looked at while they are in the cache, and only the
// statistics of a run stay.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/cpu/int8_loops.h"
#include "kernels/cpu/loops.h"

namespace seedling::kernels {
namespace {

// A run is the same for every M and number of threads, and so are a row's sums over it.
constexpr int kRun = 512;              // tokens; a multiple of 64
constexpr int kRowsAtOnce = 32;        // their logits of a run take 66 KiB
constexpr int kRowStride = kRun + 16;  // not a power of two: rows lie in other cache sets
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();

int lowest_allowed(const std::uint64_t* allowed, int vocab) {
  if (!allowed) return 0;
  for (int word = 0; word * 64 < vocab; ++word) {
    if (allowed[word] == 0) continue;
    const int token = word * 64 + std::countr_zero(allowed[word]);
    return token < vocab ? token : -1;
  }
  return -1;
}

struct Best {
  float logit = -kInfinity;
  int token = -1;
};

// What the runs of a row say together. target: its logit; preferred: the best of those that are.
HeadAnswer combine(std::span<const LogitScan> runs, const HeadQuery& query, float target,
                   std::span<const Best> preferred, int vocab) {
  HeadAnswer answer;
  float largest = -kInfinity, best = -kInfinity;
  for (const LogitScan& run : runs) {
    largest = std::max(largest, run.largest);
    if (run.best > best) {
      best = run.best;
      answer.token = run.best_token;
    }
  }
  if (answer.token < 0) answer.token = lowest_allowed(query.allowed, vocab);
  if (largest == -kInfinity) {
    answer.target_log_probability = query.target >= 0 ? -kInfinity : 0;
    return answer;
  }
  double sum = 0, weighted_sum = 0;
  for (const LogitScan& run : runs) {
    if (run.largest == -kInfinity) continue;
    const double below = static_cast<double>(run.largest) - static_cast<double>(largest);
    const double share = std::exp(below);
    if (share == 0) continue;  // 0 times what may be infinite
    sum += share * run.sum;
    weighted_sum += share * (run.weighted_sum + below * run.sum);
  }
  const double log_sum = std::log(sum);
  const auto log_probability = [&](float logit) {
    return static_cast<float>(static_cast<double>(logit) - static_cast<double>(largest) - log_sum);
  };
  if (best > -kInfinity) answer.confidence = std::exp(log_probability(best));
  for (float most = -kInfinity; const Best& of_run : preferred) {
    if (of_run.logit <= most) continue;
    most = of_run.logit;
    answer.preferred = of_run.token;
    answer.preferred_confidence = std::exp(log_probability(most));
  }
  answer.entropy = static_cast<float>(std::max(0.0, log_sum - weighted_sum / sum));
  if (query.target >= 0)
    answer.target_log_probability =
        std::isnan(target) ? -kInfinity : log_probability(std::min(target, kLargest));
  return answer;
}

}  // namespace

void int8_head(Workers& workers, const Int8Loops& loops, const Int8Activations& x, const Int8Matrix& w,
               std::span<const HeadQuery> queries, std::span<HeadAnswer> answers) {
  const int m = static_cast<int>(queries.size()), vocab = w.outputs;
  const int run_count = (vocab + kRun - 1) / kRun;
  std::vector<LogitScan> scans(static_cast<std::size_t>(m) * run_count);  // [M, runs]
  std::vector<float> targets(static_cast<std::size_t>(m));
  const bool has_preferred =
      std::ranges::any_of(queries, [](const HeadQuery& query) { return query.preferred != nullptr; });
  std::vector<Best> preferred(has_preferred ? scans.size() : 0);  // [M, runs]

  workers.run(run_count, [&](int run, int thread) {
    const int first_token = run * kRun, tokens = std::min(kRun, vocab - first_token);
    float* logits = workers.scratch(thread, kRowsAtOnce * kRowStride);
    for (int first_row = 0; first_row < m; first_row += kRowsAtOnce) {
      const int rows = std::min(kRowsAtOnce, m - first_row);
      const Int8Linear linear = {w, nullptr, logits - first_token, kRowStride, false};
      loops.linear({x.values(first_row), x.stride(), x.scales() + first_row, x.offsets() + first_row, rows},
                   linear, first_token / kPanel, round_up(first_token + tokens, kPanel) / kPanel);
      for (int i = 0; i < rows; ++i) {
        const std::size_t row = static_cast<std::size_t>(first_row + i);
        float* row_logits = logits + static_cast<std::size_t>(i) * kRowStride;
        const HeadQuery& query = queries[row];
        if (query.target >= first_token && query.target < first_token + tokens) {
          targets[row] = row_logits[query.target - first_token];
        }
        if (query.logits) std::memcpy(query.logits + first_token, row_logits, tokens * sizeof(float));
        const std::size_t at = row * run_count + run;
        scans[at] = loops.scan(row_logits, tokens, query.allowed, first_token);
        if (!query.preferred) continue;
        const LogitScan again = loops.scan(row_logits, tokens, query.preferred, first_token);
        preferred[at] = {again.best, again.best_token};
      }
    }
  });

  for (std::size_t row = 0; row < queries.size(); ++row) {
    const std::size_t first = row * run_count;
    const std::span<const Best> best = queries[row].preferred
                                           ? std::span<const Best>(preferred).subspan(first, run_count)
                                           : std::span<const Best>();
    answers[row] =
        combine(std::span(scans).subspan(first, run_count), queries[row], targets[row], best, vocab);
  }
}

}  // namespace seedling::kernels
