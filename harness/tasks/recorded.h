// Recorded scores of finished answers as a verifier of a sample file's draws: what a judge or a
// model said of each sample once. Thread-safe once it is read.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/search/verifier.h"
#include "harness/tasks/samples.h"

namespace assay::tasks {

inline constexpr std::string_view kRecordedPrefix = "recorded:";

/// `name` is FILE or FILE,COLUMN: JSONL or CSV of rows task_id, sample_id and score (or COLUMN),
/// optionally model, which say which sample of `file` each is of. A score that is null or empty is
/// no score, and neither is one that is missing: the sample is not judged. Rows of samples that the
/// file lacks are counted and told. Scores must be within 0 to 1, unless `any_number`. Throws
/// assay::Error that names file and line.
std::unique_ptr<search::PrefixVerifier> recorded_verifier(const std::string& name,
                                                          std::shared_ptr<const SampleFile> file,
                                                          bool any_number, const Tell& tell);

}  // namespace assay::tasks
