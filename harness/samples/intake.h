// From what a model wrote to the program that is judged. What `prompt + completion` does in Python is
// the standard; each departure from it is a named rule (docs/intake.md), kept with the sample.
//
// intake.py reads the texts in a jail, many in one process: they are parsed there, never executed.
// A text that brings its process down is read once more, first in a new one, and taken as it is if
// that fails too: it costs its own time, and no other text's.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/problem.h"
#include "harness/base/error.h"
#include "sandbox/sandbox.h"

namespace assay::samples {

/// How texts are read: as they came (--as-is), with what Python would not accept repaired, or as
/// chat text that holds a program somewhere (--extract).
enum class Reading { as_is, repaired, chat };
const char* name_of(Reading reading);

/// Named in a run's options: another set of rules may make another program of the same text.
inline constexpr const char* kIntakeRules = "intake/2";

struct Answer {
  const datasets::Problem* problem = nullptr;
  bool is_completion = false;  ///< continues the prompt; else stands for itself
  std::string_view text;
};

struct Found {
  std::string program;  ///< whole program; empty where the text holds none
  std::string rules;    ///< names of those that made it, a blank between two; empty: as it came
  std::string chosen;   ///< chat: which part of the text it was, in words
};

/// The user wants it to end.
class Interrupted : public Error {
 public:
  Interrupted() : Error("interrupted while the samples were read; nothing of them is stored") {}
};

class Intake {
 public:
  /// `executors` must outlive it; for Reading::as_is there need be none. Once `stop` is set, read()
  /// throws Interrupted.
  Intake(Reading reading, std::vector<sandbox::Executor*> executors, const std::atomic<bool>& stop);
  Reading reading() const { return reading_; }
  /// By index. Uses a thread for each executor while it runs.
  std::vector<Found> read(const std::vector<Answer>& answers);

 private:
  const Reading reading_;
  const std::vector<sandbox::Executor*> executors_;
  const std::atomic<bool>& stop_;
};

}  // namespace assay::samples
