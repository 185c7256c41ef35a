// Which tests to add to a problem, with the code to copy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/analysis/stored_tests.h"
#include "harness/analysis/weak_tests.h"

namespace assay::analysis {

/// A test of a problem that would have caught its observed false positives.
struct AdvisedTest {
  std::int64_t test = 0;       ///< index in the suite
  std::int64_t catches = 0;    ///< false positives (samples) it catches that no test before it did
  std::string call, expected;  ///< as Python prints them, to be read; empty where not known
};

struct SuiteAdvice {
  std::string dataset, task_id, suite, entry_point;
  std::int64_t accepted = 0, false_positives = 0;  ///< samples over all models
  std::int64_t uncaught = 0;                       ///< false positives that no single test catches
  std::int64_t too_slow = 0;                       ///< false positives that only ran out of time
  std::vector<AdvisedTest> tests;                  ///< best first
  std::string code;  ///< those that can be written down whole, as offered_tests.h does
};

/// One an entry of `problems`, in their order. Throws assay::Error where the database is damaged.
std::vector<SuiteAdvice> advice(const std::vector<WeakProblem>& problems, StoredTests& tests);

}  // namespace assay::analysis
