#include "harness/cli/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include "harness/base/error.h"
#include "harness/cli/local_server.h"

namespace assay::cli {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto kLookEvery = milliseconds(500);   ///< for something new in the database
constexpr auto kPageEvery = milliseconds(2000);  ///< at most
constexpr int kCostShare = 10;                   ///< ... and at most a tenth of the time is spent
constexpr auto kForgetAfter = milliseconds(30000);  ///< who has not asked since is gone
constexpr auto kLastWithin = milliseconds(5000);    ///< the last page waits for its readers

/// The number in "seen=3"; 0 where there is none.
int seen_in(const std::string& query) {
  constexpr std::string_view kName = "seen=";
  int seen = 0;
  if (query.starts_with(kName))
    std::from_chars(query.data() + kName.size(), query.data() + query.size(), seen);
  return seen;
}

}  // namespace

struct Watch::State {
  State(int port, WatchedPages given)
      : pages(std::move(given)), server(port, [this](const Request& request, bool expired) {
          return answer(request, expired);
        }) {}

  const WatchedPages pages;
  std::mutex mutex;
  std::condition_variable changed;
  std::shared_ptr<const std::string> page;
  int number = 0;       ///< of `page`; 0: none yet
  bool wanted = false;  ///< somebody waits for the page after it
  int away = 0;         ///< readers that were answered and will ask for what follows
  bool ending = false, last = false;
  Clock::time_point asked{};  ///< the last time

  LocalServer server;  ///< behind what its thread reads, so that it ends first
  std::jthread making;

  /// The page after `seen`, as soon as there is one. On the server's thread.
  std::optional<Response> answer(const Request& request, bool expired) {
    if (request.path != "/" && request.path != "/next")
      return Response{404, "text/plain; charset=utf-8",
                      std::make_shared<const std::string>("There is nothing here.\n")};
    const int seen = request.path == "/next" ? seen_in(request.query) : 0;
    const std::lock_guard lock(mutex);
    asked = Clock::now();
    if (number > seen) return answered(seen, {200, "text/html; charset=utf-8", page});
    if (last) return answered(seen, {410});
    if (expired) return answered(seen, {204});
    wanted = true;
    changed.notify_all();
    return std::nullopt;
  }

  /// Keeps count of who will come back. REQUIRES: `mutex` is held.
  Response answered(int seen, Response response) {
    if (seen > 0 && away > 0) --away;
    if (!last) ++away;
    changed.notify_all();
    return response;
  }

  /// One page; false where it could not be made.
  bool make(std::unique_lock<std::mutex>& lock, bool is_last) {
    const int next = number + 1;
    lock.unlock();
    std::string made;
    try {
      made = pages.make(next, is_last);
    } catch (const std::exception&) {
      // Made again later: the run must not fail for its reader.
    }
    lock.lock();
    if (made.empty()) return false;
    page = std::make_shared<const std::string>(std::move(made)), number = next;
    wanted = false;
    return true;
  }

  std::int64_t look() {
    try {
      return pages.version();
    } catch (const std::exception&) {
      return -1;  // a busy database, a folder out of reach: the next look tells
    }
  }

  void make_pages() {
    std::int64_t shown = -1;
    Clock::time_point not_before = Clock::now();
    std::unique_lock lock(mutex);
    while (!ending) {
      changed.wait(lock, [&] { return ending || wanted; });
      if (changed.wait_until(lock, not_before, [&] { return ending; })) break;
      const std::int64_t version = look();
      not_before = Clock::now() + kLookEvery;
      if (version == shown && number > 0) continue;
      const auto began = Clock::now();
      if (make(lock, false)) shown = version;
      server.wake();
      const auto cost = Clock::now() - began;
      not_before = Clock::now() + std::max<Clock::duration>(kPageEvery, cost * kCostShare);
    }
    const bool watched = Clock::now() - asked < kForgetAfter;
    if (watched) make(lock, true);
    last = true;
    server.wake();
    // Who is drawing the page before comes back for the last one; who closed his does not.
    if (watched) changed.wait_for(lock, kLastWithin, [&] { return away == 0; });
  }
};

Watch::Watch(int port, WatchedPages pages) {
  try {
    state_ = std::make_unique<State>(port, std::move(pages));
  } catch (const Error& error) {
    throw Error(fmt::format("--watch {}", error.what()));
  }
  state_->making = std::jthread([state = state_.get()] { state->make_pages(); });
}

Watch::~Watch() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->changed.notify_all();
  state_->making.join();
}

int Watch::port() const { return state_->server.port(); }

}  // namespace assay::cli
