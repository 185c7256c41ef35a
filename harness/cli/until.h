// When drawing for a problem ends: `assay generate --until`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/stats/optimum.h"
#include "harness/store/database.h"

namespace assay::cli {

struct Until {
  enum class Rule {
    width,  ///< the interval of the problem's share of right samples is at most so wide
    worth   ///< a sample is accepted, or no further ones are worth their price
  };
  Rule rule = Rule::width;
  double width = 0;
  stats::Costs costs;
};

/// "width=W", "worth" or "worth=LAMBDA,KAPPA". Throws Error (usage) for anything else.
Until until_named(const std::string& text);

/// By place in the dataset, whether the problem has enough samples, as far as the database knows the model's.
/// `answers_max`: how many there will be at most.
///
/// The interval is one that holds at every number of samples at once (stats/anytime.h), at 95%. What further
/// samples are worth is told by the rational rule (simulator/stopping.h) under a mixture that is fitted to all
/// of the model's samples so far: a problem whose n samples are all rejected has enough where no number of
/// further ones is worth its price. Throws Error where libtorch is wanted for that and not there.
std::vector<bool> enough(const Until& until, store::Database& database,
                         const datasets::Dataset& dataset, const std::string& model,
                         int answers_max);

}  // namespace assay::cli
