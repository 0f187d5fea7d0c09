// cli/eval/ordered_pool.h
//
// OrderedPool: a few threads that work on jobs while their maker makes more; results come out in the order
// in which the jobs came in.
//   add() and take() belong to one thread. At its end jobs that have not begun are dropped, those that have
//   are waited for. Errors: none; a job reports its own in its result.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace seedling::cli {

template <class T>
class OrderedPool {
 public:
  explicit OrderedPool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this](std::stop_token stop) { work(stop); });
  }
  OrderedPool(const OrderedPool&) = delete;
  OrderedPool& operator=(const OrderedPool&) = delete;
  ~OrderedPool() {
    for (std::jthread& thread : threads_) thread.request_stop();
    // Within the lock, so that no thread can miss it between its look and its wait.
    const std::lock_guard lock(mutex_);
    wake_.notify_all();
  }

  void add(std::function<T()> job) {
    std::packaged_task<T()> task(std::move(job));
    results_.push_back(task.get_future());
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(task));
    wake_.notify_one();
  }

  std::size_t waiting() const { return results_.size(); }

  // The oldest result that was not taken yet: nothing where it is not there within `wait`, or there is none.
  std::optional<T> take(std::chrono::milliseconds wait) {
    if (results_.empty() || results_.front().wait_for(wait) != std::future_status::ready) return std::nullopt;
    T result = results_.front().get();
    results_.pop_front();
    return result;
  }

 private:
  void work(std::stop_token stop) {
    while (true) {
      std::packaged_task<T()> task;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stop.stop_requested() || !jobs_.empty(); });
        if (stop.stop_requested()) return;
        task = std::move(jobs_.front());
        jobs_.pop_front();
      }
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::packaged_task<T()>> jobs_;
  std::deque<std::future<T>> results_;
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace seedling::cli
