// Every part of a loop runs once, whoever is late.
#include "kernels/cpu/parallel.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

namespace seedling::kernels {
namespace {

void check_each_runs_once(Workers& workers, int parts) {
  std::vector<std::atomic<int>> runs(static_cast<std::size_t>(parts));
  workers.run(parts, [&](int part, int thread) {
    if (thread < 0 || thread >= workers.thread_count()) std::abort();
    runs[static_cast<std::size_t>(part)].fetch_add(1);
  });
  for (const auto& count : runs) REQUIRE(count.load() == 1);
}

TEST_CASE("workers: every part of a loop runs exactly once, whatever the numbers of parts and threads") {
  for (const int threads : {1, 2, 4, 7}) {
    Workers workers(threads);
    CHECK(workers.thread_count() == threads);
    for (int repeat = 0; repeat < 1000; ++repeat) check_each_runs_once(workers, repeat % 37);
    check_each_runs_once(workers, 10'000);
  }
}

TEST_CASE("workers: plain memory written by the parts is seen after the loop, and by the next one") {
  Workers workers(3);
  std::vector<long> values(57, 0);
  for (long round = 1; round <= 3000; ++round) {
    workers.run(static_cast<int>(values.size()),
                [&](int part, int) { values[static_cast<std::size_t>(part)] += part; });
    for (std::size_t part = 0; part < values.size(); ++part)
      REQUIRE(values[part] == round * static_cast<long>(part));
  }
}

TEST_CASE("workers: a thread that is held up does not keep the others' parts") {
  Workers workers(2);
  // The first part waits for all others: the other thread must take those of this thread's range as well.
  constexpr int kParts = 16;
  std::atomic<int> done{0};
  workers.run(kParts, [&](int, int) {
    if (done.fetch_add(1) == 0) {
      while (done.load() < kParts) std::this_thread::yield();
    }
  });
  CHECK(done.load() == kParts);
}

TEST_CASE("workers: each thread begins with the same parts in every loop") {
  Workers workers(2);
  // Both take one part only: each waits until the other has one.
  for (int repeat = 0; repeat < 200; ++repeat) {
    std::atomic<int> arrived{0};
    int thread_of[2] = {-1, -1};
    workers.run(2, [&](int part, int thread) {
      thread_of[part] = thread;
      arrived.fetch_add(1);
      while (arrived.load() < 2) std::this_thread::yield();
    });
    REQUIRE(thread_of[0] == 0);
    REQUIRE(thread_of[1] == 1);
  }
}

TEST_CASE("workers: loops may be called from one thread after the other") {
  Workers workers(3);
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::thread([&] { check_each_runs_once(workers, 25); }).join();
    check_each_runs_once(workers, 25);
  }
}

TEST_CASE("workers: a loop after a pause of any length finds its threads, asleep or not") {
  Workers workers(4);
  for (int repeat = 0; repeat < 60; ++repeat) {
    std::this_thread::sleep_for(std::chrono::microseconds(repeat * 5));
    check_each_runs_once(workers, 40);
  }
}

TEST_CASE("workers: scratch belongs to a thread and is kept") {
  Workers workers(2);
  float* first = workers.scratch(0, 100);
  first[99] = 1;
  CHECK(workers.scratch(0, 50) == first);
  CHECK(workers.scratch(1, 100) != first);
  CHECK(workers.scratch(0, 1000)[999] == 0);
}

TEST_CASE("workers: this process may use at least one thread") {
  CHECK(available_threads() >= 1);
}

}  // namespace
}  // namespace seedling::kernels
