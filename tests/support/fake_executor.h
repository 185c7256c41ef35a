// An executor that runs nothing: it plays what a script says for each program. So every ending of a
// program can be had in every order, without a jail and in no time.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/value/value.h"
#include "sandbox/sandbox.h"

namespace assay::tests {

/// One call's answer.
struct Answer {
  std::string value;           ///< encoded
  std::string exception_type;  ///< set: it raises
};
inline Answer answer(std::int64_t value) { return {encode(Value::of_int(value)), ""}; }
inline Answer raises(std::string type) { return {"", std::move(type)}; }

/// What one run() or check() of a program does: answers the inputs from Job::first on, as far as
/// there are answers, and ends.
struct Play {
  std::vector<Answer> answers;     ///< by index of the input
  sandbox::Outcome outcome;        ///< how it ends where the sink does not stop it
  std::string throws;              ///< set: the executor throws Error with this sentence
  bool until_interrupted = false;  ///< hangs until interrupt(), and is missing then
};

/// The outcome of a program that ends so.
inline sandbox::Outcome ended(sandbox::End end, std::string message = "") {
  sandbox::Outcome outcome;
  outcome.end = end;
  outcome.message = std::move(message);
  outcome.cpu_s = 0.001;
  return outcome;
}
inline Play plays(std::vector<Answer> answers, sandbox::End end = sandbox::End::completed,
                  std::string message = "") {
  return {std::move(answers), ended(end, std::move(message)), "", false};
}

/// What is played, shared by all executors of a test. Thread-safe.
class Script {
 public:
  /// The plays of a program, one for each time that it is run; the last one again and again.
  void put(const std::string& program, std::vector<Play> its_plays) {
    const std::lock_guard lock(mutex_);
    plays_[program] = std::deque<Play>(its_plays.begin(), its_plays.end());
  }
  /// How often a program was run.
  int runs(const std::string& program) {
    const std::lock_guard lock(mutex_);
    return runs_[program];
  }
  Play next(const std::string& program) {
    const std::lock_guard lock(mutex_);
    ++runs_[program];
    std::deque<Play>& left = plays_[program];
    if (left.empty()) throw std::logic_error("no play for the program: " + program);
    Play play = left.front();
    if (left.size() > 1) left.pop_front();
    return play;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::deque<Play>> plays_;
  std::map<std::string, int> runs_;
};

class FakeExecutor final : public sandbox::Executor {
 public:
  explicit FakeExecutor(Script& script) : script_(script) {}

  sandbox::Outcome run(const sandbox::Job& job, const sandbox::ReplySink& sink) override {
    const Play play = begin(job.program);
    if (play.until_interrupted) return hang();
    sandbox::Outcome outcome = play.outcome;
    for (std::size_t i = job.first; i < play.answers.size() && i < job.inputs->size(); ++i) {
      sandbox::Reply reply;
      reply.index = i;
      reply.value = play.answers[i].value;
      reply.exception_type = play.answers[i].exception_type;
      reply.raised = !reply.exception_type.empty();
      reply.cpu_s = 0.001;
      ++outcome.answered;
      if (sink(reply) == sandbox::Next::stop) {
        outcome.end = sandbox::End::stopped;
        return outcome;
      }
    }
    return outcome;
  }
  sandbox::Outcome check(const sandbox::CheckJob& job) override {
    const Play play = begin(job.program);
    return play.until_interrupted ? hang() : play.outcome;
  }
  /// Writes the first answer's bytes.
  sandbox::Outcome script(const sandbox::ScriptJob& job, std::string& output) override {
    const Play play = begin(job.program);
    if (play.until_interrupted) return hang();
    output = play.answers.empty() ? "" : play.answers.front().value;
    return play.outcome;
  }
  void interrupt() override {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    wake_.notify_all();
  }
  sandbox::Level level() const override { return sandbox::Level::full; }
  const sandbox::Interpreter& interpreter() const override { return interpreter_; }

 private:
  Play begin(const std::string& program) {
    Play play = script_.next(program);
    if (!play.throws.empty()) throw Error(play.throws);
    return play;
  }
  /// As a Worker does: what is under way is lost, and the next job begins afresh.
  sandbox::Outcome hang() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return interrupted_; });
    interrupted_ = false;
    return ended(sandbox::End::missing, "interrupted");
  }

  Script& script_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool interrupted_ = false;
  const sandbox::Interpreter interpreter_ = {"/usr/bin/fake", "3.11.2", "hash", {}};
};

}  // namespace assay::tests
