#include "harness/verify/plan.h"

#include <chrono>

namespace assay::verify {

/// A reference that has failed after this long did so by a limit; another suite would take as long.
static constexpr std::chrono::seconds kPatience{60};

SuiteWork::SuiteWork(const datasets::Problem& problem, std::string name, std::int64_t suite_id,
                     std::string reference_key, std::optional<store::ReferenceRun> reference,
                     const sandbox::Limits& limits, std::shared_ptr<std::atomic<bool>> hopeless)
    : problem_(problem),
      name_(std::move(name)),
      suite_id_(suite_id),
      reference_key_(std::move(reference_key)),
      limits_(limits),
      hopeless_(std::move(hopeless)),
      reference_(std::move(reference)) {}

SuiteWork::Ready SuiteWork::ready(sandbox::Worker& worker, const std::function<void()>& begins) {
  const std::lock_guard lock(mutex_);
  Ready ready;
  if (!prepared_) {
    if (!reference_ && *hopeless_) {
      reference_.emplace();
      reference_->trouble = "the reference does not end by another suite of this problem";
    }
    if (!reference_) {
      begins();
      const auto began = std::chrono::steady_clock::now();
      reference_ = run_reference(worker, problem_, name_);
      if (!reference_->trouble.empty() && std::chrono::steady_clock::now() - began > kPatience) {
        *hopeless_ = true;
      }
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
