#include "harness/cli/until.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "harness/analysis/selection.h"
#include "harness/base/error.h"
#include "harness/base/numbers.h"
#include "harness/base/words.h"
#include "harness/simulator/stopping.h"
#include "harness/simulator/torch_room.h"
#include "harness/stats/anytime.h"

namespace assay::cli {

Until until_named(const std::string& text) {
  constexpr stats::Costs kUsual{1, .001};
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  std::vector<double> numbers;
  if (equals != text.npos)
    for (const std::string& part : split(text.substr(equals + 1), ','))
      numbers.push_back(number_in<double>(part).value_or(-1));
  const bool sound = std::all_of(numbers.begin(), numbers.end(), [](double x) { return x >= 0; });
  if (sound && name == "width" && numbers.size() == 1 && numbers[0] > 0 && numbers[0] < 1)
    return {Until::Rule::width, numbers[0], {}};
  if (sound && name == "worth" && numbers.empty() && equals == text.npos)
    return {Until::Rule::worth, 0, kUsual};
  if (sound && name == "worth" && numbers.size() == 2 && numbers[1] > 0)
    return {Until::Rule::worth, 0, {numbers[0], numbers[1]}};
  throw Error(
      fmt::format("--until {}: write width=W with W between 0 and 1, such as width=.05, or "
                  "worth=LAMBDA,KAPPA: what a wrong answer and a sample cost, where a right answer "
                  "is worth 1, such as worth=1,.001",
                  text),
      ExitCode::usage);
}

/// The model's samples, all problems together; none where nothing is judged yet.
static std::vector<stats::ModelCounts> counts_of(store::Database& database,
                                                 const datasets::Dataset& dataset,
                                                 const std::string& model) {
  analysis::Selection selection;
  selection.dataset = dataset.name;
  selection.models = {model};
  return analysis::select(database, selection).counts;
}

/// How many rejections in a row end a problem.
static int rejections_that_end(const std::vector<stats::ModelCounts>& counts,
                               const stats::Costs& costs, int answers_max) {
  simulator::FitOptions options;
  options.method = simulator::Method::mixture;
  const simulator::Fit fit = simulator::torch_room().fit(counts, options);
  const simulator::Posterior belief = simulator::belief_before(fit, counts, 0);
  if (belief.draws == 0) return answers_max;
  return simulator::rational_stops(belief, costs, answers_max).k.front();
}

std::vector<bool> enough(const Until& until, store::Database& database,
                         const datasets::Dataset& dataset, const std::string& model,
                         int answers_max) {
  std::vector<bool> out(dataset.problems.size(), false);
  const std::vector<stats::ModelCounts> counts = counts_of(database, dataset, model);
  if (counts.empty()) return out;
  const int end =
      until.rule == Until::Rule::worth ? rejections_that_end(counts, until.costs, answers_max) : 0;
  std::unordered_map<std::string, const stats::Counts*> by_task;
  for (std::size_t i = 0; i < counts[0].task_ids.size(); ++i)
    by_task.emplace(counts[0].task_ids[i], &counts[0].problems[i]);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto at = by_task.find(dataset.problems[i].task_id);
    if (at == by_task.end()) continue;
    const stats::Counts& problem = *at->second;
    if (until.rule == Until::Rule::worth) {
      out[i] = problem.accepted() > 0 || problem.n() >= end;
    } else {
      const stats::Interval interval = stats::anytime_interval(problem.correct(), problem.n(), .95);
      out[i] = interval.hi - interval.lo <= until.width;
    }
  }
  return out;
}

}  // namespace assay::cli
