#include "kernels/cpu/parallel.h"

#include <sched.h>

namespace seedling::kernels {
namespace {

// A step is some fifty short loops a few microseconds apart: waking a sleeping thread for each would cost
// more than the loops. About 20 microseconds of looking, then sleep.
constexpr int kLooksBeforeSleep = 400;

void pause_cpu() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace

int available_threads() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) > 0) return CPU_COUNT(&cpus);
  const unsigned count = std::thread::hardware_concurrency();
  return count > 0 ? static_cast<int>(count) : 1;
}

Workers::Workers(int threads) : scratch_(static_cast<std::size_t>(threads)) {
  threads_.reserve(static_cast<std::size_t>(threads - 1));
  for (int thread = 1; thread < threads; ++thread) {
    threads_.emplace_back([this, thread] { work(thread); });
  }
}

Workers::~Workers() {
  closing_.store(true);
  wake_count_.fetch_add(1);
  wake_count_.notify_all();
  threads_.clear();  // joins
}

bool Workers::take_part(int thread) {
  // The look first keeps idle threads from running the counter down.
  if (left_.load(std::memory_order_relaxed) <= 0) return false;
  const int before = left_.fetch_sub(1, std::memory_order_acquire);
  if (before <= 0) return false;
  invoke_(context_, before - 1, thread);
  if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
  return true;
}

void Workers::run_split(int parts, Invoke invoke, const void* context) {
  invoke_ = invoke;
  context_ = context;
  unfinished_.store(parts, std::memory_order_relaxed);
  left_.store(parts);  // publishes the three above
  if (sleepers_.load() > 0) {
    wake_count_.fetch_add(1);
    wake_count_.notify_all();
  }
  while (take_part(0)) {
  }
  for (int look = 0; look < kLooksBeforeSleep && unfinished_.load(std::memory_order_acquire) > 0; ++look)
    pause_cpu();
  for (int left = unfinished_.load(); left > 0; left = unfinished_.load()) unfinished_.wait(left);
}

void Workers::work(int thread) {
  int looks = 0;
  while (!closing_.load(std::memory_order_relaxed)) {
    if (take_part(thread)) {
      looks = 0;
    } else if (++looks < kLooksBeforeSleep) {
      pause_cpu();
    } else {
      // Either run_split() sees this sleeper, or the second look sees its parts: both orders are sequentially
      // consistent.
      const int wake_count = wake_count_.load();
      sleepers_.fetch_add(1);
      if (left_.load() <= 0 && !closing_.load()) wake_count_.wait(wake_count);
      sleepers_.fetch_sub(1);
      looks = 0;
    }
  }
}

}  // namespace seedling::kernels
