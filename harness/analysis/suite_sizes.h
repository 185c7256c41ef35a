// Rates against the number of tests, from the stored results of every test. Reads only. Throws
// assay::Error as the store does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/selection.h"
#include "harness/stats/suite_size.h"

namespace assay::analysis {

/// Of one model: the rates for several sizes of its proxy suite, or why they cannot be known and
/// what to do, and what is to be said beside them.
struct SuiteSizes {
  std::optional<stats::SuiteSize> sizes;
  std::string missing, note;
};

/// The tests of a verdict's suite that the program failed, in order. What was not judged, as a limit
/// ended it before, counts as failed.
std::vector<std::uint32_t> failed_tests(const store::Database& database,
                                        const store::StoredVerdict& stored);

/// The usual numbers of tests below the largest suite, and that one.
std::vector<int> sizes_up_to(std::uint32_t largest);

/// Gathers the test results of one model's programs. `counts` are those of the model under
/// `suites`; both must outlive this.
class TestResults {
 public:
  TestResults(const stats::ModelCounts& counts, const Suites& suites)
      : counts_(counts), suites_(suites) {}
  /// Of all the model's programs, or groups of them (store/tally.h), problem by problem.
  void add(const store::Database& database, const store::JudgedProgram& program);
  SuiteSizes sizes(const store::StoredModel& model, const stats::BootstrapOptions& bootstrap) const;

 private:
  const stats::ModelCounts& counts_;
  const Suites& suites_;
  std::vector<stats::ProblemTests> problems_;
  std::int64_t samples_ = 0, incomplete_ = 0;
  std::uint32_t tests_max_ = 0;
};

/// Of each of the models that are selected, in that order.
std::vector<SuiteSizes> sizes_of(const std::vector<TestResults>& results, const Selected& selected,
                                 const stats::BootstrapOptions& bootstrap);

/// The whole of it, for each of the models.
std::vector<SuiteSizes> suite_sizes(store::Database& database, const Selected& selected,
                                    const stats::BootstrapOptions& bootstrap);

}  // namespace assay::analysis
