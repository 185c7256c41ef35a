#include "harness/run/task.h"

#include "harness/verify/reference.h"

namespace assay::verify {

SuiteWork::SuiteWork(const datasets::Problem& problem, const datasets::Suite& suite,
                     std::int64_t suite_id, std::string reference_key,
                     std::optional<store::ReferenceRun> reference, const sandbox::Limits& limits,
                     std::shared_ptr<std::atomic<bool>> hopeless)
    : problem_(problem),
      suite_(suite),
      suite_id_(suite_id),
      reference_key_(std::move(reference_key)),
      limits_(limits),
      hopeless_(std::move(hopeless)),
      reference_(std::move(reference)) {}

SuiteWork::Ready SuiteWork::ready(sandbox::Executor& executor,
                                  const std::function<void()>& begins) {
  const std::lock_guard lock(mutex_);
  Ready ready;
  if (!prepared_) {
    if (!reference_ && *hopeless_) {
      reference_.emplace();
      reference_->trouble = "the reference does not end by another suite of this problem";
    }
    if (!reference_) {
      begins();
      TriedReference tried = run_reference(executor, problem_, suite_, reference_limits());
      reference_ = std::move(tried.run);
      if (tried.timed_out) *hopeless_ = true;
      // Our own trouble is no property of the reference: it is not kept, and tried again next time.
      if (tried.fault != Fault::ours) ready.to_store = reference_;
    }
    prepared_ = prepare(problem_, suite_, suite_id_, std::move(*reference_), limits_);
    reference_.reset();
  }
  ready.suite = &*prepared_;
  return ready;
}

}  // namespace assay::verify
