// From answers to numbers: a row for each strategy and n, and how many more generations one strategy
// needs than another. Intervals by paired bootstrap over problems. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "harness/explore/experiment.h"
#include "harness/stats/bootstrap.h"

namespace assay::explore {

struct Row {
  std::size_t strategy = 0;
  int n = 0;
  std::int64_t problems = 0, repeats = 0;
  stats::Estimate accuracy;  ///< mean over problems of the share of right answers; none is wrong
  /// The next three are none where the verifier was asked about nothing.
  stats::Estimate accepted;   ///< mean over problems of the share that the verifier accepts
  stats::Estimate fdr;        ///< wrong, of the accepted (pooled)
  stats::Estimate fp_mass;    ///< accepted and wrong, of all
  stats::Estimate abstained;  ///< no answer, of all
  /// Means per problem and replicate.
  double generations = 0, tokens = 0, tokens_scored = 0, calls = 0;
  /// Mean over the problems of the log of the mean estimate of Z; a problem whose every estimate is 0
  /// has none, and is left out.
  std::optional<double> log_z;
  std::optional<double> zero_z;        ///< share of the estimates that are 0, where there are any
  std::vector<double> effective_size;  ///< mean by step, of the searches that came to it
  std::vector<double> ancestors;       ///< the same
};

std::vector<Row> rows(const Task& task, const Plan& plan, const std::vector<Answer>& answers,
                      const stats::BootstrapOptions& options);

/// How many times the generations of `reference` at `at_n` another strategy needs for the same
/// accuracy, log2-interpolated between the n tried; its accuracy counts as what it reached at that n
/// or below. Censored: it never got there, and the ratio is a lower bound. None where the reference
/// is never right: that is reached by nothing. arXiv 2502.01618, figure 1.
struct Scaling {
  std::size_t strategy = 0, reference = 0;
  int at_n = 0;
  std::optional<double> ratio;
  std::optional<stats::Interval> interval;
  bool censored = false;
  bool censored_above = false;  ///< the interval's upper end is a lower bound too
};
/// The strategy that others are held against: the first particle filter; strategies.size() where there
/// is none.
std::size_t reference_of(const Plan& plan);
/// The n at which strategies are compared: 8, or the middle of those tried.
int compared_at(const std::vector<int>& n);

std::vector<Scaling> scaling(const Task& task, const Plan& plan, const std::vector<Answer>& answers,
                             std::size_t reference, int at_n,
                             const stats::BootstrapOptions& options);

}  // namespace assay::explore
