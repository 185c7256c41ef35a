// The straight line between accuracy and precision over models (the paper's Fig. 1a), and how much
// of it is mechanical.
//
// x = accuracy, y = ceiling_macro (precision of the accepted, mean over solved problems). Models
// are taken as given; what is resampled is the problems, the whole line being fitted anew each
// time. Both axes share samples and problems, so noise in one shows in the other. The split-half
// line takes x from one random half of the problems and y from the other, and is the mean over `splits`
// splits. Its interval is Student's t with the jackknife's error: problems are left out of the same
// splits, so that the noise of splitting is not in it (harness/stats/interval.h). Errors: those of
// check(counts).
// Pure; thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/stats/counts.h"

namespace assay::stats {

struct Line {
  double slope = 0, intercept = 0, r = 0, r2 = 0;
};

/// Empty with fewer than three points or where x or y does not vary.
std::optional<Line> least_squares(std::span<const double> x, std::span<const double> y);

struct LineEstimate {
  Estimate slope, intercept, r, r2;
};

struct Regression {
  std::string dataset;
  std::vector<std::string> models;  ///< those with an accepted sample
  LineEstimate line, split_half;
  std::vector<std::string> notes;
};

/// Of the models of one dataset.
Regression regression(const std::vector<const ModelCounts*>& models,
                      const BootstrapOptions& options = {}, int splits = 400);

}  // namespace assay::stats
