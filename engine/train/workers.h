// engine/train/workers.h
//
// Workers: a few persistent threads that each do one large piece of a step and meet only at its end.
//   Why not one product split over all cores: training makes thousands of small parallel regions a step, and on a busy
//   machine each of them waits for the slowest core. Meeting twice a step costs nothing and keeps a fair share.
//   Owner: the training loop. run() is called by one thread and returns when every worker is done.
//   Errors: an exception in a worker is rethrown by run().
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace seedling {

class Workers {
 public:
  // `prepare` runs once on each thread before any work.
  Workers(int count, const std::function<void()>& prepare) {
    for (int i = 0; i < count; ++i)
      threads_.emplace_back([this, i, prepare] {
        prepare();
        serve(i);
      });
  }
  ~Workers() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int count() const { return static_cast<int>(threads_.size()); }

  void run(const std::function<void(int)>& work) {
    std::unique_lock lock(mutex_);
    work_ = &work;
    busy_ = count();
    ++round_;
    wake_.notify_all();
    done_.wait(lock, [this] { return busy_ == 0; });
    if (problem_) std::rethrow_exception(std::exchange(problem_, nullptr));
  }

 private:
  void serve(int index) {
    for (long seen = 0;;) {
      const std::function<void(int)>* work = nullptr;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stop_ || round_ != seen; });
        if (stop_) return;
        seen = round_;
        work = work_;
      }
      std::exception_ptr problem;
      try {
        (*work)(index);
      } catch (...) {
        problem = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      if (problem) problem_ = problem;
      if (--busy_ == 0) done_.notify_one();
    }
  }

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  // guarded by mutex_
  const std::function<void(int)>* work_ = nullptr;
  std::exception_ptr problem_;
  int busy_ = 0;
  long round_ = 0;
  bool stop_ = false;
};

}  // namespace seedling
