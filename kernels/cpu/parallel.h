// kernels/cpu/parallel.h
//
// Workers: a few persistent threads that split one loop at a time.
//   Each thread begins with its own contiguous range of the parts, the same one every time a loop of that
//   length runs, so that the weights of those parts stay in its own cache. A thread that is through takes
//   parts from the end of another's range. A loop is over when its parts are: a thread that the system has
//   given to another process delays at most the part it holds, and nothing if it holds none.
//   One thread at a time calls run(), so sessions that take turns can share one Workers; a loop body must not
//   call it. Threads without work look for it for some microseconds, then sleep. A part may run on any
//   thread, so its result must not depend on which.
//   Ranges that others steal from: R. Blumofe, C. Leiserson, "Scheduling multithreaded computations by work
//   stealing" (1999); here every range is one word, so that taking from either end is one exchange.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "kernels/cpu/aligned.h"

namespace seedling::kernels {

// CPUs that this process may use: its affinity mask and the quota of its control groups. At least 1.
int available_threads();

class Workers {
 public:
  explicit Workers(int threads);  // the caller counts as one; REQUIRES: threads >= 1
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int thread_count() const { return static_cast<int>(threads_.size()) + 1; }

  // body(part, thread) for every part in [0, parts); thread in [0, thread_count()). Returns when all are
  // done.
  template <class Body>
  void run(int parts, const Body& body) {
    if (parts <= 1 || threads_.empty()) {
      for (int part = 0; part < parts; ++part) body(part, 0);
      return;
    }
    run_split(
        parts,
        [](const void* context, int part, int thread) { (*static_cast<const Body*>(context))(part, thread); },
        &body);
  }

  // Memory of one thread, kept between loops; at least `count` floats, contents undefined. Grows by halves at
  // least, so a need that grows slowly does not allocate every time.
  float* scratch(int thread, std::size_t count) {
    AlignedArray<float>& memory = scratch_[static_cast<std::size_t>(thread)];
    if (memory.size() < count) memory = AlignedArray<float>(count + memory.size() / 2);
    return memory.data();
  }

 private:
  using Invoke = void (*)(const void* context, int part, int thread);

  static constexpr std::size_t kCacheLine = 64;

  // The parts of one thread that nobody has taken: [begin, end), begin in the upper half of the word. The
  // owner takes the first, others the last. A line of its own: owners do not disturb each other.
  struct alignas(kCacheLine) Range {
    std::atomic<std::uint64_t> bounds{0};

    void assign(int begin, int end);
    int take_first();  // -1: none left
    int take_last();
  };

  void run_split(int parts, Invoke invoke, const void* context);
  int take_parts(int thread);                   // runs parts until none is left anywhere; how many
  void work(int thread);                        // a thread's life
  std::uint32_t next_loop(std::uint32_t last);  // waits for a loop other than `last`
  void keep_off(int cpu);                       // moves the other threads away from it
  void wait_for_helpers(int parts);             // until they have done that many

  // constant after construction
  std::vector<std::jthread> threads_;
  std::vector<AlignedArray<float>> scratch_;  // [thread]
  std::unique_ptr<Range[]> ranges_;           // [thread]

  int caller_cpu_ = -1;  // where run() was called last; the caller's

  // The loop. Written by run_split() while no part is held; read by the holder of a part.
  alignas(kCacheLine) Invoke invoke_ = nullptr;
  const void* context_ = nullptr;
  std::atomic<std::uint32_t> loop_{0};  // counts loops; a change is the sign to begin
  std::atomic<bool> closing_{false};

  alignas(kCacheLine) std::atomic<int> helped_{
      0};  // parts of this loop done by threads other than the caller
  alignas(kCacheLine) std::atomic<int> sleepers_{0};
};

}  // namespace seedling::kernels
