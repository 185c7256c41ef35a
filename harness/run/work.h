// What a worker thread does: takes tasks, judges their cells one by one, and posts what it found.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "harness/run/exchange.h"
#include "harness/run/task.h"
#include "harness/verify/verifier.h"

namespace assay::run {

/// A cell is judged at most this often: again, alone, where the first try cannot be relied on.
inline constexpr int kTriesMax = 2;

/// Which cell a result is about.
struct CellKey {
  std::size_t problem = 0, suite = 0;  ///< index in the dataset, in the problem's work
  std::int64_t program_id = 0, suite_id = 0;
  verify::Scope scope = verify::Scope::full;
  bool borderline = false;  ///< as the task said
  int tries = 0;            ///< as the task said
};

struct ReferenceBegan {
  std::size_t problem = 0, suite = 0;
};
struct ReferenceEnded {
  std::size_t problem = 0, suite = 0;
};
/// What a reference answered, to be stored.
struct ReferenceLearnt {
  std::string key;
  store::ReferenceRun run;
};
/// What is doubted of one that was learnt before anybody looked.
struct Doubted {
  std::string key, doubt;
};
/// The suite cannot judge.
struct Unjudgeable {
  CellKey cell;
  std::string trouble;
};
struct Judged {
  CellKey cell;
  verify::Judgement judgement;
  bool again = false;  ///< not to be relied on: it is to be judged again, alone
};
/// Not judged, since a gold suite before it rejects the program.
struct Decided {
  CellKey cell;
};
/// There was no program to judge: the reference has run, now or before.
struct Ready {};
/// Not judged yet: it hangs on a cell that is judged again.
struct Deferred {
  CellKey cell;
};

/// What a worker sends back.
using Result = std::variant<ReferenceBegan, ReferenceEnded, ReferenceLearnt, Doubted, Unjudgeable,
                            Judged, Decided, Ready, Deferred>;
using Channel = Exchange<Task, Result>;

/// Whether a judgement came near a limit.
bool borderline(const verify::Judgement& judgement);
/// Whether it is not to be relied on before it was made once more, alone. `tampered` too: so grave a word
/// does not rest on one process.
bool wants_again(const verify::Judgement& judgement);

/// Until the channel is closed and empty, or dropped. Never touches the database. Throws Error
/// where what the database gave is damaged or the machine lacks what judging needs.
void work(sandbox::Executor& executor, Channel& channel);

}  // namespace assay::run
