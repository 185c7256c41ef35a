#include "harness/run/task.h"

#include <fmt/format.h>

#include "harness/base/error.h"

namespace assay::run {

SuiteWork::SuiteWork(Identity identity, std::unique_ptr<const verify::Verifier> verifier,
                     std::optional<store::ReferenceRun> learnt,
                     std::shared_ptr<std::atomic<bool>> hopeless)
    : identity_(std::move(identity)),
      verifier_(std::move(verifier)),
      hopeless_(std::move(hopeless)),
      learnt_(std::move(learnt)) {}

SuiteWork::Learnt SuiteWork::learn(sandbox::Executor& executor,
                                   const std::function<void()>& begins) {
  const std::lock_guard lock(mutex_);
  if (prepared_) return {prepared_->trouble, std::nullopt};
  Learnt found;
  if (!learnt_ && *hopeless_) {
    learnt_.emplace();
    learnt_->trouble = "the reference does not end by another suite of this problem";
    learnt_->doubt = "";
  }
  if (!learnt_) {
    begins();
    verify::TriedReference tried = verifier_->learn(executor);
    learnt_ = std::move(tried.run);
    if (tried.timed_out) *hopeless_ = true;
    // Our own trouble is no property of the reference: it is not kept, and tried again next time.
    if (tried.fault != verify::Fault::ours) found.to_store = learnt_;
  }
  if (!learnt_->doubt) look_for_doubt(executor, found);
  found.trouble = learnt_->trouble;
  return found;
}

void SuiteWork::look_for_doubt(sandbox::Executor& executor, Learnt& found) {
  try {
    found.doubt = learnt_->doubt = verifier_->doubt(executor, *learnt_);
  } catch (const Error&) {  // what is damaged is told by judge()
  }
}

const verify::Judge& SuiteWork::judge() {
  const std::lock_guard lock(mutex_);
  if (!prepared_) {
    ASSAY_INVARIANT(learnt_ && learnt_->trouble.empty());
    try {
      prepared_ = verifier_->prepare(std::move(*learnt_));
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", identity_.name, error.what()));
    }
    learnt_.reset();
  }
  return prepared_->judge;
}

}  // namespace assay::run
