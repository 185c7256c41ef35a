// From stored verdicts to the samples that stopping rules are tried on (harness/simulator/rules.h):
// who was accepted, who is right, how high each scores, and which accepted samples behave alike.
//
// What is known of behaviour: programs that gold accepts behave alike. Wrong ones are taken to
// behave alike where they fail the same tests of the gold suites and answered the first of these in
// the same way (`tests`); how they answered the others is not stored, so this counts too many as
// alike rather than too few. Or only the same text behaves alike (`program`), right or wrong: too few.
// Reads only. Throws assay::Error as the store does.
#pragma once

#include "harness/simulator/simulate.h"
#include "harness/store/queries.h"

namespace assay::analysis {

enum class Agreement { tests, program };

struct SubjectOptions {
  Agreement agreement = Agreement::tests;
  int wrong_ways = 1;  ///< for imported counts, which say nothing of behaviour
};

/// What is stored of how a program behaves on the suites; empty where it passes all of them. The program
/// must have been read with its witnesses and failing tests.
std::string behaviour_of(store::Database& database, const store::JudgedProgram& program,
                         const std::vector<std::string>& suites);

/// Urns of all problems of `counts`, which are the model's own. Without a posterior or a belief.
simulator::Subject subject_of(store::Database& database, const store::StoredModel& model,
                              const stats::ModelCounts& counts, const SubjectOptions& options);

}  // namespace assay::analysis
