// Where work and results meet: a bounded queue of tasks towards the workers, a bounded queue of
// results back. A worker whose results are not collected waits, so that memory stays flat. All
// members are thread-safe. Header-only: a template over the two kinds of item.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace assay::run {

template <typename Task, typename Result>
class Exchange {
 public:
  /// As many results may wait as tasks.
  explicit Exchange(std::size_t tasks_max) : tasks_max_(tasks_max) {}

  /// Takes `task` and returns true, or false where the queue is full. Once dropped, it forgets it.
  bool try_give(Task& task) {
    const std::lock_guard lock(mutex_);
    if (dropped_) return true;
    if (tasks_.size() >= tasks_max_) return false;
    tasks_.push_back(std::move(task));
    for_workers_.notify_one();
    return true;
  }
  /// No more tasks come.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for_workers_.notify_all();
  }
  /// No more tasks come, and those not begun are forgotten.
  void drop() {
    const std::lock_guard lock(mutex_);
    closed_ = dropped_ = true;
    tasks_.clear();
    for_workers_.notify_all();
    for_results_.notify_all();
    for_planner_.notify_one();
  }
  bool dropped() {
    const std::lock_guard lock(mutex_);
    return dropped_;
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
  /// For workers. Waits while the planner has as many to collect, except once dropped.
  void put(Result result) {
    std::unique_lock lock(mutex_);
    for_results_.wait(lock, [&] { return dropped_ || results_.size() < tasks_max_; });
    results_.push_back(std::move(result));
    for_planner_.notify_one();
  }
  /// Held by a worker as long as it works, however it ends.
  class Presence {
   public:
    explicit Presence(Exchange& exchange) : exchange_(exchange) {}
    ~Presence() { exchange_.leave(); }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

   private:
    Exchange& exchange_;
  };
  /// How many workers have ended.
  std::size_t left() {
    const std::lock_guard lock(mutex_);
    return left_;
  }
  /// For the planner: what has come in, after waiting at most `wait` for something to change.
  std::vector<Result> collect(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    if (results_.empty() && wait.count() > 0) for_planner_.wait_for(lock, wait);
    for_results_.notify_all();
    return std::exchange(results_, {});
  }

 private:
  void leave() {
    const std::lock_guard lock(mutex_);
    ++left_;
    for_planner_.notify_one();
  }

  const std::size_t tasks_max_;
  std::mutex mutex_;
  std::condition_variable for_workers_, for_planner_, for_results_;
  std::deque<Task> tasks_;
  std::vector<Result> results_;
  bool closed_ = false, dropped_ = false;
  std::size_t left_ = 0;
};

}  // namespace assay::run
