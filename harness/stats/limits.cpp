#include "harness/stats/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/stats/limits_bands.h"
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
  if (wanted < 0) throw Error(fmt::format("K = {} has no meaning: it must be at least 0", wanted));
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
  for (const Counts& c : counts.problems)
    sum += static_cast<double>(c.correct()) / static_cast<double>(c.n());
  return sum / static_cast<double>(counts.problems.size());
}

/// Both models on the problems both cover.
std::pair<ModelCounts, ModelCounts> common(const ModelCounts& a, const ModelCounts& b) {
  ModelCounts x{a.dataset, a.model}, y{b.dataset, b.model};
  for (std::size_t i = 0, j = 0; i < a.task_ids.size() && j < b.task_ids.size();) {
    if (a.task_ids[i] == b.task_ids[j]) {
      x.task_ids.push_back(a.task_ids[i]), x.problems.push_back(a.problems[i++]);
      y.task_ids.push_back(b.task_ids[j]), y.problems.push_back(b.problems[j++]);
    } else {
      ++(a.task_ids[i] < b.task_ids[j] ? i : j);
    }
  }
  return {x, y};
}

/// TP_K of the weak at its last K minus the strong's accuracy, per problem both cover: TP_K grows
/// with K, so some K reaches the strong model where the sum of these is at least 0. Replicates that
/// drew no problem of both say nothing.
void add_match_probabilities(const std::vector<const ModelCounts*>& group, const Universe& all,
                             const Resamples& resamples, std::size_t weak, LimitsRow& row,
                             const LimitsOptions& options) {
  if (row.k_match.empty() || row.problems < 2) return;
  const std::size_t size = all.task_ids.size();
  std::vector<double> reached(size, NAN);
  const ModelCounts& w = *group[weak];
  for (std::size_t i = 0; i < w.problems.size(); ++i)
    reached[all.index[weak][i]] = problem_curve(w.problems[i], row.k.back()).tp.back();
  struct Pair {
    std::vector<double> gain, both;  ///< per problem; both: 1 where both cover it
  };
  std::vector<Pair> pairs;
  for (std::size_t s = 0; s < group.size() && pairs.size() < row.k_match.size(); ++s) {
    if (group[s]->model != row.k_match[pairs.size()].strong) continue;
    Pair& pair = pairs.emplace_back(std::vector<double>(size), std::vector<double>(size));
    for (std::size_t i = 0; i < group[s]->problems.size(); ++i) {
      const Counts& c = group[s]->problems[i];
      const std::size_t p = all.index[s][i];
      if (std::isnan(reached[p])) continue;
      pair.gain[p] = reached[p] - static_cast<double>(c.correct()) / static_cast<double>(c.n());
      pair.both[p] = 1;
    }
  }
  Columns columns;
  for (const Pair& pair : pairs) columns.add(pair.gain), columns.add(pair.both);
  columns.sum(resamples, options.bootstrap.threads);
  for (std::size_t c = 0; c < pairs.size(); ++c) {
    const std::span<const double> gain = columns.sums(pairs[c].gain);
    const std::span<const double> drawn = columns.sums(pairs[c].both);
    std::size_t known = 0, reaching = 0;
    for (std::size_t r = 0; r < resamples.replicates; ++r) {
      if (drawn[r] == 0) continue;
      ++known;
      reaching += gain[r] >= -kTieWidth;
    }
    if (known * 10 < resamples.replicates * 9) continue;
    row.k_match[c].probability = static_cast<double>(reaching) / static_cast<double>(known);
  }
}

}  // namespace

Match exact_match(const ModelCounts& weak, const ModelCounts& strong) {
  Match out;
  out.strong = strong.model;
  const auto [w, s] = common(weak, strong);
  if (w.problems.empty()) return out;
  const double target = mean_accuracy(s);
  const int k_max = static_cast<int>(std::min<std::int64_t>(smallest_n(w), kDrawsMax));
  out.k = first_reaching(mean_curve(w, k_max).tp, target - kTieWidth);
  out.problems = static_cast<std::int64_t>(w.problems.size());
  out.target = target;
  double ceiling_upper = 0;
  for (const Counts& c : w.problems)
    ceiling_upper +=
        c.accepted() == 0 ? 1 : static_cast<double>(c.tp) / static_cast<double>(c.accepted());
  out.infinite = ceiling_upper / static_cast<double>(w.problems.size()) < target - kTieWidth;
  return out;
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
    for (std::size_t g = 0; g < group.size(); ++g) {
      LimitsRow row = point_row(*group[g], options);
      if (row.problems > 1) add_bands(*group[g], all.index[g], resamples, options.bootstrap, row);
      for (const ModelCounts* strong : group) {
        if (row.problems == 0 || strong->problems.empty()) continue;
        const auto [w, s] = common(*group[g], *strong);
        if (w.problems.empty() || mean_accuracy(s) <= mean_accuracy(w)) continue;
        row.k_match.push_back(exact_match(*group[g], *strong));
      }
      add_match_probabilities(group, all, resamples, g, row, options);
      out.rows[members[g]] = std::move(row);
    }
    out.regression.push_back(regression(group, options.bootstrap));
  }
  return out;
}

}  // namespace assay::stats
