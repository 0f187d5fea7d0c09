#include "kernels/cpu/parallel.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>

#include "kernels/cpu/cpu_quota.h"

namespace seedling::kernels {
namespace {

using Clock = std::chrono::steady_clock;

// A step is some fifty short loops a few microseconds apart: waking a sleeping thread for each would cost
// more than the loops.
constexpr auto kLookBeforeSleep = std::chrono::microseconds(50);
constexpr int kLooksPerGlance = 64;  // between two glances at the clock

void pause_cpu() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#else
  std::this_thread::yield();
#endif
}

// Until is_ready() holds, for a short while at most; whether it does.
template <class Condition>
bool look_for(const Condition& is_ready) {
  for (int look = 0; look < kLooksPerGlance; ++look) {
    if (is_ready()) return true;
    pause_cpu();
  }
  const auto end = Clock::now() + kLookBeforeSleep;
  do {
    for (int look = 0; look < kLooksPerGlance; ++look) {
      if (is_ready()) return true;
      pause_cpu();
    }
  } while (Clock::now() < end);
  return is_ready();
}

}  // namespace

int available_threads() {
  int count = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) > 0) count = CPU_COUNT(&cpus);
  return std::min(count, cpu_quota());
}

void Workers::Range::assign(int begin, int end) {
  bounds.store(static_cast<std::uint64_t>(begin) << 32 | static_cast<std::uint32_t>(end),
               std::memory_order_release);
}

// Acquire: whoever takes a part sees the loop it belongs to. A range that was emptied and filled again in
// between is no danger: what is exchanged then is a part of the new loop.
int Workers::Range::take_first() {
  std::uint64_t seen = bounds.load(std::memory_order_relaxed);
  while (true) {
    const std::uint32_t begin = static_cast<std::uint32_t>(seen >> 32),
                        end = static_cast<std::uint32_t>(seen);
    if (begin >= end) return -1;
    const std::uint64_t rest = static_cast<std::uint64_t>(begin + 1) << 32 | end;
    if (bounds.compare_exchange_weak(seen, rest, std::memory_order_acquire, std::memory_order_relaxed))
      return static_cast<int>(begin);
  }
}

int Workers::Range::take_last() {
  std::uint64_t seen = bounds.load(std::memory_order_relaxed);
  while (true) {
    const std::uint32_t begin = static_cast<std::uint32_t>(seen >> 32),
                        end = static_cast<std::uint32_t>(seen);
    if (begin >= end) return -1;
    if (bounds.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire, std::memory_order_relaxed))
      return static_cast<int>(end) - 1;
  }
}

Workers::Workers(int threads)
    : scratch_(static_cast<std::size_t>(threads)),
      ranges_(std::make_unique<Range[]>(static_cast<std::size_t>(threads))) {
  threads_.reserve(static_cast<std::size_t>(threads - 1));
  for (int thread = 1; thread < threads; ++thread) {
    threads_.emplace_back([this, thread] { work(thread); });
  }
}

Workers::~Workers() {
  closing_.store(true);
  loop_.fetch_add(1);
  loop_.notify_all();
  threads_.clear();  // joins
}

int Workers::take_parts(int thread) {
  const int threads = static_cast<int>(scratch_.size());
  int done = 0;
  for (int part; (part = ranges_[thread].take_first()) >= 0; ++done) invoke_(context_, part, thread);
  for (int offset = 1; offset < threads; ++offset) {
    Range& other = ranges_[(thread + offset) % threads];
    for (int part; (part = other.take_last()) >= 0; ++done) invoke_(context_, part, thread);
  }
  return done;
}

void Workers::run_split(int parts, Invoke invoke, const void* context) {
  if (const int cpu = sched_getcpu(); cpu != caller_cpu_) keep_off(cpu);
  invoke_ = invoke;
  context_ = context;
  helped_.store(0, std::memory_order_relaxed);
  const std::int64_t threads = thread_count();
  for (std::int64_t thread = 0; thread < threads; ++thread) {
    ranges_[thread].assign(static_cast<int>(parts * thread / threads),
                           static_cast<int>(parts * (thread + 1) / threads));
  }
  // Either this sees a sleeper or the sleeper's last look sees this: both are sequentially consistent.
  loop_.store(loop_.load(std::memory_order_relaxed) + 1);
  if (sleepers_.load() > 0) loop_.notify_all();
  const int done = take_parts(0);
  wait_for_helpers(parts - done);
}

// Linux likes to wake a thread where its waker runs; a virtual machine's idle processor looks taken to it, so
// there it does so for milliseconds, and a woken thread waits for the caller instead of helping it.
void Workers::keep_off(int cpu) {
  caller_cpu_ = cpu;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (cpu < 0 || sched_getaffinity(0, sizeof cpus, &cpus) != 0) return;
  CPU_CLR(cpu, &cpus);
  if (CPU_COUNT(&cpus) == 0) return;
  for (std::jthread& thread : threads_) pthread_setaffinity_np(thread.native_handle(), sizeof cpus, &cpus);
}

void Workers::wait_for_helpers(int parts) {
  if (look_for([&] { return helped_.load(std::memory_order_acquire) == parts; })) return;
  for (int helped = helped_.load(); helped != parts; helped = helped_.load()) helped_.wait(helped);
}

std::uint32_t Workers::next_loop(std::uint32_t last) {
  if (!look_for([&] { return loop_.load(std::memory_order_acquire) != last; })) {
    sleepers_.fetch_add(1);
    loop_.wait(last);
    sleepers_.fetch_sub(1);
  }
  return loop_.load(std::memory_order_acquire);
}

void Workers::work(int thread) {
  for (std::uint32_t loop = 0;;) {
    loop = next_loop(loop);
    if (closing_.load(std::memory_order_relaxed)) return;
    // All at once: the caller waits for the sum only.
    const int done = take_parts(thread);
    if (done > 0) {
      helped_.fetch_add(done);
      helped_.notify_one();
    }
  }
}

}  // namespace seedling::kernels
