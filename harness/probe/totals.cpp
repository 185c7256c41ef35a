#include "harness/probe/totals.h"

#include <algorithm>
#include <map>
#include <set>

namespace assay::probe {

static constexpr double kLevel = 0.95;
static constexpr std::size_t kStretches = 4;

static bool is_disputed(const Result& result, const Find& find) {
  return result.clusters[find.cluster].disputed;
}

static Stretch stretch_of(const std::vector<Result>& results, std::size_t from, std::size_t to) {
  Stretch out{from, to, 0, 0, {}};
  std::vector<double> finds, thousands;
  double programs = 0, highest = 0;  // no more programs than there are can be found
  for (const Result& result : results) {
    const auto allowed = static_cast<std::size_t>(result.allowed);
    const auto inputs = static_cast<std::int64_t>(std::min(allowed, to) - std::min(allowed, from));
    const auto found =
        std::count_if(result.finds.begin(), result.finds.end(), [&](const Find& find) {
          return !is_disputed(result, find) && find.first >= from && find.first < to;
        });
    out.inputs += inputs;
    out.finds += found;
    finds.push_back(static_cast<double>(found));
    thousands.push_back(static_cast<double>(inputs) / 1000);
    if (inputs == 0) continue;
    programs += static_cast<double>(result.programs);
    highest = std::max(highest, static_cast<double>(result.programs) / thousands.back());
  }
  out.per_thousand = stats::ratio_estimate(finds, thousands, {0, highest}, kLevel);
  if (auto& interval = out.per_thousand.interval)
    interval->hi = std::min(interval->hi, programs * 1000 / static_cast<double>(out.inputs));
  return out;
}

namespace {
struct Counts {
  double accepted = 0, wrong = 0, newly = 0;
};
using ByProblem = std::map<std::string, Counts>;  ///< by task id
}  // namespace

static Rise rise_of(const std::string& model, const ByProblem& problems) {
  Rise out{model};
  std::vector<double> accepted, wrong, newly, after;
  for (const auto& [task_id, counts] : problems) {
    accepted.push_back(counts.accepted);
    wrong.push_back(counts.wrong);
    newly.push_back(counts.newly);
    after.push_back(counts.wrong + counts.newly);
    out.accepted += static_cast<std::int64_t>(counts.accepted);
    out.wrong += static_cast<std::int64_t>(counts.wrong);
    out.newly += static_cast<std::int64_t>(counts.newly);
  }
  out.before = stats::ratio_estimate(wrong, accepted, {0, 1}, kLevel);
  out.after = stats::ratio_estimate(after, accepted, {0, 1}, kLevel);
  out.rise = stats::ratio_estimate(newly, accepted, {0, 1}, kLevel);
  return out;
}

/// All models together first.
static std::vector<Rise> rises_of(const std::vector<Result>& results,
                                  const std::vector<Samples>& samples) {
  std::map<std::string, std::set<std::int64_t>> found;  // by task id
  for (const Result& result : results) {
    std::set<std::int64_t>& here = found[result.task_id];
    for (const Find& find : result.finds)
      if (!is_disputed(result, find)) here.insert(find.program);
  }
  std::map<std::string, ByProblem> by_model;
  for (const Samples& one : samples) {
    const auto problem = found.find(one.task_id);
    if (problem == found.end() || !one.accepted) continue;
    const auto count = static_cast<double>(one.count);
    for (const std::string& model : {std::string(), one.model}) {
      Counts& counts = by_model[model][one.task_id];
      counts.accepted += count;
      if (!one.right) counts.wrong += count;
      if (one.right && problem->second.contains(one.program)) counts.newly += count;
    }
  }
  std::vector<Rise> out;
  for (const auto& [model, problems] : by_model) out.push_back(rise_of(model, problems));
  return out;
}

Totals totals_of(const std::vector<Result>& all, const std::vector<Samples>& samples,
                 std::size_t inputs) {
  std::vector<Result> results;
  for (const Result& result : all)
    if (result.trouble.empty()) results.push_back(result);
  Totals out;
  out.problems = static_cast<std::int64_t>(results.size());
  std::vector<double> found, programs;
  for (const Result& result : results) {
    const auto disputed =
        std::count_if(result.finds.begin(), result.finds.end(),
                      [&](const Find& find) { return is_disputed(result, find); });
    const auto undisputed = static_cast<std::int64_t>(result.finds.size()) - disputed;
    out.inputs += result.allowed;
    out.programs += result.programs;
    out.disputed += disputed;
    out.found += undisputed;
    found.push_back(static_cast<double>(undisputed));
    programs.push_back(static_cast<double>(result.programs));
  }
  out.share = stats::ratio_estimate(found, programs, {0, 1}, kLevel);
  out.all = stretch_of(results, 0, inputs);
  for (std::size_t i = 0; i < kStretches; ++i)
    out.along.push_back(
        stretch_of(results, inputs * i / kStretches, inputs * (i + 1) / kStretches));
  out.rises = rises_of(results, samples);
  return out;
}

}  // namespace assay::probe
