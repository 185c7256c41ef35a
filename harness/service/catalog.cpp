#include "harness/service/catalog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/verify/reference.h"

namespace assay::service {

/// More than any benchmark in use asks about at a time; a reference's answers, compressed, take the room.
static constexpr std::size_t kTargetsMax = 2048;

TargetSuite::TargetSuite(std::string its_name, std::string its_hash, std::int64_t its_tests,
                         Make make)
    : name(std::move(its_name)),
      hash(std::move(its_hash)),
      tests(its_tests),
      make_(std::move(make)) {}

std::shared_ptr<run::SuiteWork> TargetSuite::work() {
  const std::lock_guard lock(mutex_);
  if (!work_) work_ = make_();
  return work_;
}

void TargetSuite::renew(const std::shared_ptr<run::SuiteWork>& spoilt) {
  const std::lock_guard lock(mutex_);
  if (work_ == spoilt) work_.reset();
}

Catalog::Catalog(std::vector<std::shared_ptr<const datasets::Dataset>> datasets,
                 verify::Demands demands)
    : datasets_(std::move(datasets)), demands_(demands) {
  for (const auto& dataset : datasets_) indices_.emplace_back(*dataset);
}

std::shared_ptr<const Target> Catalog::kept(const std::string& key) {
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return nullptr;
  newest_first_.splice(newest_first_.begin(), newest_first_, at->second);
  return *at->second;
}

/// Tests of a problem that has no reference: nothing can be learnt, and the tests are called from another
/// process, as those of a reference that passes so.
static std::optional<store::ReferenceRun> learnt_of(const datasets::Problem& problem,
                                                    const datasets::Suite& suite) {
  if (!std::holds_alternative<datasets::CheckerSuite>(suite.tests) ||
      !verify::reference_of_texts(problem).empty())
    return std::nullopt;
  store::ReferenceRun run;
  run.lane = "proxy";
  run.doubt = "";
  verify::decide_limits(run);
  return run;
}

std::shared_ptr<const Target> Catalog::make(std::string dataset, std::string key,
                                            std::shared_ptr<const datasets::Problem> problem) {
  auto target = std::make_shared<Target>();
  target->dataset = std::move(dataset);
  target->key = key;
  target->problem = problem;
  const auto hopeless = std::make_shared<std::atomic<bool>>(false);
  for (const datasets::Suite& suite : problem->suites) {
    const std::string hash = datasets::hash_of(*problem, suite);
    target->suites.push_back(std::make_shared<TargetSuite>(
        suite.name, hash, static_cast<std::int64_t>(datasets::tests_of(suite)),
        [problem, &suite, hash, hopeless, demands = demands_] {
          return std::make_shared<run::SuiteWork>(
              run::SuiteWork::Identity{0, hash,
                                       fmt::format("{}, suite {}", problem->task_id, suite.name)},
              verify::verifier_of(*problem, suite, demands), learnt_of(*problem, suite), hopeless);
        }));
  }
  newest_first_.push_front(target);
  by_key_[std::move(key)] = newest_first_.begin();
  if (newest_first_.size() > kTargetsMax) {
    by_key_.erase(newest_first_.back()->key);
    newest_first_.pop_back();
  }
  return target;
}

std::shared_ptr<const Target> Catalog::find(const std::string& dataset,
                                            const std::string& task_id) {
  const std::lock_guard lock(mutex_);
  if (datasets_.empty())
    throw Error("no dataset is served (--dataset): the problem has to come with the question");
  if (dataset.empty() && datasets_.size() > 1)
    throw Error("several datasets are served: \"dataset\" says which is meant");
  for (std::size_t d = 0; d < datasets_.size(); ++d) {
    if (!dataset.empty() && datasets_[d]->name != dataset) continue;
    const datasets::Problem* problem = indices_[d].find(task_id);
    if (!problem)
      throw Error(fmt::format("\"task_id\": dataset {} has no problem \"{}\"", datasets_[d]->name,
                              task_id));
    const std::string key = datasets_[d]->name + '\n' + problem->task_id;
    if (auto known = kept(key)) return known;
    return make(datasets_[d]->name, key, {datasets_[d], problem});
  }
  throw Error(fmt::format("\"dataset\": \"{}\" is not served (--dataset)", dataset));
}

std::shared_ptr<const Target> Catalog::known(const std::string& hash) {
  const std::lock_guard lock(mutex_);
  return kept(hash);
}

std::shared_ptr<const Target> Catalog::own(const std::string& hash, datasets::Problem problem) {
  const std::lock_guard lock(mutex_);
  if (auto known = kept(hash)) return known;
  return make("", hash, std::make_shared<const datasets::Problem>(std::move(problem)));
}

std::vector<std::size_t> chosen_suites(const Target& target,
                                       const std::vector<std::string>& names) {
  std::vector<std::size_t> chosen;
  std::vector<std::string> has;
  for (const auto& suite : target.suites) has.push_back(suite->name);
  const std::vector<std::string> asked = names.empty() ? datasets::usual_suites(has) : names;
  for (std::size_t i = 0; i < has.size(); ++i)
    if (std::find(asked.begin(), asked.end(), has[i]) != asked.end()) chosen.push_back(i);
  for (const std::string& name : names) {
    if (std::find(has.begin(), has.end(), name) == has.end())
      throw Error(fmt::format("\"suite\": {} has no suite \"{}\"; it has {}",
                              target.problem->task_id, name, fmt::join(has, ", ")));
  }
  return chosen;
}

}  // namespace assay::service
