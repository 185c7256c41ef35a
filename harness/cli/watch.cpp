#include "harness/cli/watch.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "harness/base/error.h"

namespace assay::cli {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto kLookEvery = milliseconds(500);   ///< for something new in the database
constexpr auto kPageEvery = milliseconds(2000);  ///< at most
constexpr int kCostShare = 10;                   ///< ... and at most a tenth of the time is spent
constexpr auto kAnswerWithin = milliseconds(20000);
constexpr auto kForgetAfter = milliseconds(30000);  ///< who has not asked since is gone
constexpr auto kLastWithin = milliseconds(5000);    ///< the last page waits for its readers
constexpr std::size_t kReaders = 32;                ///< each waits in a thread of its own

/// Not SO_REUSEPORT, the library's default: two runs on one port would share its readers.
void own_the_port(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

}  // namespace

struct Watch::State {
  explicit State(WatchedPages given) : pages(std::move(given)) {}

  WatchedPages pages;
  httplib::Server server;
  int port = 0;
  std::jthread serving, making;

  std::mutex mutex;
  std::condition_variable changed;
  std::string page;
  int number = 0;   ///< of `page`; 0: none yet
  int waiting = 0;  ///< readers
  int away = 0;     ///< readers that were answered and will ask for what follows
  bool ending = false, last = false;
  Clock::time_point asked{};  ///< the last time

  void answer(httplib::Response& response) {
    away += last ? 0 : 1;
    response.set_header("Cache-Control", "no-store");
    response.set_content(page, "text/html; charset=utf-8");
  }

  /// Waits until there is a page after `seen`, and answers with it.
  void wait_and_answer(int seen, httplib::Response& response) {
    std::unique_lock lock(mutex);
    ++waiting;
    if (seen > 0 && away > 0) --away;
    asked = Clock::now();
    changed.notify_all();
    changed.wait_for(lock, kAnswerWithin, [&] { return number > seen || last; });
    --waiting;
    if (number > seen) {
      answer(response);
    } else {
      response.status = last ? 410 : 204;
      away += last ? 0 : 1;
    }
    changed.notify_all();
  }

  /// One page; false where it could not be made.
  bool make(std::unique_lock<std::mutex>& lock, bool is_last) {
    const int next = number + 1;
    lock.unlock();
    std::string made;
    try {
      made = pages.make(next, is_last);
    } catch (const std::exception&) {
      // Seen next time: the run must not fail for its reader.
    }
    lock.lock();
    if (made.empty()) return false;
    page = std::move(made), number = next;
    changed.notify_all();
    return true;
  }

  std::int64_t look() {
    try {
      return pages.version();
    } catch (const Error&) {
      return -1;  // a busy database: the next look tells
    }
  }

  void make_pages() {
    std::int64_t shown = -1;
    Clock::time_point not_before = Clock::now();
    std::unique_lock lock(mutex);
    while (!ending) {
      changed.wait(lock, [&] { return ending || waiting > 0; });
      if (changed.wait_until(lock, not_before, [&] { return ending; })) break;
      const std::int64_t version = look();
      not_before = Clock::now() + kLookEvery;
      if (version == shown && number > 0) continue;
      const auto began = Clock::now();
      if (make(lock, false)) shown = version;
      const auto cost = Clock::now() - began;
      not_before = Clock::now() + std::max<Clock::duration>(kPageEvery, cost * kCostShare);
    }
    const bool watched = Clock::now() - asked < kForgetAfter;
    if (watched) make(lock, true);
    last = true;
    changed.notify_all();
    // Who is drawing the page before comes back for the last one; who closed his does not.
    if (watched) changed.wait_for(lock, kLastWithin, [&] { return waiting == 0 && away == 0; });
  }

  bool is_ours(const httplib::Request& request) const {
    const std::string host = request.get_header_value("Host");
    for (const char* name : {"127.0.0.1", "localhost"})
      if (host == fmt::format("{}:{}", name, port) || (port == 80 && host == name)) return true;
    return false;
  }

  void prepare() {
    server.set_socket_options(own_the_port);
    server.set_keep_alive_max_count(1);
    server.new_task_queue = [] { return new httplib::ThreadPool(kReaders); };
    server.set_default_headers({{"X-Content-Type-Options", "nosniff"},
                                {"X-Frame-Options", "DENY"},
                                {"Cross-Origin-Resource-Policy", "same-origin"},
                                {"Referrer-Policy", "no-referrer"}});
    server.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          if (is_ours(request)) return httplib::Server::HandlerResponse::Unhandled;
          response.status = 403;
          response.set_content("This is not the host you asked for.\n", "text/plain");
          return httplib::Server::HandlerResponse::Handled;
        });
    server.Get("/", [this](const httplib::Request&, httplib::Response& response) {
      {
        const std::lock_guard lock(mutex);
        if (number > 0) return answer(response);
      }
      wait_and_answer(0, response);
    });
    server.Get("/next", [this](const httplib::Request& request, httplib::Response& response) {
      wait_and_answer(std::atoi(request.get_param_value("seen").c_str()), response);
    });
  }
};

Watch::Watch(int port, WatchedPages pages) : state_(std::make_unique<State>(std::move(pages))) {
  State& state = *state_;
  state.prepare();
  if (port == 0) {
    state.port = state.server.bind_to_any_port("127.0.0.1");
  } else if (state.server.bind_to_port("127.0.0.1", port)) {
    state.port = port;
  }
  if (state.port <= 0)
    throw Error(
        fmt::format("--watch {}: the port is taken or not allowed; name another, or 0 for "
                    "any that is free",
                    port));
  state.serving = std::jthread([&state] { state.server.listen_after_bind(); });
  // Stopping a server that does not listen yet would be forgotten.
  for (int i = 0; i < 1000 && !state.server.is_running(); ++i)
    std::this_thread::sleep_for(milliseconds(1));
  state.making = std::jthread([&state] { state.make_pages(); });
}

Watch::~Watch() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->changed.notify_all();
  state_->making.join();
  state_->server.stop();
  state_->serving.join();
}

int Watch::port() const { return state_->port; }

}  // namespace assay::cli
