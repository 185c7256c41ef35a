#include "harness/stats/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/stats/choice.h"
#include "harness/stats/limits_bands.h"
#include "harness/stats/parallel.h"
#include "harness/stats/rates.h"

namespace assay::stats {
namespace {

int last_k(const ModelCounts& counts, const LimitsOptions& options) {
  const std::int64_t samples = smallest_n(counts);
  const int n_min = static_cast<int>(std::min<std::int64_t>(samples, kDrawsMax));
  const int wanted = options.k_max.value_or(n_min);
  if (wanted > n_min && samples > n_min && !options.beyond_samples)
    throw Error(
        fmt::format("K up to {} was asked for, but exact curves end at K = {}", wanted, n_min));
  if (options.k_max.value_or(1) < 1)
    throw Error(fmt::format("K up to {} has no meaning: it must be at least 1", *options.k_max));
  if (wanted > n_min && !options.beyond_samples)
    throw Error(
        fmt::format("K up to {} was asked for, but a problem of model {} has only {} "
                    "samples; ask for at most {}, or run `assay fit` first",
                    wanted, counts.model, n_min, n_min));
  return std::min(wanted, n_min);
}

UtilityCurve utility_curve(const Curve& mean, const Costs& costs) {
  UtilityCurve out;
  out.costs = costs;
  out.value = utility(mean, costs);
  const Optimum best = best_k(out.value);
  out.k_opt = best.k;
  out.utility_opt = best.utility;
  out.censored = best.censored;
  out.regret_lo = best.band_lo;
  out.regret_hi = best.band_hi;
  return out;
}

LimitsRow point_row(const ModelCounts& counts, const LimitsOptions& options) {
  LimitsRow row{counts.dataset, counts.model, counts.proxy, counts.gold};
  row.problems = static_cast<std::int64_t>(counts.problems.size());
  if (counts.problems.empty()) {
    row.notes.emplace_back("no problem has a verdict");
    return row;
  }
  const int k_max = last_k(counts, options);
  row.n_min = static_cast<int>(smallest_n(counts));
  for (int k = 0; k <= k_max; ++k) row.k.push_back(k);
  row.mean = mean_curve(counts, k_max);
  row.fdr_by_attempt = fdr_by_attempt(counts, k_max);
  row.fdr_by_attempt_paper = fdr_by_attempt(counts, k_max, AttemptWeighting::paper);
  row.cumulative_precision = cumulative_precision(row.mean);
  row.selection_loss = selection_loss(counts, k_max);
  for (double kappa : options.kappas)
    for (double lambda : options.lambdas)
      row.utility.push_back(utility_curve(row.mean, {lambda, kappa}));
  if (fp_impossible(counts)) {  // by definition, so there is nothing to show
    for (auto* curve : {&row.fdr_by_attempt, &row.fdr_by_attempt_paper, &row.cumulative_precision})
      std::fill(curve->begin(), curve->end(), std::nullopt);
    row.notes.push_back(
        fmt::format("{} is proxy and gold at once, so no false positive can show", row.gold));
  }
  if (row.n_min > kDrawsMax && k_max == kDrawsMax)
    row.notes.push_back(
        fmt::format("exact curves end at K = {}, before the {} samples do", k_max, row.n_min));
  if (row.problems == 1) row.notes.emplace_back("one problem: bands need at least two");
  if (row.mean.accepted.back() == 0)
    row.notes.emplace_back("no sample was accepted: fdr and precision are undefined");
  return row;
}

double mean_accuracy(const ModelCounts& counts) {
  double sum = 0;
  for (const Counts& c : counts.problems) sum += c.accuracy();
  return sum / static_cast<double>(counts.problems.size());
}

/// The problems that both models cover, without their names, and their places among the weak one's.
struct Common {
  ModelCounts weak, strong;
  std::vector<std::size_t> at;
};

Common common(const ModelCounts& a, const ModelCounts& b) {
  Common out{{a.dataset, a.model}, {b.dataset, b.model}, {}};
  for (std::size_t i = 0, j = 0; i < a.task_ids.size() && j < b.task_ids.size();) {
    const int order = a.task_ids[i].compare(b.task_ids[j]);
    if (order == 0) {
      out.weak.problems.push_back(a.problems[i]), out.strong.problems.push_back(b.problems[j]);
      out.at.push_back(i);
    }
    i += order <= 0, j += order >= 0;
  }
  return out;
}

/// TP_K in the mean over problems, up to all draws.
std::vector<double> whole_curve(const ModelCounts& counts) {
  return mean_curve(counts, static_cast<int>(std::min<std::int64_t>(smallest_n(counts), kDrawsMax)))
      .tp;
}

/// exact_match of two models on the same problems; `curve` is the weak one's.
Match match_of(const ModelCounts& weak, const ModelCounts& strong,
               const std::vector<double>& curve) {
  Match out;
  out.strong = strong.model;
  const double target = mean_accuracy(strong);
  out.k = first_reaching(curve, target - kTieWidth);
  out.problems = static_cast<std::int64_t>(weak.problems.size());
  out.target = target;
  double ceiling_upper = 0;
  for (const Counts& c : weak.problems)
    ceiling_upper +=
        c.accepted() == 0 ? 1 : static_cast<double>(c.tp) / static_cast<double>(c.accepted());
  out.infinite = ceiling_upper / static_cast<double>(weak.problems.size()) < target - kTieWidth;
  return out;
}

/// That what the weak model reaches, a problem, is in the mean at least the strong one's accuracy:
/// TP_K grows with K, so some K up to the last does it where the last does.
std::optional<double> match_confidence(const Common& both, const std::vector<double>& reached,
                                       double level) {
  if (both.at.size() < 2) return std::nullopt;
  std::vector<double> gain;
  for (std::size_t i = 0; i < both.at.size(); ++i)
    gain.push_back(reached[both.at[i]] - both.strong.problems[i].accuracy());
  constexpr Interval kDifferences = {-1, 1};
  const std::vector<double> ones(gain.size(), 1);
  return confidence_above(ratio_estimate(gain, ones, kDifferences, level), -kTieWidth,
                          kDifferences);
}

/// Against the models of a higher accuracy on the problems both cover, with K up to k_max.
std::vector<Match> matches(const std::vector<const ModelCounts*>& group, const ModelCounts& weak,
                           int k_max, double level) {
  std::vector<double> reached;
  for (const Counts& c : weak.problems) reached.push_back(problem_curve(c, k_max).tp.back());
  const std::vector<double> of_all = whole_curve(weak);
  std::vector<Match> out;
  for (const ModelCounts* strong : group) {
    const Common both = common(weak, *strong);
    if (both.at.empty() || mean_accuracy(both.strong) <= mean_accuracy(both.weak)) continue;
    const bool all = both.at.size() == weak.problems.size();
    out.push_back(match_of(both.weak, both.strong, all ? of_all : whole_curve(both.weak)));
    out.back().probability = match_confidence(both, reached, level);
  }
  return out;
}

}  // namespace

Match exact_match(const ModelCounts& weak, const ModelCounts& strong) {
  const Common both = common(weak, strong);
  if (!both.at.empty()) return match_of(both.weak, both.strong, whole_curve(both.weak));
  Match nothing;
  nothing.strong = strong.model;
  return nothing;
}

LimitsResult limits(const std::vector<ModelCounts>& models, const LimitsOptions& options) {
  check(options.bootstrap);
  for (double lambda : options.lambdas) check(Costs{lambda, 0});
  for (double kappa : options.kappas) check(Costs{0, kappa});
  for (const ModelCounts& m : models) check(m);
  LimitsResult out;
  out.rows.resize(models.size());
  for (const std::vector<std::size_t>& members : by_dataset(models)) {
    std::vector<const ModelCounts*> group;
    for (std::size_t i : members) group.push_back(&models[i]);
    const Universe all = universe(group);
    const Resamples resamples =
        resample_problems(all.task_ids.size(), options.bootstrap, group[0]->dataset);
    // A thread a model where there are models enough, else all threads on one model.
    BootstrapOptions bands = options.bootstrap;
    const bool apart = group.size() >= threads_of(bands.threads);
    if (apart) bands.threads = 1;
    parallel_for(group.size(), apart ? options.bootstrap.threads : 1, [&](std::size_t g) {
      LimitsRow row = point_row(*group[g], options);
      if (row.problems > 1) add_bands(*group[g], all.index[g], resamples, bands, row);
      if (row.problems > 0) row.k_match = matches(group, *group[g], row.k.back(), bands.level);
      out.rows[members[g]] = std::move(row);
    });
    out.regression.push_back(regression(group, options.bootstrap));
  }
  return out;
}

}  // namespace assay::stats
