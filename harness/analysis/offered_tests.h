// Tests to copy into a benchmark: written here from decoded values, as code that accepts what the
// problem's own comparison accepts and no more. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/rules/rule.h"
#include "harness/base/value/value.h"

namespace assay::analysis {

/// A test of a stored suite: the call, what the reference answered, and how the two are compared.
struct StoredTest {
  Value arguments;  ///< a tuple
  Value expected;
  datasets::Rule rule = datasets::Rule::equal;
  double atol = 0;  ///< the dataset's, or 0
};

/// The lines of one test in the body of `check(candidate)`. Nothing where it cannot be written
/// down whole (a value has no literal, or a long one) or what the rule accepts has no short form.
std::optional<std::string> offered_test(const StoredTest& test);

/// The tests that can be written down as a `check(candidate)` of HumanEval's form; empty where there
/// is none.
std::string check_function(const std::vector<StoredTest>& tests);

}  // namespace assay::analysis
