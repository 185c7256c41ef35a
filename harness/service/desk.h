// Where questions wait and are judged: a bounded queue, a worker thread for each jail, a lane in which what
// came near a limit is judged once more with nothing else running, and a bounded memory of answers, so
// that the same question is judged once.
//
//   submit -> queue -> worker -> answer, on the worker's thread (or at once, from memory)
//                        `-> alone: when nothing else waits, or what waits there has waited long enough;
//                            then all workers pause, and one empties that lane. Those that only slept
//                            go together, a CPU each: they take nothing from one another
//
// A worker whose jail fails answers what it had as missing and starts another; while none runs, what waits
// is answered as missing too. Errors: the constructor throws assay::Error where no jail can be had.
// Thread-safe. Callbacks are called without any lock held, one at a time for each question, and must not
// throw.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "harness/base/clock.h"
#include "harness/run/options.h"
#include "harness/service/answer.h"
#include "harness/service/question.h"

namespace assay::service {

struct DeskOptions {
  int jobs = 0;  ///< workers; 0: one per CPU
  sandbox::Config sandbox;
  run::Launch launch = run::launch_worker;
  std::size_t waiting_max = 4096;      ///< questions in the queue
  std::size_t remembered_max = 16384;  ///< answers
  std::size_t remembered_bytes_max = 64 << 20;
  std::chrono::milliseconds alone_after{500};  ///< what is to be judged alone waits at most so long
};

/// Seconds from the start of judging to its end fall below these bounds.
inline constexpr std::array kSecondsBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                              0.25,  0.5,    1.0,   2.5,  5.0,   10.0, 30.0};

/// What has happened so far; for /metrics.
struct Figures {
  std::array<std::uint64_t, store::kStatusNames.size()>
      by_status{};  ///< answers, those from memory too
  std::uint64_t cancelled = 0, remembered = 0, joined = 0, judged_again = 0;
  std::size_t waiting = 0, judging = 0, alone = 0, workers = 0, workers_up = 0;
  std::uint64_t restarts = 0;                                         ///< of jails
  std::array<std::uint64_t, kSecondsBounds.size() + 1> seconds_in{};  ///< by bound, not added up
  double seconds_sum = 0;
};

/// Where an answer came from.
enum class Source { judged, joined, remembered };

class Desk {
 public:
  using Take = std::function<void(const std::shared_ptr<const Answer>&, Source)>;
  using Ticket = std::uint64_t;

  explicit Desk(const DeskOptions& options);
  /// Cancels what waits and interrupts what is judged; every question is answered before this ends.
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  /// False where so many questions wait already: nothing is taken. `take` may be called before this
  /// returns. The ticket of it is for cancel().
  bool submit(Question question, Take take, Ticket* ticket = nullptr);
  /// How many submit() would take now.
  std::size_t room() const;
  /// A question that waits is answered as cancelled, unless another asks the same. One that is judged
  /// goes on, and its answer is remembered.
  void cancel(Ticket ticket);
  /// Every one that waits is cancelled; with `interrupt`, those being judged too.
  void cancel_all(bool interrupt);
  /// Cancels and interrupts everything, and ends the workers: no callback is called after this.
  void stop();
  /// Whether nothing waits and nothing is judged.
  bool idle() const;
  /// How many workers can judge now.
  std::size_t workers_up() const;
  Figures figures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay::service
