// Samples with what every suite says of them, a row each: `export samples`, and `run --json`.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "harness/analysis/selection.h"

namespace assay::cli {

/// A sample, its program with the verdicts, and what they come to.
struct JudgedSample {
  const store::StoredModel& model;
  const store::JudgedProgram& program;
  std::string sample_id;
  std::optional<bool> accepted, correct;  ///< nothing: not known by the verdicts there are

  /// Accepted and wrong; nothing where that is not known.
  std::optional<bool> false_positive() const;
};

/// In the order of models, problems and programs; samples that are the same program in a row.
/// Imported counts have none. Throws Error as the store does.
void for_each_judged(store::Database& database, const analysis::Selection& selection,
                     const store::Wanted& wanted,
                     const std::function<void(const JudgedSample&)>& take);

/// The failure that a verdict shows; null where it shows none.
nlohmann::json witness_json(const store::Verdict& verdict);

/// As a record: names, accepted, correct, false_positive, and by suite its verdict, with the witness
/// and the program where `wanted` has them.
nlohmann::json sample_json(const JudgedSample& sample, const store::Wanted& wanted);

/// As a line of CSV under samples_csv_header(), for the same suites.
std::string samples_csv_header(const std::vector<std::string>& suites);
std::string sample_csv(const JudgedSample& sample, const std::vector<std::string>& suites);

}  // namespace assay::cli
