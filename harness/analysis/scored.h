// Verifiers with a score, from the database to numbers: which samples a verifier scores, which of them
// are right, and which answer alike. Reads only. Throws assay::Error for what the database does not
// hold, and as the store does.
#pragma once

#include <string>
#include <vector>

#include "harness/analysis/selection.h"
#include "harness/stats/roc.h"

namespace assay::analysis {

/// As select(), for commands that read counts alone: a proxy may speak of scores too
/// (store/acceptance.h).
Selected select_with_scores(store::Database& database, const Selection& selection);

/// Whose scores are asked for; a suite may stand in a verifier's place, with 1 for a pass and 0.
struct ScoredSelection {
  Selection selection;                 ///< `proxy` is not read
  std::vector<std::string> verifiers;  ///< empty: all that have scores
  bool behaviours = false;             ///< which samples answer alike is asked too, for votes
};

/// A row for each model and each verifier that has scored it. Samples that gold has not judged are left
/// out. Votes: samples that are right answer alike; wrong ones do where they fail the same tests of gold
/// in the same way (subjects.h), and what does not compile has no vote.
struct ScoredModels {
  std::vector<stats::ScoredSamples> rows;
  std::vector<std::string> left_out;  ///< a sentence each
};
ScoredModels scored_models(store::Database& database, const ScoredSelection& wanted);

}  // namespace assay::analysis
