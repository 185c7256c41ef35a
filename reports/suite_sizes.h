// Rates against the number of tests, from the stored results of every test. Reads only. Throws
// assay::Error as the store does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/stats/limits.h"
#include "harness/store/queries.h"

namespace assay::reports {

/// "base,plus", as ModelCounts names its suites, one by one.
std::vector<std::string> suite_names(const std::string& names);

/// Of one model: the rates for several sizes of its proxy suite, or why they cannot be known and
/// what to do, and what is to be said beside them.
struct SuiteSizes {
  std::optional<stats::SuiteSize> sizes;
  std::string missing, note;
};

/// Gathers the test results of one model's programs. `counts` are those of the model; the suites
/// are those that they name.
class SuiteTests {
 public:
  explicit SuiteTests(const stats::ModelCounts& counts);
  /// Of all programs of the model, as store::for_each_program gives them.
  void add(const store::Database& database, const store::JudgedProgram& program);
  SuiteSizes sizes(const store::StoredModel& model, const stats::BootstrapOptions& bootstrap) const;

 private:
  const stats::ModelCounts& counts_;
  std::vector<std::string> proxy_, gold_;
  std::vector<stats::ProblemTests> problems_;
  std::int64_t samples_ = 0, incomplete_ = 0;
  std::uint32_t tests_max_ = 0;
};

/// The whole of it for one model.
SuiteSizes suite_sizes(store::Database& database, const store::StoredModel& model,
                       const stats::ModelCounts& counts, const stats::BootstrapOptions& bootstrap);

/// Into the row of the same model.
void put_suite_sizes(SuiteSizes sizes, stats::LimitsRow& row);

}  // namespace assay::reports
