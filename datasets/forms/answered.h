// Tests that come with their answers, as the hubs of competition problems keep them: of scripts, a text to
// read and one to write; of calls, arguments and what is returned, as JSON. Pure functions; thread-safe.
#pragma once

#include <string>

#include "datasets/forms/rows.h"
#include "datasets/problem.h"

namespace assay::datasets {

/// The JSON that the text `value` is; a value that is no text is what it is. `where` names it.
Value json_in(const Row& row, const std::string& where, const Value& value);

/// A script's test. A list of texts stands for its lines.
StdioTest script_test(const Row& row, const std::string& where, const Value& input,
                      const Value& output);

/// A call and its answer. As texts both are JSON, the arguments one a line; else they are a list of
/// arguments and the answer itself.
void add_call(const Row& row, const std::string& where, const Value& input, const Value& output,
              DifferentialSuite& calls);

/// Suite `name` of {"inputs": [..], "outputs": [..], "fn_name": text or nothing}, the form of APPS's
/// input_output and of verl's ground_truth. `says`: a text that shows "class Solution" where the
/// function is a method of it.
void put_pairs(const Row& row, const std::string& where, const Value& pairs,
               const std::string& says, const std::string& name, Problem& problem);

/// The problem's calls are those of the method `name` of the class Solution, or of a function, as
/// LeetCode writes programs: with its imports, and answers that JSON can say.
void expect_calls(const Row& row, const std::string& where, const std::string& name,
                  const std::string& says, Rule rule, Problem& problem);

}  // namespace assay::datasets
