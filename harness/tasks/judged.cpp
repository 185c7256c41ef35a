#include "harness/tasks/judged.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "harness/base/error.h"
#include "harness/store/status.h"
#include "harness/verify/reference.h"
#include "harness/verify/verifier.h"

namespace assay::tasks {

using store::Status;

std::unique_ptr<sandbox::Executor> launch_worker() {
  return std::make_unique<sandbox::Worker>(sandbox::Config{});
}

/// A suite with what is known of programs. One thread at a time: two that ask for the same program
/// have it judged once.
struct Judged::Suite {
  Suite(const datasets::Problem& of, const datasets::Suite& its)
      : problem(of), suite(its), verifier(verify::verifier_of(of, its, {})) {}

  /// Runs the reference, once; false where a failure of ours kept it from running.
  bool prepared(sandbox::Executor& executor) {
    if (judge) return true;
    verify::TriedReference tried =
        verify::run_reference(executor, problem, suite, verify::reference_limits());
    if (tried.fault == verify::Fault::ours) return false;
    verify::Prepared ready = verifier->prepare(std::move(tried.run));
    if (!ready.trouble.empty())
      throw Error(fmt::format("{}, suite {}: {}", problem.task_id, suite.name, ready.trouble));
    judge = std::move(ready.judge);
    return true;
  }

  const datasets::Problem& problem;
  const datasets::Suite& suite;
  const std::unique_ptr<const verify::Verifier> verifier;
  std::mutex mutex;
  verify::Judge judge;
  std::unordered_map<std::string, bool> known;
};

/// An executor, lent.
class Judged::Lease {
 public:
  explicit Lease(Judged& from) : from_(from) {
    std::unique_lock lock(from_.mutex_);
    from_.returned_.wait(lock, [&] { return from_.out_ < from_.executors_max_; });
    if (!from_.idle_.empty()) {
      executor_ = std::move(from_.idle_.back());
      from_.idle_.pop_back();
    } else {
      executor_ = from_.launch_();
    }
    ++from_.out_;
  }
  ~Lease() {
    const std::lock_guard lock(from_.mutex_);
    from_.idle_.push_back(std::move(executor_));
    --from_.out_;
    from_.returned_.notify_one();
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  sandbox::Executor& operator*() { return *executor_; }

 private:
  Judged& from_;
  std::unique_ptr<sandbox::Executor> executor_;
};

Judged::Judged(std::vector<datasets::Problem> problems, std::size_t executors, Launch launch)
    : problems_(std::move(problems)),
      executors_max_(std::max<std::size_t>(1, executors)),
      launch_(std::move(launch)) {
  for (const datasets::Problem& problem : problems_) {
    suites_.emplace_back();
    for (const datasets::Suite& suite : problem.suites)
      suites_.back().push_back(std::make_unique<Suite>(problem, suite));
  }
}

Judged::~Judged() = default;

void Judged::lend(const std::function<void(sandbox::Executor&)>& work) {
  Lease executor(*this);
  work(*executor);
}

std::optional<bool> Judged::passes(std::size_t problem, const std::string& suite,
                                   const std::string& program) {
  const auto found =
      std::find_if(suites_[problem].begin(), suites_[problem].end(),
                   [&](const std::unique_ptr<Suite>& one) { return one->suite.name == suite; });
  ASSAY_INVARIANT(found != suites_[problem].end());
  Suite& judging = **found;
  const std::lock_guard lock(judging.mutex);
  if (const auto known = judging.known.find(program); known != judging.known.end())
    return known->second;
  Lease executor(*this);
  if (!judging.prepared(*executor) && !judging.prepared(*executor)) return std::nullopt;
  verify::Judgement judgement;
  for (int tries = 0; tries < 2; ++tries) {
    judgement = judging.judge(*executor, program, verify::Scope::first_failure);
    const Status status = judgement.verdict.status;
    if (!judgement.verdict.marginal && !judgement.wall_only && status != Status::missing &&
        status != Status::tampered)
      break;
  }
  Status status = judgement.verdict.status;
  // A program that was seen to fail does not fall out of the rates by getting itself killed.
  if (status == Status::missing && judgement.failed_before)
    status = judgement.failed_before->status;
  if (status == Status::missing) return std::nullopt;
  return judging.known[program] = status == Status::pass;
}

}  // namespace assay::tasks
