#include "harness/run/work.h"

#include <optional>
#include <utility>

namespace assay::run {

using store::Status;
using verify::Judgement;

bool borderline(const Judgement& judgement) {
  return judgement.verdict.marginal || judgement.wall_only;
}

bool wants_again(const Judgement& judgement) {
  const Status status = judgement.verdict.status;
  return borderline(judgement) || status == Status::missing || status == Status::tampered;
}

namespace {

/// What the gold suites before a cell leave of it.
enum class Standing { open, decided, deferred };

Standing standing(const Task& task, const Task::Cell& cell) {
  Standing found = Standing::open;
  if (!cell.decides) return found;
  for (const Task::Cell& before : task.cells) {
    if (&before == &cell) break;
    if (!before.decides || !before.status) continue;
    if (before.again && *before.status != Status::pass) found = Standing::deferred;
    if (!before.again && rejects(*before.status)) return Standing::decided;
  }
  return found;
}

/// One cell of a task on one worker.
class CellWork {
 public:
  CellWork(sandbox::Executor& executor, Task& task, Task::Cell& cell, Channel& channel)
      : executor_(executor),
        task_(task),
        cell_(cell),
        channel_(channel),
        suite_(*task.work->suites[cell.suite]),
        key_{task.work->problem, cell.suite,      task.program_id, suite_.identity().suite_id,
             cell.scope,         cell.borderline, cell.tries} {}

  void run() {
    const Standing stands = standing(task_, cell_);
    if (stands == Standing::deferred) {
      channel_.put(Deferred{key_});
      return;
    }
    // Also where it is decided: a suite that cannot judge keeps the problem out of the rates,
    // whatever other suites say.
    if (std::string trouble = learn(); !trouble.empty()) {
      channel_.put(Unjudgeable{key_, std::move(trouble)});
    } else if (cell_.only_reference) {
      channel_.put(Ready{});
    } else if (stands == Standing::decided) {
      channel_.put(Decided{key_});
    } else {
      judge();
    }
  }

 private:
  /// Why the suite cannot judge; empty where it can.
  std::string learn() {
    bool ran = false;
    SuiteWork::Learnt learnt = suite_.learn(executor_, [&] {
      ran = true;
      channel_.put(ReferenceBegan{key_.problem, key_.suite});
    });
    if (ran) channel_.put(ReferenceEnded{key_.problem, key_.suite});
    if (learnt.to_store)
      channel_.put(ReferenceLearnt{suite_.identity().reference_key, std::move(*learnt.to_store)});
    if (learnt.doubt)
      channel_.put(Doubted{suite_.identity().reference_key, std::move(*learnt.doubt)});
    return std::move(learnt.trouble);
  }

  /// Posts the judgement; the status goes into the cell for those that come after.
  void judge() {
    Judgement judgement = suite_.judge()(executor_, task_.program, cell_.scope);
    cell_.status = judgement.verdict.status;
    cell_.again = cell_.tries + 1 < kTriesMax && wants_again(judgement);
    if (!cell_.again && judgement.failed_before) cell_.status = judgement.failed_before->status;
    channel_.put(Judged{key_, std::move(judgement), cell_.again});
  }

  sandbox::Executor& executor_;
  Task& task_;
  Task::Cell& cell_;
  Channel& channel_;
  SuiteWork& suite_;
  const CellKey key_;
};

}  // namespace

void work(sandbox::Executor& executor, Channel& channel) {
  const Channel::Presence presence(channel);
  while (std::optional<Task> task = channel.take()) {
    for (Task::Cell& cell : task->cells) {
      if (cell.pending && !channel.dropped()) CellWork(executor, *task, cell, channel).run();
    }
  }
}

}  // namespace assay::run
