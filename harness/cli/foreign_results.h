// Samples that other harnesses have judged, as their result files tell of them: one reader a form,
// known by the keys of its first object. Keys that nobody asks for are neither decoded nor checked.
// Errors: assay::Error by file and row. Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "datasets/forms/rows.h"
#include "harness/store/judging.h"

namespace assay::cli {

struct ForeignResult {
  std::string task_id;
  std::string sample_id;  ///< empty: by its place among those of the problem
  std::string text;       ///< the program, or a completion of the benchmark's prompt
  bool is_completion = false;
  std::string prompt;                   ///< where the file tells it
  std::optional<store::Status> status;  ///< nothing: the harness failed, or did not judge it
  std::string message;
  double wall_ms = 0;
  std::optional<store::Witness> witness;
};
/// `at` is the row that the result stands in, for what is wrong with it.
using TakeResult = std::function<void(ForeignResult&& result, const datasets::Row& at)>;

struct ForeignForm {
  const char* name;  ///< "human-eval"
  const char* what;  ///< "human-eval's _results.jsonl"
  /// Whether a file is of this form whose first object has these keys.
  bool (*known_by)(const std::function<bool(const char*)>& has);
  /// Reads the text of a whole file. `model` is told where the file names one.
  void (*read)(const std::string& file, std::string_view text, const TakeResult& take,
               std::string& model);
};
/// The more particular form first.
const std::vector<ForeignForm>& foreign_forms();

/// The keys of the first object of a file: its first row, or itself, as far as it can be read.
std::vector<std::string> first_keys(std::string_view text);

}  // namespace assay::cli
