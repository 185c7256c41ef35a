#include "datasets/join.h"

#include <fmt/format.h>

#include "datasets/forms/reader.h"
#include "harness/base/error.h"

namespace assay::datasets {

Dataset join_humaneval(const std::vector<std::string>& paths) {
  const Dataset official = read_dataset_as(humaneval_form(), paths.at(0));
  Dataset dataset = read_dataset_as(humaneval_plus_form(), paths.at(1));
  dataset.name = "humaneval";
  dataset.version = version_of(paths);
  const ProblemIndex index(official);
  for (Problem& problem : dataset.problems) {
    const Problem* own = index.find(problem.task_id);
    if (!own) {
      throw Error(
          fmt::format("{}: has no problem {}, which {} has", paths[0], problem.task_id, paths[1]));
    }
    put_suite(problem, *find_suite(*own, "official"));
    problem.official_reference = own->official_reference;
  }
  return dataset;
}

/// Of a problem read in MBPP's form, which has one.
static CheckerSuite& official_of(Problem& problem) {
  return std::get<CheckerSuite>(problem.suites.front().tests);
}

Dataset join_mbpp(const std::vector<std::string>& paths) {
  Dataset dataset = read_dataset_as(mbpp_form(), paths.at(0));
  const Dataset checked = read_dataset_as(mbpp_sanitized_form(), paths.at(1));
  const Dataset extended = read_dataset_as(mbpp_plus_form(), paths.at(2));
  dataset.name = "mbpp";
  dataset.version = version_of(paths);
  const ProblemIndex checked_index(checked), extended_index(extended);
  for (Problem& problem : dataset.problems) {
    if (const Problem* better = checked_index.find(problem.task_id)) {
      const std::string setup_code = official_of(problem).setup.substr(problem.reference.size());
      problem = *better;
      official_of(problem).setup += setup_code;
    }
    if (const Problem* more = extended_index.find(problem.task_id)) {
      CheckerSuite official = std::move(official_of(problem));
      std::string official_reference = std::move(problem.official_reference);
      problem = *more;
      put_suite(problem, {"official", std::move(official)});
      problem.official_reference = std::move(official_reference);
    }
  }
  return dataset;
}

}  // namespace assay::datasets
