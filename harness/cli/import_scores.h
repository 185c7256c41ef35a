// `assay import scores`: what a verifier thinks of samples that the database holds, or of samples that
// come with a truth of their own.
#pragma once

#include <string>

#include "harness/cli/command.h"

namespace assay::cli {

struct ScoresOptions {
  std::string file, dataset, verifier;
  std::string model;  ///< of rows that name none; empty: the only one there is
  std::string key = "score", correct_key = "correct";
  bool strict = false;  ///< a row of an unknown sample refuses the file
};

/// All rows or none; throws Error by file and line. A score that was there before is replaced.
int import_scores(const Common& common, const ScoresOptions& options);

}  // namespace assay::cli
