// The plain samples of a search as a benchmark and a sample file, so that the commands that judge any
// model's samples can be held against what the search says.
#pragma once

#include <string>
#include <vector>

#include "harness/explore/experiment.h"

namespace assay::cli {

/// Writes `samples.jsonl`, and `problems.jsonl` where the task is no benchmark already, into `folder`,
/// which is made where it lacks. `seed` is that of the problems. REQUIRES: the task has a benchmark. Throws assay::Error that names the file.
void export_samples(const std::string& folder, const explore::Task& task, std::uint64_t seed,
                    const std::string& policy, const std::vector<explore::Sampled>& sampled);

}  // namespace assay::cli
