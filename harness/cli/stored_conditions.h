// Stored programs are run once more under the conditions that their verdicts rest on.
#pragma once

#include "harness/store/queries.h"
#include "harness/verify/verifier.h"
#include "sandbox/sandbox.h"

namespace assay::cli {

/// The limits, the comparison and the size of /tmp are those of the newest run of the model. What is
/// executed outside the jail is never taken from a database, which may come from anywhere: the interpreter, its
/// packages and whether weaker isolation will do stay as the command line has them.
///
/// Throws Error where the run had another interpreter or other packages, and where its options are damaged.
void take_conditions(const store::StoredModel& model, verify::Demands& demands,
                     sandbox::Config& sandbox);

}  // namespace assay::cli
