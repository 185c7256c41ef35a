// Threads that work together and end together: cancellation and exceptions in one place.
//
// The first exception, of a member or of the leader, cancels the whole crew; when all members have
// ended it is thrown again to the caller. Thread safety: start, lead and join are the owner's alone;
// failed() is for any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace assay {

class Crew {
 public:
  /// `cancel` makes the members end soon. It is called once at most, from the thread that failed
  /// first or from the destructor, and must not throw.
  explicit Crew(std::function<void()> cancel) : cancel_(std::move(cancel)) {}
  /// Cancels and joins members that were not joined; what they threw is lost then.
  ~Crew() {
    if (!members_.empty()) cancel_once();
    members_.clear();
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Runs `body` on a thread of its own. Throws std::system_error where none can be had.
  template <typename Body>
  void start(Body body) {
    members_.emplace_back([this, body = std::move(body)] { guarded(body); });
  }
  /// Runs `body` here, as a member: what it throws comes out of join().
  template <typename Body>
  void lead(const Body& body) {
    guarded(body);
  }
  /// Whether a member or the leader has thrown.
  bool failed() const { return failed_; }
  /// Waits until all members have ended; throws again what was thrown first.
  void join() {
    members_.clear();
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  template <typename Body>
  void guarded(const Body& body) {
    try {
      body();
    } catch (...) {
      {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
      failed_ = true;
      cancel_once();
    }
  }
  void cancel_once() {
    if (!cancelled_.exchange(true)) cancel_();
  }

  const std::function<void()> cancel_;
  std::atomic<bool> failed_ = false, cancelled_ = false;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::vector<std::jthread> members_;
};

/// Does `work(begin, end)` for each stretch of `together` of the first `all` numbers, on `jobs` threads, of
/// which the caller's is one; begins none once `stop` is set. Throws what `work` threw first.
template <typename Work>
void for_each_stretch(std::size_t all, std::size_t together, int jobs,
                      const std::atomic<bool>& stop, const Work& work) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> ended = false;
  Crew crew([&] { ended = true; });
  const auto member = [&] {
    for (;;) {
      const std::size_t begin = next.fetch_add(together);
      if (begin >= all || stop || ended) return;
      work(begin, std::min(all, begin + together));
    }
  };
  for (int j = 1; j < jobs; ++j) crew.start(member);
  crew.lead(member);
  crew.join();
}

}  // namespace assay
