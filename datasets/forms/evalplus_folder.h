// EvalPlus's folder form of samples: HumanEval_0/0.py and so on, each a solution.
#pragma once

#include <string>

#include "datasets/sample.h"

namespace assay::datasets {

/// Calls `take` for each program in the order of the numbers in its names; a file's stem is the
/// sample_id. A name that is none (harness/base/words.h), a program that cannot be read or is beyond
/// kSampleBytesMax goes to `refused`, or is thrown without it. Throws Error for a folder that holds no
/// program.
void read_evalplus_folder(const std::string& path, const TakeSample& take,
                          const TakeRefused& refused = {});

}  // namespace assay::datasets
