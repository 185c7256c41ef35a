// The forms that benchmark files come in: one reader each, in a file of its own, and what they
// share. Reading a row is a pure function; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "datasets/forms/rows.h"
#include "datasets/problem.h"

namespace assay::datasets {

/// A form is known by the keys of its rows and has a function that reads one.
struct Form {
  const char* name;
  std::vector<const char*> keys;  ///< a row of this form has all of these
  /// Throws RowError that names the key. Problem::place is the caller's to fill in.
  Problem (*read)(const Row& row);
};

// Defined in humaneval.cpp, multilingual.cpp, mbpp.cpp, own.cpp, stdio.cpp, livecodebench.cpp and pairs.cpp.
const Form& humaneval_form();
const Form& humaneval_plus_form();
const Form& mbpp_form();
const Form& mbpp_sanitized_form();
const Form& mbpp_plus_form();
const Form& own_form();
const Form& stdio_form();
const Form& apps_form();
const Form& multipl_e_form();
const Form& humaneval_x_form();
const Form& livecodebench_form();
const Form& apps_hub_form();
const Form& verl_form();
const Form& code_contests_form();

/// Names that need no quoting in `--proxy a,b`, `--gold a|b` or `NAME>=x`.
bool is_suite_name(std::string_view name);
/// What is wrong with one that is none.
std::string no_suite_name(std::string_view name);

/// The suite that `inputs`, found under `key`, stands for: a list of argument lists. `task_id` says
/// which types JSON lost (datasets/rules/mbpp_types.h). MBPP+ says "none" by {} once (Mbpp/793).
DifferentialSuite suite_of(const Row& row, const std::string& key, const Value& inputs,
                           const std::string& task_id);

/// What HumanEval+ and MBPP+ share and their originals lack: tolerance, rule, suites base and plus.
void add_plus(const Row& row, Problem& problem);

/// A test text with the call at its end where it only defines check(candidate), as HumanEval's
/// does: without the call it would pass everything.
std::string with_call(std::string tests);

}  // namespace assay::datasets
