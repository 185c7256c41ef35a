#include "harness/run/work.h"

#include <optional>
#include <utility>

namespace assay::verify {

static std::string status_of_base(const Task& task) {
  for (const Task::Cell& cell : task.cells) {
    if (task.work->suites[cell.suite]->name() == "base") return cell.status;
  }
  return "";
}

/// Judges one cell and posts it; the status goes into the cell for those that come after.
static void judge_cell(sandbox::Executor& executor, Task& task, Task::Cell& cell, Mode comparison,
                       Channel& channel) {
  SuiteWork& suite_work = *task.work->suites[cell.suite];
  Result result;
  result.problem = task.work->problem;
  result.suite = cell.suite;
  result.program_id = task.program_id;
  result.suite_id = suite_work.suite_id();
  result.borderline = cell.borderline;
  const auto tell = [&](bool begins) {
    Result told = result;
    told.begins = begins, told.ends = !begins;
    channel.put(std::move(told));
  };
  bool ran = false;
  SuiteWork::Ready ready = suite_work.ready(executor, [&] { tell(ran = true); });
  if (ran) tell(false);
  if (ready.to_store) {
    Result reference;
    reference.problem = task.work->problem;
    reference.suite = cell.suite;
    reference.reference_key = suite_work.reference_key();
    reference.reference = std::move(*ready.to_store);
    channel.put(std::move(reference));
  }
  if (!ready.suite->trouble.empty()) {
    result.trouble = ready.suite->trouble;
    channel.put(std::move(result));
    return;
  }
  result.scope = cell.scope.value_or(scope_after_base(status_of_base(task)));
  result.judgement = judge(executor, task.program, *ready.suite, result.scope, comparison);
  cell.status = result.judgement.verdict.status;
  channel.put(std::move(result));
}

void work(sandbox::Executor& executor, Mode comparison, Channel& channel,
          const std::atomic<bool>& stop) {
  while (std::optional<Task> task = channel.take()) {
    for (Task::Cell& cell : task->cells) {
      if (cell.pending && !stop) judge_cell(executor, *task, cell, comparison, channel);
    }
  }
  channel.leave();
}

}  // namespace assay::verify
