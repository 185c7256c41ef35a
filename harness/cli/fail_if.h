// `rates --fail-if`: bounds on printed figures, for a command that shall fail where they are not kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/stats/rates.h"

namespace assay::cli {

/// "fdr>0.1": fails where the figure is beyond the limit.
struct FailIf {
  std::string text;    ///< as given
  std::string figure;  ///< a column of `rates --csv`; pass@10 is pass_at_10
  std::string relation;
  double limit = 0;
};

/// Throws Error (usage) where `text` is no condition, or the figure is none of those that `rates`
/// gives with these k of pass@k.
FailIf read_fail_if(const std::string& text, const std::vector<int>& pass_at);

/// A condition that a model meets, or whose figure is undefined for it: so it fails too, since
/// nothing shows that the bound is kept.
struct Failure {
  std::string condition, dataset, model;
  std::optional<double> value;
  std::string sentence() const;
};
std::vector<Failure> failures(const stats::RatesTable& table,
                              const std::vector<FailIf>& conditions);

}  // namespace assay::cli
