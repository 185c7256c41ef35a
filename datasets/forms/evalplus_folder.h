// EvalPlus's folder form of samples: HumanEval_0/0.py and so on, each a solution.
#pragma once

#include <string>

#include "datasets/sample.h"

namespace assay::datasets {

/// Calls `take` for each program in the order of the numbers in its names; a file's stem is the
/// sample_id. Throws Error for a folder that holds none, a name that is none (harness/base/words.h),
/// and a program that cannot be read or is beyond kSampleBytesMax.
void read_evalplus_folder(const std::string& path, const TakeSample& take);

}  // namespace assay::datasets
