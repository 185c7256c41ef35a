// What a stopping rule earns on one problem: the chance that it submits a correct program, that it
// submits a wrong one, and how many samples it draws.
//
//   first     draw until a sample is accepted, at most K; submit that one, or nothing
//   best-of   always draw K; submit the one with the highest score (the share of the proxy's tests
//             it passes), the first among equals: it always submits something
//   majority  always draw K; of the accepted ones submit the one whose behaviour most of them share,
//             the first drawn among equals; nothing where none was accepted
//   rational  draw until a sample is accepted, or until no number of further draws is worth its
//             price under a belief about the problem (stopping.h); each problem has its own end
//
// Samples come from an urn, without replacement (all orders of the real samples), or from one
// posterior draw of a problem, with replacement and without end. Closed forms wherever there is one;
// majority has none and is played, order by order. K ascends in `k` and may start at 0.
// Errors: assay::Error for a K beyond the urn. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/random.h"
#include "harness/stats/counts.h"

namespace assay::simulator {

enum class Rule { first, best_of, majority, rational };
const char* name_of(Rule rule);
/// Empty for a name that is none's.
std::optional<Rule> rule_named(std::string_view name);

/// One judged sample: what a rule may look at, and the truth.
struct Trial {
  bool accepted = false, correct = false;
  double score = 0;            ///< share of the proxy's tests passed
  std::int64_t behaviour = 0;  ///< accepted samples that behave alike have the same number
};

struct Urn {
  std::string task_id;
  std::vector<Trial> samples;
  stats::Counts counts() const;
};

/// An urn of samples of which only the verdicts are known: the score is the verdict, right programs
/// behave alike, and wrong ones in `wrong_ways` ways, as evenly as can be.
Urn urn_of(const std::string& task_id, const stats::Counts& counts, int wrong_ways);

/// Parallel to K.
struct RuleCurve {
  std::vector<double> tp, fp, draws;
};

RuleCurve first_curve(const Urn& urn, std::span<const int> k);
RuleCurve best_of_curve(const Urn& urn, std::span<const int> k);
/// From `orders` random orders of the samples; exact where every accepted sample is right, or every
/// one wrong.
RuleCurve majority_curve(const Urn& urn, std::span<const int> k, int orders, RandomStream& random);

/// One posterior draw of a problem.
struct Rates {
  double log_reject = 0;        ///< log(1-p); 0 where p = 0
  double precision = 0;         ///< theta
  double rejected_correct = 0;  ///< P(correct | rejected)
};
RuleCurve first_curve(const Rates& rates, std::span<const int> k);
/// Known of a sample is its verdict: an accepted one where there is one, else any.
RuleCurve best_of_curve(const Rates& rates, std::span<const int> k);
/// A wrong sample behaves in one of `wrong_ways` ways, each as likely.
RuleCurve majority_curve(const Rates& rates, std::span<const int> k, int orders, int wrong_ways,
                         RandomStream& random);

}  // namespace assay::simulator
