// What gold still misses: how many accepted programs are wrong though no test of gold catches them,
// estimated from how many tests catch each wrong one that is known.
//
// Tests are the captures, wrong programs what is captured. A program that fails each test of its
// problem with chance p is caught by none of T tests with chance (1-p)^T; who is caught by one or two
// says how many such there are. Two estimates, which bracket rather than compete:
//   lower   Chao's bound (Chao 1987; "Chao2"), for tests that differ in number between problems: with
//           A = sum Q1/T and B = sum 2 Q2/(T (T-1)), at least A^2/B are missed, whatever the p are
//           (Cauchy-Schwarz). Squares of single problems are taken out of A^2, and a typical
//           problem's part is added to B, as Chao's bias correction does, so that one program in
//           many copies counts as one observation.
//   upper   p is Beta(a, b), fitted by maximum likelihood to those caught at least once; then
//           E(1-p)^T / (1 - E(1-p)^T) are missed for each one caught. Never less than the lower one
//           and never more than all that gold holds right. No data bound what hardly any test shows:
//           it is the upper estimate of this family, not a bound.
// Beside them Good-Turing: one further test for each problem newly catches at most sum Q1/T; and how
// many more tests would newly catch, by both models (Colwell et al. 2012, equation 18; the Beta).
// All of it is about tests like those there are: drawn in the same way, judged by the same reference.
//
// Errors: assay::Error where counts make no sense. Pure; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/stats/bootstrap.h"

namespace assay::stats {

/// A wrong program that was accepted.
struct Caught {
  std::int64_t samples = 1;
  std::uint32_t tests = 0;  ///< of gold, beyond those that accepted it
  std::uint32_t by = 0;     ///< of these, that catch it; at least 1
};

struct ProblemCatches {
  std::int64_t accepted = 0;  ///< samples, right or wrong
  std::vector<Caught> wrong;  ///< each distinct program once
};

/// Shares are of the accepted samples.
struct Unseen {
  std::int64_t problems = 0;                   ///< with a wrong program that was caught
  std::int64_t accepted = 0;                   ///< samples
  std::int64_t wrong = 0;                      ///< samples
  std::int64_t programs = 0;                   ///< distinct wrong ones of a problem
  std::array<std::int64_t, 5> caught_by = {};  ///< wrong samples, by kCaughtBy
  Estimate fdr;                                ///< what is known to be wrong
  Estimate missed_lower, missed_upper;         ///< wrong and caught by no test
  Estimate fdr_lower, fdr_upper;               ///< known and missed together
  Estimate next_test;  ///< newly caught by one test more for each problem, at most
  Estimate more_lower,
      more_upper;       ///< newly caught by UnseenOptions::more times as many tests more
  bool bounded = true;  ///< the upper estimate is the fit's own, not just all that gold holds right
};
inline constexpr std::array<const char*, 5> kCaughtBy = {"1", "2", "3 to 5", "6 to 10",
                                                         "more than 10"};

struct UnseenOptions {
  double more = 1;            ///< how many tests more, over those there are
  int replicates_max = 1000;  ///< of the bootstrap: each is a fit
};

/// With fewer wrong programs' problems nothing but the counts and fdr is said.
inline constexpr std::int64_t kProblemsWithCatchesMin = 5;

/// One entry a problem. `stream` names the resamples, as in resample_problems().
Unseen unseen(const std::vector<ProblemCatches>& problems, const UnseenOptions& options,
              const BootstrapOptions& bootstrap, std::string_view stream);

}  // namespace assay::stats
