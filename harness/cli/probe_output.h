// How `assay probe` says what it found: text, JSON, and the benchmark with its new tests.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/base/error.h"
#include "harness/probe/totals.h"

namespace assay::cli {

/// What was probed of one dataset.
struct Probed {
  std::string dataset;
  std::vector<probe::Result> results;  ///< in the benchmark's order
  probe::Totals totals;
  std::int64_t not_reached = 0;               ///< problems
  std::map<std::int64_t, std::string> texts;  ///< of programs that were found, by id
};

/// A result as it is kept in FILE.partial, and back. Throws not_kept_by_probe() for one that is none, or
/// whose parts do not hold together.
nlohmann::json result_json(const probe::Result& result);
probe::Result result_of(const nlohmann::json& json);
Error not_kept_by_probe();

nlohmann::json probed_json(const Probed& probed);
std::string probed_text(const Probed& probed, std::size_t top);

/// The benchmark in assay's own form, with the suites of inputs that it has and a suite `probe`: one
/// input for each cluster that is not disputed, of the problems that have such. Empty where none has.
std::string benchmark_with_probe(const datasets::Dataset& dataset,
                                 const std::map<std::string, std::string>& contracts,
                                 const std::vector<probe::Result>& results);

}  // namespace assay::cli
