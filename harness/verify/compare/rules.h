// What each rule of datasets/rules/rule.h accepts besides the expected answer, in either mode: one
// row a rule. Pure functions; thread-safe.
#pragma once

#include <string_view>

#include "datasets/rules/rule.h"
#include "harness/verify/compare/equal.h"

namespace assay::verify {

/// One answer to judge; all three are encodings of one value each.
struct Answer {
  std::string_view input;     ///< the argument tuple
  std::string_view expected;  ///< what the reference answered
  std::string_view actual;    ///< what the program answered
};

/// What EvalPlus's own steps find before they come to its tolerance.
enum class Finding {
  right,    ///< accepted, and nothing after it counts
  wrong,    ///< rejected (or EvalPlus raises), and nothing after it counts
  equal,    ///< accepted; the tolerance is switched on by a float all the same
  unequal,  ///< rejected, unless the tolerance accepts it
};

struct RuleFunctions {
  datasets::Rule rule;
  /// Asked where the answers are not equal.
  bool (*strict)(const Answer& answer, const Equality& how);
  Finding (*evalplus)(const Answer& answer, double atol);
};
const RuleFunctions& functions_of(datasets::Rule rule);

}  // namespace assay::verify
