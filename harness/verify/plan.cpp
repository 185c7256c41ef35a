#include "harness/verify/plan.h"

namespace assay::verify {

SuiteWork::SuiteWork(const datasets::Problem& problem, std::string name, std::int64_t suite_id,
                     std::string reference_key, std::optional<store::ReferenceRun> reference,
                     const sandbox::Limits& limits)
    : problem_(problem),
      name_(std::move(name)),
      suite_id_(suite_id),
      reference_key_(std::move(reference_key)),
      limits_(limits),
      reference_(std::move(reference)) {}

SuiteWork::Ready SuiteWork::ready(sandbox::Worker& worker) {
  const std::lock_guard lock(mutex_);
  Ready ready;
  if (!prepared_) {
    if (!reference_) {
      reference_ = run_reference(worker, problem_, name_);
      // Our own trouble is no property of the reference: it is not kept, and tried again next time.
      if (!reference_->lane.empty()) ready.to_store = reference_;
    }
    prepared_ = prepare(problem_, name_, suite_id_, std::move(*reference_), limits_);
    reference_.reset();
  }
  ready.suite = &*prepared_;
  return ready;
}

}  // namespace assay::verify
