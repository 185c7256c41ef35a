#include "harness/analysis/simulations.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/simulator/stopping.h"
#include "harness/stats/rates.h"

namespace assay::analysis {
namespace {

using simulator::Rule;
using simulator::Subject;

constexpr int kFitKMax = 200, kVerdictsKMax = 1000;  // where nobody asked for another

std::size_t place_in(const std::vector<stats::ModelCounts>& all, const stats::ModelCounts& one) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const stats::ModelCounts& m) {
    return m.dataset == one.dataset && m.model == one.model;
  });
  ASSAY_INVARIANT(at != all.end());
  return static_cast<std::size_t>(at - all.begin());
}

/// On a fit nothing is known of a sample but its verdict.
Subject subject_of_fit(const stats::ModelCounts& counts, int wrong_ways) {
  Subject out{counts.dataset, counts.model, counts.proxy, counts.gold};
  out.task_ids = counts.task_ids;
  out.notes.push_back(
      fmt::format("on a fit best-of knows only whether a sample was accepted, and in majority "
                  "wrong programs are taken to behave in {} way(s)",
                  wrong_ways));
  return out;
}

std::vector<Subject> subjects(store::Database& database,
                              const std::vector<store::StoredModel>& models,
                              const std::vector<stats::ModelCounts>& counts,
                              const SimulationOptions& options) {
  std::vector<Subject> out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (options.progress)
      options.progress("reading verdicts", static_cast<std::int64_t>(i),
                       static_cast<std::int64_t>(counts.size()));
    out.push_back(options.on_fit ? subject_of_fit(counts[i], options.simulate.wrong_ways)
                                 : subject_of(database, models[i], counts[i],
                                              {options.agreement, options.simulate.wrong_ways}));
  }
  return out;
}

/// The belief of the rational rule, or why there is none.
void add_belief(const SimulationOptions& options, const stats::ModelCounts& counts, Subject& out) {
  if (!options.fit) {
    out.belief_missing = "the rational rule needs a belief: " + options.fit_missing;
    return;
  }
  out.belief = simulator::belief_before(options.fit->fit, options.fit->all,
                                        place_in(options.fit->all, counts));
  if (out.belief.draws == 0)
    out.belief_missing = "the fit holds no belief about this model; run `assay fit`";
  else if (out.belief.problems() == 1 && out.task_ids.size() > 1)
    out.notes.emplace_back(
        "the fit knows no problem from another before this model has tried it, so the rational "
        "rule has the same K for all");
}

/// What the simulation says the counts are: the urns', where there are urns.
std::vector<stats::ModelCounts> counts_of(const std::vector<Subject>& subjects,
                                          std::vector<stats::ModelCounts> counts) {
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    if (subjects[i].urns.empty()) continue;
    counts[i].task_ids = subjects[i].task_ids, counts[i].problems.clear();
    for (const simulator::Urn& urn : subjects[i].urns) counts[i].problems.push_back(urn.counts());
  }
  return counts;
}

}  // namespace

std::vector<simulator::Simulation> simulations(store::Database& database,
                                               const std::vector<store::StoredModel>& models,
                                               const std::vector<stats::ModelCounts>& counts,
                                               const SimulationOptions& options) {
  ASSAY_INVARIANT(models.size() == counts.size());
  simulator::SimulateOptions wanted = options.simulate;
  wanted.k_max = options.k_max.value_or(kFitKMax);
  simulator::check(wanted);
  if (options.on_fit && !options.fit) throw Error(options.fit_missing);
  std::vector<Subject> all = subjects(database, models, counts, options);
  std::vector<simulator::Posterior> posteriors;
  if (options.on_fit) posteriors = simulator::posteriors(options.fit->fit, options.fit->all);
  const bool rational = std::count(wanted.rules.begin(), wanted.rules.end(), Rule::rational) > 0;
  const std::vector<stats::ModelCounts> known = counts_of(all, counts);
  std::vector<simulator::Simulation> out(all.size());
  std::int64_t done = 0;
  for (const std::vector<std::size_t>& members : stats::by_dataset(known)) {
    std::vector<const stats::ModelCounts*> group;
    for (const std::size_t i : members) group.push_back(&known[i]);
    const stats::Universe universe = stats::universe(group);
    const stats::Resamples resamples =
        stats::resample_problems(universe.task_ids.size(), wanted.bootstrap, group[0]->dataset);
    for (std::size_t j = 0; j < members.size(); ++j) {
      const std::size_t i = members[j];
      if (options.progress)
        options.progress("simulating", done++, static_cast<std::int64_t>(out.size()));
      if (rational) add_belief(options, counts[i], all[i]);
      if (options.on_fit) {
        all[i].posterior = posteriors[place_in(options.fit->all, counts[i])];
        if (all[i].posterior.draws == 0)
          throw Error(
              fmt::format("the fit has no posterior of {}: run `assay fit` on it, without --module",
                          counts[i].model));
        out[i] = simulator::simulate_fit(all[i], wanted);
        continue;
      }
      wanted.k_max = options.k_max.value_or(
          static_cast<int>(std::min<std::int64_t>(kVerdictsKMax, stats::smallest_n(known[i]))));
      out[i] = simulator::simulate_verdicts(all[i], resamples, universe.index[j], wanted);
    }
  }
  return out;
}

}  // namespace assay::analysis
