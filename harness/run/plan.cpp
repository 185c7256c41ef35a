#include "harness/run/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "harness/base/error.h"
#include "harness/store/facts.h"

namespace assay::verify {

Cells::Cells(store::Database& database, const datasets::Dataset& dataset, const RunOptions& options)
    : database_(database), dataset_(dataset), options_(options) {
  choose_suites();
  choose_problems();
}

void Cells::choose_suites() {
  const std::vector<std::string> has = datasets::suite_names(dataset_);
  suite_names_ = options_.suites;
  for (const std::string& name : suite_names_) {
    if (std::find(has.begin(), has.end(), name) == has.end()) {
      throw Error(fmt::format("--suite {}: no problem of dataset {} has it; it has {}", name,
                              dataset_.name, fmt::join(has, ", ")),
                  ExitCode::usage);
    }
  }
  if (!suite_names_.empty()) return;
  // `official` says the same as `base` at a higher price: only where there is nothing else.
  std::copy_if(has.begin(), has.end(), std::back_inserter(suite_names_),
               [](const std::string& name) { return name != "official"; });
  if (suite_names_.empty()) suite_names_ = has;
}

/// --task keeps to these problems also what is stored but not judged.
void Cells::choose_problems() {
  const std::vector<std::string>& tasks = options_.samples.tasks;
  chosen_.assign(dataset_.problems.size(), tasks.empty());
  const datasets::ProblemIndex index(dataset_);
  for (const std::string& task : tasks) {
    const datasets::Problem* problem = index.find(task);
    if (!problem) {
      throw Error(fmt::format("--task {}: dataset {} has no such problem", task, dataset_.name),
                  ExitCode::usage);
    }
    chosen_[static_cast<std::size_t>(problem - dataset_.problems.data())] = true;
  }
}

void Cells::put() {
  store::Transaction transaction(database_);
  dataset_id_ = store::put_dataset(database_, dataset_.name, dataset_.version, dataset_.note);
  for (std::size_t i = 0; i < dataset_.problems.size(); ++i) {
    const datasets::Problem& problem = dataset_.problems[i];
    problem_ids_.push_back(
        store::put_problem(database_, dataset_id_, static_cast<int>(i), problem));
    auto& suites = suites_.emplace_back();
    for (const std::string& name : suite_names_) {
      const datasets::Suite* suite = datasets::find_suite(problem, name);
      if (!suite) continue;
      const std::string hash = datasets::hash_of(problem, *suite);
      suites.push_back({name, hash,
                        store::put_suite(database_, problem_ids_.back(), name, hash,
                                         static_cast<std::int64_t>(datasets::tests_of(*suite)))});
    }
  }
  transaction.commit();
}

void Cells::choose(std::vector<std::int64_t> model_ids, std::int64_t condition_id,
                   std::string interpreter) {
  model_ids_ = std::move(model_ids);
  condition_id_ = condition_id;
  interpreter_ = std::move(interpreter);
}

/// A stored verdict satisfies a demand for `scope` unless judging on could have shown more.
static bool satisfies(const store::Cell& cell, std::optional<Scope> scope) {
  if (cell.status.empty() || cell.status == "missing") return false;
  return scope_named(cell.scope) >= scope.value_or(Scope::full) || cell.status == "pass" ||
         cell.judged == cell.tests;
}

/// The scope a suite is asked for; nothing where `base` decides it.
std::optional<Scope> Cells::demanded_scope(const std::string& suite_name) const {
  if (options_.depth == Depth::full) return Scope::full;
  if (options_.depth == Depth::first_failure) return Scope::first_failure;
  const bool base_decides =
      suite_name == "plus" &&
      std::find(suite_names_.begin(), suite_names_.end(), "base") != suite_names_.end();
  return base_decides ? std::nullopt : std::optional<Scope>(Scope::one_process);
}

/// For a cell whose scope `base` decides: known where base's verdict is stored.
static std::optional<Scope> scope_if_known(const Task& task) {
  if (task.cells.empty() || task.cells.front().pending) return std::nullopt;
  return scope_after_base(task.cells.front().status);
}

std::vector<Task> Cells::tasks(std::size_t problem) const {
  std::vector<Task> tasks;
  if (!chosen_[problem]) return tasks;
  for (std::size_t s = 0; s < suites_[problem].size(); ++s) {
    const auto cells = store::cells(database_, problem_ids_[problem], suites_[problem][s].id,
                                    condition_id_, model_ids_);
    if (tasks.empty()) tasks.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      Task& task = tasks[i];
      task.program_id = cells[i].program_id;
      Task::Cell cell;
      cell.suite = s;
      cell.scope = demanded_scope(suites_[problem][s].name);
      const auto wanted = cell.scope ? cell.scope : scope_if_known(task);
      cell.pending = !satisfies(cells[i], wanted);
      if (!cell.pending) cell.status = cells[i].status;
      task.cells.push_back(std::move(cell));
    }
  }
  std::erase_if(tasks, [](const Task& task) {
    return std::none_of(task.cells.begin(), task.cells.end(),
                        [](const Task::Cell& cell) { return cell.pending; });
  });
  return tasks;
}

Cells::Count Cells::count() const {
  Count count;
  for (std::size_t p = 0; p < suites_.size(); ++p) {
    if (!chosen_[p]) continue;
    for (const Suite& suite : suites_[p]) {
      for (const store::Cell& cell :
           store::cells(database_, problem_ids_[p], suite.id, condition_id_, model_ids_)) {
        count.asked += cell.samples;
        count.shared += cell.samples - 1;
        ++count.distinct;
      }
    }
    const std::vector<Task> pending = tasks(p);
    for (const Task& task : pending) {
      for (const Task::Cell& cell : task.cells) count.pending += cell.pending;
    }
    for (const Suite& suite : suites_[p]) {
      const std::string key = store::reference_key(suite.hash, interpreter_);
      count.references += !pending.empty() && !store::has_reference_run(database_, key);
    }
  }
  return count;
}

std::string Cells::why_none(const assay::samples::Ingested& samples) const {
  return samples.added + samples.known == 0
             ? fmt::format("nothing to judge: none of the {} samples is of --task {}", samples.rows,
                           fmt::join(options_.samples.tasks, ","))
             : fmt::format("nothing to judge: no problem of these samples has suite {}",
                           fmt::join(suite_names_, " or "));
}

std::vector<std::size_t> Cells::longest_first() const {
  std::vector<std::size_t> bytes(suites_.size(), 0), order(suites_.size());
  for (std::size_t p = 0; p < suites_.size(); ++p) {
    order[p] = p;
    for (const datasets::Suite& suite : dataset_.problems[p].suites) {
      const auto* calls = std::get_if<datasets::DifferentialSuite>(&suite.tests);
      if (!calls) continue;
      for (const std::string& input : calls->inputs) bytes[p] += input.size();
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return bytes[a] > bytes[b]; });
  return order;
}

std::shared_ptr<ProblemWork> Cells::work(std::size_t problem) const {
  auto problem_work = std::make_shared<ProblemWork>();
  problem_work->problem = problem;
  const auto hopeless = std::make_shared<std::atomic<bool>>(false);
  for (const Suite& suite : suites_[problem]) {
    const std::string key = store::reference_key(suite.hash, interpreter_);
    problem_work->suites.push_back(std::make_shared<SuiteWork>(
        dataset_.problems[problem], *datasets::find_suite(dataset_.problems[problem], suite.name),
        suite.id, key, store::find_reference_run(database_, key), options_.limits, hopeless));
  }
  return problem_work;
}

}  // namespace assay::verify
