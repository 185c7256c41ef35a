// Where work and results meet: a bounded queue of tasks towards the workers, a queue of results
// back. All members are thread-safe. Header-only: a template over the two kinds of item.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace assay::verify {

template <typename Task, typename Result>
class Exchange {
 public:
  explicit Exchange(std::size_t tasks_max) : tasks_max_(tasks_max) {}

  /// Takes `task` and leaves true, or false where the queue is full.
  bool try_give(Task& task) {
    const std::lock_guard lock(mutex_);
    if (tasks_.size() >= tasks_max_) return false;
    tasks_.push_back(std::move(task));
    for_workers_.notify_one();
    return true;
  }
  /// No more tasks; `drop` forgets those not begun.
  void close(bool drop) {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (drop) tasks_.clear();
    for_workers_.notify_all();
  }
  /// For workers: the next task, or nothing when closed and empty.
  std::optional<Task> take() {
    std::unique_lock lock(mutex_);
    for_workers_.wait(lock, [&] { return closed_ || !tasks_.empty(); });
    if (tasks_.empty()) return std::nullopt;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    for_planner_.notify_one();
    return task;
  }
  /// For workers.
  void put(Result result) {
    const std::lock_guard lock(mutex_);
    results_.push_back(std::move(result));
    for_planner_.notify_one();
  }
  /// For workers, last thing they do.
  void leave() {
    const std::lock_guard lock(mutex_);
    ++left_;
    for_planner_.notify_one();
  }
  std::size_t left() {
    const std::lock_guard lock(mutex_);
    return left_;
  }
  /// For the planner: what has come in, after waiting at most `wait` for something to change.
  std::vector<Result> collect(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    if (results_.empty() && wait.count() > 0) for_planner_.wait_for(lock, wait);
    return std::exchange(results_, {});
  }

 private:
  const std::size_t tasks_max_;
  std::mutex mutex_;
  std::condition_variable for_workers_, for_planner_;
  std::deque<Task> tasks_;
  std::vector<Result> results_;
  bool closed_ = false;
  std::size_t left_ = 0;
};

}  // namespace assay::verify
