// Fills a ReportModel from a database: counts, false positives with their witnesses and nearest
// correct programs, suite advice, facts. Reads only. Throws assay::Error as the store does.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/store/queries.h"
#include "reports/report_model.h"

namespace assay::reports {

/// What a test of a suite calls with and expects, as Python prints it. Empty optional: not known.
struct TestText {
  std::string arguments;  ///< of the tuple: "([1, 2], 3)"
  std::string expected;
};
using TestTexts = std::function<std::optional<TestText>(
    const std::string& dataset, const std::string& task_id, const std::string& suite,
    const std::string& suite_hash, std::size_t test)>;

/// Fills `fitted` of the rows; returns why it could not, in a sentence, or nothing.
using AddFit =
    std::function<std::string(const std::vector<ModelCounts>& counts, stats::LimitsResult& limits)>;

struct GatherOptions {
  stats::BootstrapOptions bootstrap;
  bool all = false;      ///< embed every false positive, however many, and long values whole
  std::string command;   ///< the line that made the report, for its facts
  AddFit add_fit;        ///< without it the curves end with the samples
  TestTexts test_texts;  ///< the advice's tests in words; without it only those that are witnesses
};

/// `counts` are those of `models`, entry by entry, as proxy and gold of each judge.
ReportModel gather(store::Database& database, const std::vector<store::StoredModel>& models,
                   std::vector<ModelCounts> counts, const GatherOptions& options);

}  // namespace assay::reports
