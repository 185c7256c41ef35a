// Files of tests that a model wrote: which problem each is meant for, and its text. Rows of JSON with
// `task_id` and
//   `tests`    a list of assertions, each a text or {"assert": text, "weight": number}
//   `test`     one assertion, with `weight` beside it (or what --weight calls it)
//   `samples`  a list of whole texts, out of which the assertions are cut (CodeT's completions)
// one of the three. Throws assay::Error by file, line and key.
#pragma once

#include <functional>
#include <string>

#include "datasets/forms/rows.h"

namespace assay::datasets {

struct WrittenTest {
  std::string text;
  bool whole_text = false;  ///< assertions are to be cut out of it
  double weight = 1;        ///< above 0; of each of them
};

inline constexpr const char* kWeightKey = "weight";  ///< where it has no other name

/// Calls `take` for each test in order, with its row. Throws Error (usage) where `weight_key` is another
/// than kWeightKey and no test has it: it is misspelt.
void for_each_written_test(const std::string& file, const std::string& weight_key,
                           const std::function<void(const Row& row, WrittenTest&& test)>& take);

}  // namespace assay::datasets
