// What a worker thread does: takes tasks, judges their cells one by one, and posts what it found.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "harness/run/exchange.h"
#include "harness/run/task.h"
#include "harness/verify/judge.h"

namespace assay::verify {

/// What a worker sends back: a verdict of a cell, or what a reference answered.
struct Result {
  std::size_t problem = 0, suite = 0;
  std::int64_t program_id = 0, suite_id = 0;
  Scope scope = Scope::full;
  bool borderline = false;  ///< of the cell
  Judgement judgement;
  bool begins = false, ends = false;  ///< a reference's run, and nothing else of this is set
  std::string reference_key;          ///< set: this is a reference's answers
  store::ReferenceRun reference;
  std::string trouble;  ///< set: the suite cannot be judged
};

using Channel = Exchange<Task, Result>;

/// Until the channel is closed and empty, or `stop` is set. Never touches the database.
void work(sandbox::Executor& executor, Mode comparison, Channel& channel,
          const std::atomic<bool>& stop);

}  // namespace assay::verify
