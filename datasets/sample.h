// Model-written programs and the readers of sample files: JSONL (plain or .gz) with keys task_id
// and completion or solution, optional model and sample_id; and EvalPlus's folder form. Streams:
// memory does not grow with the number of samples.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "harness/base/text_file.h"

namespace assay::datasets {

struct Sample {
  std::string task_id;
  std::string model;           ///< the row's own; empty where it has none
  std::string sample_id;       ///< the row's own; empty where it has none
  bool is_completion = false;  ///< `text` is a body to append to the prompt; else a whole program
  std::string text;            ///< exactly as given
  std::string file;
  std::uint64_t line = 0;  ///< 1-based; 0 in folder form
};

/// Calls `take` for each sample of `path` in order. Throws Error naming file, line and key for a
/// malformed row, a truncated .gz, an empty file. `path` may be a folder in EvalPlus's form
/// (HumanEval_0/0.py: solutions, the file's stem is the sample_id).
void read_samples(const std::string& path, const std::function<void(Sample&&)>& take);
void read_samples(LineReader reader, const std::function<void(Sample&&)>& take);

/// Where a raw completion runs on past its function: the documented cut rule (datasets/README.md).
/// Returns the part that belongs to the function.
std::string cut_completion(const std::string& completion);
inline constexpr const char* kCutRule = "next-top-level-statement/1";

/// The program in a chat answer: the first fenced block that defines `entry_point`, else the
/// longest fenced block, else the text itself (`--extract`).
std::string extract_program(const std::string& answer, const std::string& entry_point);

}  // namespace assay::datasets
