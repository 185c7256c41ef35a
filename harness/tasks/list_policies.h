// Policies for the list language that need no model: what they know is fitted on targets for
// training. A step is a line, its log-probability is exact, and after kCallsMax calls it is `end`.
// Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "harness/search/policy.h"
#include "harness/tasks/list_problems.h"

namespace assay::tasks::lists {

/// How often each call, or the end, stands behind each call, or the beginning, in `count` training
/// targets of this seed; as probabilities.
class Bigrams {
 public:
  Bigrams(std::size_t count, std::uint64_t seed);
  /// Of each call and, last, of the end. `before`: a call, or calls().size() for the beginning.
  const std::vector<double>& behind(std::size_t before) const { return rows_[before]; }

 private:
  std::vector<std::vector<double>> rows_;
};

using VisibleTests = std::function<const std::vector<Test>&(const search::Problem&)>;

/// Draws by the bigrams alone, whatever the problem.
std::unique_ptr<search::Policy> grammar_policy(std::shared_ptr<const Bigrams> bigrams);

/// Tilts the bigrams by what each call makes of the visible inputs: by exp(-kTilt x distance), where
/// the distance is that to the expected outputs, on average over the examples. That of `end` is 0
/// where the lists are the expected ones already, else 1. `visible` gives a problem's
/// examples, which live as long as the problem.
std::unique_ptr<search::Policy> guided_policy(std::shared_ptr<const Bigrams> bigrams,
                                              VisibleTests visible);

/// The least changes (of a number, one more, one less) that make one list of the other, relative to
/// the longer: from 0 to 1.
double distance(const List& a, const List& b);

}  // namespace assay::tasks::lists
