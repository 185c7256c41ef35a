#include "datasets/forms/form.h"

namespace assay::datasets {

static Problem read_humaneval(const Row& row) {
  Problem problem;
  problem.task_id = row.name("task_id");
  problem.prompt = row.text("prompt");
  problem.entry_point = row.name("entry_point");
  problem.reference = problem.prompt + row.text("canonical_solution");
  problem.official_reference = problem.reference;
  put_suite(problem,
            {"official", CheckerSuite{problem.official_reference, with_call(row.text("test"))}});
  return problem;
}

static Problem read_humaneval_plus(const Row& row) {
  Problem problem = read_humaneval(row);
  add_plus(row, problem);
  return problem;
}

const Form& humaneval_form() {
  static const Form form{
      "HumanEval", {"prompt", "entry_point", "canonical_solution", "test"}, read_humaneval};
  return form;
}

const Form& humaneval_plus_form() {
  static const Form form{"HumanEval+",
                         {"canonical_solution", "base_input", "plus_input", "test"},
                         read_humaneval_plus};
  return form;
}

}  // namespace assay::datasets
