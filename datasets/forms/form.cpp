#include "datasets/forms/form.h"

#include <fmt/format.h>

#include "datasets/python_text.h"
#include "datasets/rules/mbpp_types.h"

namespace assay::datasets {

DifferentialSuite suite_of(const Row& row, const std::string& key, const Value& inputs,
                           const std::string& task_id) {
  DifferentialSuite suite;
  if (inputs.kind == Kind::dict && inputs.items.empty()) return suite;
  if (inputs.kind != Kind::list) row.refuse(fmt::format("\"{}\" is not an array of inputs", key));
  suite.inputs.reserve(inputs.items.size());
  for (Value arguments : inputs.items) {
    try {
      restore_types(task_id, arguments);
    } catch (const Error& error) {
      row.refuse(fmt::format("\"{}\", input {}: {}", key, suite.inputs.size(), error.what()));
    }
    suite.inputs.push_back(encode(arguments));
  }
  return suite;
}

void add_plus(const Row& row, Problem& problem) {
  problem.atol = row.amount_or("atol", 0);
  problem.rule = rule_of(problem.task_id);
  for (const char* suite : {"base", "plus"}) {
    const std::string key = fmt::format("{}_input", suite);
    put_suite(problem, {suite, suite_of(row, key, row.value(key), problem.task_id)});
  }
}

std::string with_call(std::string tests) {
  if (defines_function_at_margin(tests, "check")) tests += "\ncheck(candidate)\n";
  return tests;
}

}  // namespace assay::datasets
