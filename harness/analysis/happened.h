// What became of a model's samples before and besides the rates: how many by status, by which rules
// their programs were made, what they lack, and what most of them have in common. Reads only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/analysis/selection.h"
#include "harness/store/tally.h"

namespace assay::analysis {

struct Happened {
  std::string suite;  ///< the first proxy suite: what is about single programs is by it
  /// Samples by suite and by what it says (stats::ModelCounts::statuses).
  std::map<std::string, std::map<std::string, std::int64_t>> statuses;
  std::map<std::string, std::int64_t> rules;     ///< samples by rule (docs/intake.md)
  std::map<std::string, std::int64_t> packages;  ///< samples by the package that they lack
  std::int64_t refused = 0;                      ///< samples that wanted what the sandbox refuses
  std::int64_t refused_files = 0;                ///< of these, a file to write
  /// Samples by the reason for which they ended, where they tell it ("length": cut).
  std::map<std::string, std::int64_t> finishes;
  std::int64_t cut_rejected = 0;  ///< cut ones that `suite` rejects
  std::string hint;               ///< what most samples have in common; empty: nothing
};
/// Collects it of one model, whose own the counts are, tally by tally.
class HappenedOf {
 public:
  HappenedOf(const Suites& suites, const stats::ModelCounts& counts);
  void add(const store::Tally& tally);
  Happened all() const;

 private:
  Happened out_;
  std::map<store::Tally::Said, std::int64_t> said_;  ///< samples by what the suite says
};

/// `counts` are the model's own. Nothing for imported counts, which carry no programs.
Happened happened(store::Database& database, const store::StoredModel& model, const Suites& suites,
                  const stats::ModelCounts& counts);

/// Of every model that is selected, in that order.
std::vector<Happened> happened(store::Database& database, const Selected& selected);

/// A sentence each, for tables and the page; without the model's name.
std::vector<std::string> sentences(const Happened& happened);

}  // namespace assay::analysis
