// What trainings came to, kept so that a report can be made of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/store/database.h"

namespace assay::store {

/// How a model answered a problem that it did not learn from; all but the difficulty counts `answers`.
struct TrainingAnswer {
  std::string who;  ///< "trained", "base" (the model before) or "base terse" (told how to think)
  std::string task, task_id;
  std::int64_t difficulty = 0, answers = 1, tokens = 0, right = 0;
  std::int64_t right_chain = 0;  ///< right in every step
  /// By the filter that it learned under, and of these not right in every step; none: no filter.
  std::optional<std::int64_t> accepted, accepted_wrong;
  bool operator==(const TrainingAnswer&) const = default;
};

struct Training {
  std::string identity;  ///< of method, task, seed and options
  std::string method, task;
  std::int64_t seed = 0;
  std::string options, record;          ///< JSON
  std::vector<TrainingAnswer> answers;  ///< none where it was not measured so
};
/// Replaces the one of that identity. Call inside a Transaction.
void put_training(Database& database, const Training& training);
/// As they were first stored; a replaced one comes last. Answers by who, task and problem.
std::vector<Training> trainings(Database& database);

}  // namespace assay::store
