// Explicit tables: all is written down, so that everything can be enumerated.
#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "harness/search/table.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {
namespace {

using search::Prefix;
using search::Problem;

const search::TableProblem& written(const Problem& problem) {
  return *static_cast<const search::TableProblem*>(problem.data.get());
}

std::unique_ptr<search::Policy> proposal(const search::Table& table) {
  for (const search::TableProblem& one : table.problems)
    if (one.proposal.empty())
      throw Error(
          fmt::format("{}: problem {} has no `proposal`, probabilities in the form of "
                      "`policy`, which --proposal table draws from",
                      one.source, one.task_id));
  return std::make_unique<search::TablePolicy>(table, &search::TableProblem::proposal);
}

/// `table`'s problems from `begin` up to `end`.
explore::Task part(const std::string& path, const std::shared_ptr<const search::Table>& table,
                   std::size_t begin, std::size_t end) {
  explore::Task task;
  task.name = path;
  for (std::size_t i = begin; i < end; ++i) {
    task.problems.push_back(search::problem_of(table->problems[i]));
    task.problems.back().index = i - begin;
    task.problems.back().data = std::shared_ptr<const void>(table, &table->problems[i]);
  }
  task.truth = [](const Problem& problem, const Prefix& answer) {
    return written(problem).truth_of(problem.answer(answer));
  };
  task.fault = fault_of_answers(task.truth);
  task.usual_policy = task.usual_verifier = "table";
  task.policies["table"] = [table] { return std::make_unique<search::TablePolicy>(*table); };
  task.proposals["table"] = [table] { return proposal(*table); };
  task.verifiers["table"] = [table] { return std::make_unique<search::TableVerifier>(*table); };
  task.tables["table"] = written;
  return task;
}

}  // namespace

explore::Task table_task(const std::string& path, const Options& options) {
  const auto table =
      std::make_shared<const search::Table>(search::parse_table(read_text_file(path), path));
  const std::size_t all = table->problems.size(),
                    count = options.problems ? std::min(options.problems, all) : all;
  explore::Task task = part(path, table, 0, count);
  if (count < all) task.calibration = [=] { return part(path, table, count, all); };
  return task;
}

}  // namespace assay::tasks
