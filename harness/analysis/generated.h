// Suites of assertions that a model wrote (`assay tests`), from the database to numbers: which programs
// pass which of them, which of them the reference contradicts, and what they are worth as a verifier.
// Reads only. Throws assay::Error as the store does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/scored.h"
#include "harness/stats/agreement.h"
#include "harness/store/assertions.h"

namespace assay::analysis {

/// One problem's assertions and a model's programs by them.
struct GeneratedTests {
  std::string task_id;
  std::vector<store::StoredAssertion> tests;
  std::vector<std::optional<bool>> kept;   ///< by the reference; nothing: it did not end by it
  stats::ProblemTests samples;             ///< those that the suite has judged
  std::vector<std::int64_t> programs;      ///< of each of these samples
  std::vector<std::optional<bool>> right;  ///< whether it is, where gold has judged
};
/// By the assertions that the reference keeps alone, with `valid`. Problems without any sample judged
/// by the suite are left out.
std::vector<GeneratedTests> generated_tests(store::Database& database,
                                            const store::StoredModel& model,
                                            const std::string& suite,
                                            const std::vector<std::string>& gold, bool valid);

/// The verifiers that the assertions of a suite make, as scores of samples: "NAME.share" and "NAME.codet"
/// (stats/agreement.h), and "NAME.valid.share" and so on, of those that the reference keeps.
inline constexpr const char *kValid = ".valid", *kShare = ".share", *kCodet = ".codet";

/// All four of a suite.
std::vector<std::string> scores_of_tests(const std::string& suite);

stats::Agreement agreement_of(const GeneratedTests& problem);

/// What --select codet chooses by: `selection.proxy` names a suite of assertions, or NAME.valid. A row
/// for each model whose programs it has judged; all samples that gold has judged, those without an
/// assertion in a set of their own without a score.
ScoredModels consensus_models(store::Database& database, const Selection& selection);

/// The rates against the number of assertions, each sample being accepted that passes all of so many,
/// drawn at random; of the problems that have one, and samples that gold has judged.
stats::SuiteSize rates_by_number(const std::vector<GeneratedTests>& problems,
                                 const stats::BootstrapOptions& bootstrap);

}  // namespace assay::analysis
