// kernels/cpu/parallel.h
//
// Workers: a few persistent threads that split one loop at a time.
//   The parts of a loop are taken one by one by whoever is free, the caller included, so a core that is busy
//   with something else delays only the part it holds (a static split waits for the slowest thread). One
//   thread at a time calls run(); the loop body must not call it. Idle threads sleep after a few
//   microseconds. A part may run on any thread, so its result must not depend on which.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "kernels/cpu/aligned.h"

namespace seedling::kernels {

// CPUs that this process may run on.
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

  // Memory of one thread, kept between loops; at least `count` floats, contents undefined.
  float* scratch(int thread, std::size_t count) {
    AlignedArray<float>& memory = scratch_[static_cast<std::size_t>(thread)];
    if (memory.size() < count) memory = AlignedArray<float>(count);
    return memory.data();
  }

 private:
  using Invoke = void (*)(const void* context, int part, int thread);

  void run_split(int parts, Invoke invoke, const void* context);
  void work(int thread);       // a thread's life
  bool take_part(int thread);  // false when no part is left

  // constant after construction
  std::vector<std::jthread> threads_;
  std::vector<AlignedArray<float>> scratch_;  // [thread]

  // Written by run_split() while no part is held; read by the holder of a part.
  Invoke invoke_ = nullptr;
  const void* context_ = nullptr;

  std::atomic<int> left_{0};  // parts not taken; taking one is a decrement that saw more than 0
  std::atomic<int> unfinished_{0};
  std::atomic<int> sleepers_{0};
  std::atomic<int> wake_count_{0};
  std::atomic<bool> closing_{false};
};

}  // namespace seedling::kernels
