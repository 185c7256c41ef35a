#include "harness/run/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "harness/base/error.h"
#include "harness/store/assertions.h"
#include "harness/store/facts.h"

namespace assay::run {

Cells::Cells(store::Database& database, const datasets::Dataset& dataset, const Options& options)
    : database_(database), dataset_(dataset), options_(options) {
  choose_suites();
  choose_problems();
}

void Cells::choose_suites() {
  const std::vector<std::string> has = datasets::suite_names(dataset_);
  for (const std::string& name : options_.suites) {
    if (std::find(has.begin(), has.end(), name) == has.end()) {
      throw Error(fmt::format("--suite {}: no problem of dataset {} has it; it has {}", name,
                              dataset_.name, fmt::join(has, ", ")),
                  ExitCode::usage);
    }
  }
  // In the dataset's order, however they are asked for: the proxy comes first, and is always judged.
  const std::vector<std::string> asked =
      options_.suites.empty() ? datasets::usual_suites(has) : options_.suites;
  std::copy_if(has.begin(), has.end(), std::back_inserter(suite_names_),
               [&](const std::string& name) {
                 return std::find(asked.begin(), asked.end(), name) != asked.end();
               });
  const auto first = std::find_if(suite_names_.begin(), suite_names_.end(),
                                  [](const std::string& name) { return name != "official"; });
  proxy_ = first == suite_names_.end() ? suite_names_.front() : *first;
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
      if (const auto* written = std::get_if<datasets::AssertionSuite>(&suite->tests))
        store::put_assertions(database_, suites.back().id, written->assertions);
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
static bool satisfies(const store::Cell& cell, verify::Scope scope) {
  if (!cell.status || cell.status == store::Status::missing) return false;
  return verify::scope_named(cell.scope) >= scope || cell.status == store::Status::pass ||
         cell.judged == cell.tests;
}

/// `official` is no gold suite by default, and is judged only where it was asked for by name.
bool Cells::decides(const std::string& suite_name) const {
  return options_.depth != Depth::full && suite_name != "official";
}

/// What comes after the proxy meets only programs that are accepted so far: all tests are wanted.
verify::Scope Cells::demanded_scope(const std::string& suite_name) const {
  if (options_.depth == Depth::full) return verify::Scope::full;
  if (options_.depth == Depth::first_failure) return verify::Scope::first_failure;
  return suite_name == proxy_ || suite_name == "official" ? verify::Scope::one_process
                                                          : verify::Scope::full;
}

static bool is_rejected(const std::vector<Task::Cell>& before) {
  return std::any_of(before.begin(), before.end(), [](const Task::Cell& cell) {
    return cell.decides && cell.status && rejects(*cell.status);
  });
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
      cell.decides = decides(suites_[problem][s].name);
      cell.scope = demanded_scope(suites_[problem][s].name);
      const bool known = cells[i].decided || satisfies(cells[i], verify::Scope::first_failure);
      const bool spared = cell.decides && is_rejected(task.cells) && known;
      cell.pending = !spared && !satisfies(cells[i], cell.scope);
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

std::vector<Task> Cells::slow_tasks(std::size_t problem, const store::SlowVerdicts& known) const {
  struct Seen {
    bool accepted = false, slow = false, otherwise = false;
  };
  std::vector<Task> tasks;
  std::vector<Seen> seen;
  if (!chosen_[problem]) return tasks;
  for (std::size_t s = 0; s < suites_[problem].size(); ++s) {
    const std::string& name = suites_[problem][s].name;
    const auto cells = store::cells(database_, problem_ids_[problem], suites_[problem][s].id,
                                    condition_id_, model_ids_);
    tasks.resize(cells.size());
    seen.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::optional<store::Status> status = cells[i].status;
      tasks[i].program_id = cells[i].program_id;
      seen[i].accepted |= status == store::Status::pass;
      if (status == store::Status::pass || name == "official") continue;
      seen[i].slow |= status == store::Status::timeout;
      seen[i].otherwise |= status ? status != store::Status::timeout : !cells[i].decided;
      Task::Cell cell;
      cell.suite = s;
      cell.decides = true;
      cell.scope = verify::Scope::first_failure;
      cell.tries = kTriesMax - 1;
      const auto at = known.find({problem_ids_[problem], cells[i].program_id, name});
      if (at != known.end()) cell.status = at->second;
      cell.pending = !cell.status && !is_rejected(tasks[i].cells);
      tasks[i].cells.push_back(std::move(cell));
    }
  }
  std::vector<Task> wanted;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const bool by_time = seen[i].accepted && seen[i].slow && !seen[i].otherwise;
    const bool pending = std::any_of(tasks[i].cells.begin(), tasks[i].cells.end(),
                                     [](const Task::Cell& cell) { return cell.pending; });
    if (by_time && pending) wanted.push_back(std::move(tasks[i]));
  }
  return wanted;
}

Cells::Count Cells::count() const {
  Count count;
  for (std::size_t p = 0; p < suites_.size(); ++p) {
    if (!chosen_[p]) continue;
    count.suites += static_cast<std::int64_t>(suites_[p].size());
    for (const Suite& suite : suites_[p]) {
      for (const store::Cell& cell :
           store::cells(database_, problem_ids_[p], suite.id, condition_id_, model_ids_)) {
        count.asked += cell.samples;
        count.shared += cell.samples - 1;
        ++count.distinct;
        count.decided += cell.decided && options_.depth != Depth::full;
      }
    }
    const std::vector<Task> pending = tasks(p);
    for (const Task& task : pending) {
      for (const Task::Cell& cell : task.cells) count.pending += cell.pending;
    }
    for (const Suite& suite : suites_[p]) {
      const std::string key = store::reference_key(suite.hash, interpreter_);
      count.references += (options_.references_only || !pending.empty()) && !has_reference(key);
    }
  }
  return count;
}

Task Cells::references(std::size_t problem) const {
  Task task;
  if (!chosen_[problem]) return task;
  for (std::size_t s = 0; s < suites_[problem].size(); ++s) {
    Task::Cell cell;
    cell.suite = s;
    cell.pending = cell.only_reference = true;
    task.cells.push_back(std::move(cell));
  }
  return task;
}

std::optional<store::ReferenceRun> Cells::find_reference(const std::string& key) const {
  auto found = store::find_reference_run(database_, key);
  if (!found && options_.references) found = store::find_reference_run(*options_.references, key);
  return found;
}

bool Cells::has_reference(const std::string& key) const {
  return store::has_reference_run(database_, key) ||
         (options_.references && store::has_reference_run(*options_.references, key));
}

std::string Cells::why_none(const samples::Ingested& samples) const {
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

Task::Cell Cells::again(const CellKey& key) const {
  Task::Cell cell;
  cell.suite = key.suite;
  cell.pending = true;
  cell.decides = decides(suites_[key.problem][key.suite].name);
  cell.scope = key.scope;
  cell.borderline = key.borderline;
  cell.tries = key.tries;
  return cell;
}

static verify::Demands with_time(verify::Demands demands, double times) {
  sandbox::Limits& limits = demands.limits;
  for (double* seconds :
       {&limits.load_cpu_s, &limits.test_cpu_s, &limits.suite_cpu_s, &limits.wall_s_min})
    *seconds *= times;
  return demands;
}

std::shared_ptr<ProblemWork> Cells::work(std::size_t problem, double times) const {
  auto problem_work = std::make_shared<ProblemWork>();
  problem_work->problem = problem;
  const auto hopeless = std::make_shared<std::atomic<bool>>(false);
  const datasets::Problem& of = dataset_.problems[problem];
  for (const Suite& suite : suites_[problem]) {
    const std::string key = store::reference_key(suite.hash, interpreter_);
    std::optional<store::ReferenceRun> learnt = find_reference(key);
    if (learnt) learnt->cpu_factor *= times;
    problem_work->suites.push_back(std::make_shared<SuiteWork>(
        SuiteWork::Identity{suite.id, key, fmt::format("{}, suite {}", of.task_id, suite.name)},
        verify::verifier_of(of, *datasets::find_suite(of, suite.name),
                            with_time(options_.demands, times)),
        std::move(learnt), hopeless));
  }
  return problem_work;
}

}  // namespace assay::run
