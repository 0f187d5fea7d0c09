#include "cli/bench/floor.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <numeric>
#include <thread>
#include <vector>

#include "kernels/cpu/aligned.h"
#include "kernels/cpu/peak.h"

namespace seedling::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSecondsOfLoop = 0.0002;
constexpr int kTurns = 4;
constexpr std::size_t kReadUnit = 512;

double seconds_of(const std::function<void()>& work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Sum over the threads of what each does in a second at its best. work(thread) is one turn and says how much
// it did; every thread takes turns until all have had enough.
double rate_of(int threads, const std::function<double(int thread)>& work) {
  std::atomic<int> starting{threads}, unfinished{threads};
  std::vector<double> rates(static_cast<std::size_t>(threads));
  const auto run = [&](int thread) {
    double& best = rates[static_cast<std::size_t>(thread)];
    starting.fetch_sub(1);
    while (starting.load() > 0) {
    }
    for (int turn = 1; turn <= kTurns || unfinished.load() > 0; ++turn) {
      double amount = 0;
      const double seconds = seconds_of([&] { amount = work(thread); });
      best = std::max(best, amount / seconds);
      if (turn == kTurns) unfinished.fetch_sub(1);
    }
  };
  {
    std::vector<std::jthread> others;
    for (int thread = 1; thread < threads; ++thread) others.emplace_back(run, thread);
    run(0);
  }
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

// A loop, and how many rounds of it are one measurement.
struct TimedLoop {
  kernels::PeakLoop loop;
  long rounds = 1;
};

TimedLoop timed(const kernels::PeakLoop& loop) {
  long rounds = 1000;
  for (double seconds = 0; seconds < kSecondsOfLoop; rounds *= 2) {
    seconds = seconds_of([&] { loop.run(rounds); });
  }
  return {loop, rounds / 2};
}

TimedLoop fastest(const std::vector<kernels::PeakLoop>& loops) {
  TimedLoop best;
  double best_rate = -1;
  for (const kernels::PeakLoop& loop : loops) {
    const TimedLoop candidate = timed(loop);
    const double rate = rate_of(1, [&](int) { return loop.run(candidate.rounds); });
    if (rate > best_rate) {
      best = candidate;
      best_rate = rate;
    }
  }
  return best;
}

}  // namespace

Work work_of_pass(const ModelConfig& config, int m, int context, int queried, bool causal) {
  const double c = config.hidden_size, d = config.head_dim, f = config.intermediate_size;
  const double q = config.num_attention_heads * d, kv = config.num_key_value_heads * d;
  const double layers = config.num_hidden_layers;
  const double projections = layers * (c * (q + 2 * kv) + q * c + 3 * c * f);
  const double head = static_cast<double>(config.vocab_size) * c;
  const double rows = m;
  const double seen = rows * context + (causal ? rows * (rows + 1) / 2 : rows * rows);
  Work work;
  work.linear = rows * projections + queried * head;
  work.attention = layers * 2 * q * seen;
  work.bytes = projections + (queried > 0 ? head : 0) + layers * 2 * kv * 2 * context;
  return work;
}

double floor_ms(const Work& work, const Rates& rates) {
  const double arithmetic = work.linear / rates.int8 + work.attention / rates.float_;
  return 1e3 * std::max(arithmetic, work.bytes / rates.bytes);
}

struct RateMeter::State {
  int threads;
  TimedLoop int8, float_;
  kernels::AlignedArray<std::byte> memory;  // grows to the largest working set
};

RateMeter::RateMeter(int threads)
    : state_(new State{
          threads, fastest(kernels::peak_int8_loops()), fastest(kernels::peak_float_loops()), {}}) {}

RateMeter::~RateMeter() = default;

Rates RateMeter::measure(double bytes) {
  State& state = *state_;
  const std::size_t count = static_cast<std::size_t>(state.threads);
  const std::size_t share = (static_cast<std::size_t>(bytes) / count + kReadUnit - 1) / kReadUnit * kReadUnit;
  if (state.memory.size() < share * count) state.memory = kernels::AlignedArray<std::byte>(share * count);
  const auto read = [&](int thread) {
    kernels::read_once(state.memory.data() + static_cast<std::size_t>(thread) * share, share);
    return static_cast<double>(share);
  };
  Rates rates;
  rates.int8 = rate_of(state.threads, [&](int) { return state.int8.loop.run(state.int8.rounds); });
  rates.float_ = rate_of(state.threads, [&](int) { return state.float_.loop.run(state.float_.rounds); });
  rates.bytes = rate_of(state.threads, read);
  return rates;
}

}  // namespace seedling::cli
