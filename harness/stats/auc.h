// The area under the ROC of scores, clustered by problem: P(a right one scores higher than a wrong one),
// ties half.
//
// The pooled one is over all pairs, most of them of two problems, so it is no ratio of sums over
// problems. Its error is the jackknife's: each problem left out once, with its samples on both sides.
// From there on its interval is that of ratios (interval.h): Student's t on the logit scale, degrees of
// freedom by the kurtosis of the problems' pulls (those of DeLong, DeLong and Clarke-Pearson, Biometrics
// 44, 1988, summed by problem as Obuchowski does, Biometrics 53, 1997) and by Kish's number of the
// problems that have right ones, and wrong ones. Where no problem left out changes it, as where all are
// in order, the exact bound takes its place, with the fewer of these two numbers of problems. No
// interval where one problem has all right ones or all wrong ones. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/stats/interval.h"

namespace assay::stats {

struct Ranked {
  std::size_t problem = 0;
  double score = 0;
  double right = 0;  ///< the share of it that is right: 0 or 1, or a chance
};

struct Auc {
  Estimate pooled;
  Estimate within;  ///< of pairs of one problem; problems count by their pairs
};
Auc auc(std::vector<Ranked> samples, std::size_t problems, double level);

}  // namespace assay::stats
