// Calls of which more is compared than what they return: what they raise, print, and leave in their
// arguments; methods, and sequences of operations on an instance (datasets::Calling). A few lines of
// Python at the program's end tell it as plain data (observe.py); all of it is the program's own
// word, as an answer is, and what is expected of it stays here. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "datasets/problem.h"
#include "harness/verify/compare/compare.h"
#include "sandbox/sandbox.h"

namespace assay::verify {

/// The program and the entry point that a suite of inputs calls: as they are where
/// datasets::is_plain(), else observed.
struct Callee {
  std::string program, entry_point;
  int lines_before = 0;  ///< of the program's first line: those of the problem's prelude
};
Callee callee_of(const datasets::Problem& problem, const datasets::DifferentialSuite& calls,
                 const std::string& program);
/// Lines in the outcome as the program alone counts them.
void count_lines(const Callee& callee, sandbox::Outcome& outcome);

/// What an observed call told. The views point into its answer.
struct Observed {
  bool raised = false;
  std::string_view value;          ///< encoded: what it returned, or the names of what it raised
  std::string message;             ///< of what it raised
  std::string_view printed, left;  ///< encoded; None where they are not compared

  /// The exception as "Type: message".
  std::string exception() const;
  /// Whether it raised an exception of that name, or one that descends from it.
  bool raises(std::string_view type) const;
};
/// Nothing for bytes that no observer tells: the program meddled with it.
std::optional<Observed> read_observed(std::string_view answer);
/// What a call tells that returns the encoded `value`, nothing else being compared.
std::string observed_answer(std::string_view value);

/// What is compared of it, in words: "3, printing 'a\n', leaving [[1, 2]]".
std::string text_of(const Observed& observed, const datasets::Calling& calling,
                    std::size_t length_max);

}  // namespace assay::verify
