// Whether an answer is right: the comparison of one suite, run outside the judged process.
//
// strict (the default): Python's == (harness/verify/compare/equal.h), NaN equal to NaN, and every
//   float within atol + 1e-7 |expected| at any depth, atol being the dataset's or 1e-6; where the
//   dataset has an atol it holds for integers too. What a problem's rule accepts besides is
//   rules.h's.
// evalplus: what EvalPlus 0.3 decides, with its oddities: the tolerance is switched on by the first
//   float it expects and stays on for the later inputs of the suite, needs the same type and
//   reaches integers; NaN equals nothing. docs/comparison.md lists every difference.
//
// An answer is walked as bytes and never built as a tree (harness/base/value/encoded.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "datasets/rules/rule.h"

namespace assay::verify {

/// Part of what verdicts rest on: raised with whatever may judge an answer otherwise than before, so that
/// stored verdicts are made again. 1: plain data alone could be right. 2: the types of
/// docs/comparison.md can, and test texts are given them. 3: a Decimal of nothing is false.
inline constexpr int kComparisonVersion = 3;

enum class Mode { strict, evalplus };
const char* name_of(Mode mode);
std::optional<Mode> mode_named(std::string_view name);

/// The first type in an answer whose objects cannot be compared, because none of them crosses the
/// sandbox's border: by its name.
std::optional<std::string> incomparable(std::string_view answer);

struct Answer;
struct RuleFunctions;

/// One per (problem, suite, program): in mode evalplus it remembers the answers it has seen, which
/// must come in the order of their inputs (an input that raised or timed out is not shown; EvalPlus
/// does not look at its expected value either). One thread at a time.
class Comparer {
 public:
  Comparer(datasets::Rule rule, Mode mode, double atol);

  /// All three are encodings (harness/base/value/value.h): the argument tuple, what the reference
  /// answered, what the program answered. False for bytes that do not decode; never throws.
  bool accepts(std::string_view input, std::string_view expected, std::string_view actual);

 private:
  bool strict_accepts(const Answer& answer) const;
  bool evalplus_accepts(const Answer& answer);
  bool surely_equal(const Answer& answer) const;
  /// EvalPlus's memory: the first float that a suite expects switches its tolerance on for good.
  void note_floats(std::string_view expected);

  const RuleFunctions* rule_;
  Mode mode_;
  double atol_;  ///< the dataset's; in mode evalplus, what is in force by now
};

}  // namespace assay::verify
