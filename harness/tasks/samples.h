// Answers that stand in a sample file (the forms that `assay run --samples` reads) as a policy:
// each draw is one of the problem's samples, with replacement. Thread-safe once it is read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "datasets/problem.h"
#include "harness/explore/task.h"

namespace assay::tasks {

inline constexpr std::string_view kSamplesPrefix = "samples:";

using Tell = std::function<void(const std::string&)>;

/// An answer as it stands in the file.
struct Stored {
  std::string text;
  bool is_completion = false;  ///< goes on behind the prompt; else stands for itself
  std::string model;
  std::string sample_id;  ///< where the row has none, the number that `assay run` would give it
};

class SampleFile {
 public:
  /// Reads the samples of the problems of these names. Rows of others, and rows that are none, are
  /// counted and told. Throws assay::Error where a sample comes with two texts, and where no row is
  /// of these problems.
  SampleFile(const std::string& path, const std::vector<std::string>& task_ids, const Tell& tell);

  const std::string& path() const { return path_; }
  /// In the order of the file; empty where it has none.
  const std::vector<Stored>& of(const std::string& task_id) const;
  /// The samples of that name; several where it is one of several models and `model` is empty.
  std::vector<const Stored*> find(const std::string& task_id, const std::string& sample_id,
                                  const std::string& model) const;
  /// Over all that was read.
  const std::string& identity() const { return identity_; }

  /// The sample that a finished prefix of the policy is.
  static const Stored& drawn(const search::Prefix& prefix);

 private:
  const std::string path_;
  datasets::Dataset named_;  ///< problems by name alone, for the index
  std::optional<datasets::ProblemIndex> index_;
  std::unordered_map<std::string, std::vector<Stored>> samples_;
  std::string identity_;
};

/// Reads the file and adds the policy "samples:PATH" to the task. A problem without a sample, also
/// among those to calibrate on, is an error that says how many there are, unless `leave_out`: then
/// it is no longer of the task.
std::shared_ptr<const SampleFile> add_samples(explore::Task& task, const std::string& path,
                                              bool leave_out, const Tell& tell);

}  // namespace assay::tasks
