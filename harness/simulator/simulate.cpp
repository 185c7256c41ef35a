#include "harness/simulator/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "harness/base/error.h"
#include "harness/simulator/stopping.h"
#include "harness/stats/choice.h"
#include "harness/stats/parallel.h"

namespace assay::simulator {
namespace {

constexpr int kTrajectoriesMax = 1'000'000, kWrongWaysMax = 1'000'000;
constexpr std::size_t kBlock = 32;  // values of K whose replicates are held at once

/// Means over problems at one K: of all problems as they are, and in each replicate. A replicate
/// that drew none of the model's problems is NaN.
struct Means {
  double tp = 0, fp = 0, draws = 0;
  std::vector<double> tps, fps, drawss;
};

double worth_of(const Means& m, const stats::Costs& c) { return c.worth(m.tp, m.fp, m.draws); }
double worth_of(const Means& m, std::size_t r, const stats::Costs& c) {
  return c.worth(m.tps[r], m.fps[r], m.drawss[r]);
}

/// From values per problem to Means; the two sources differ in nothing else.
class Source {
 public:
  virtual ~Source() = default;
  /// Values of K that a rule with a budget is tried at.
  virtual const std::vector<int>& k() const = 0;
  /// The rule's means at k()[begin], ..., k()[end - 1].
  virtual std::vector<Means> means(Rule rule, std::size_t begin, std::size_t end) = 0;
  /// Of stopping at the first acceptance, or after stops[i] rejections on problem i.
  virtual Means stopped(const std::vector<int>& stops) = 0;
  /// Variance of the mean worth of a simulated rule at k()[at] from the finite number of its
  /// trajectories.
  virtual double simulation_variance(Rule rule, std::size_t at, const stats::Costs& costs) = 0;
  /// From the least to the largest K that the problems cannot tell from k()[best]; empty where the
  /// replicates say it.
  virtual std::optional<stats::Interval> k_interval(Rule, std::size_t, const stats::Costs&) {
    return std::nullopt;
  }
};

/// Var of an outcome that is 1, -lambda or 0.
double outcome_variance(double tp, double fp, double lambda) {
  const double mean = tp - lambda * fp;
  return std::max(0.0, tp + lambda * lambda * fp - mean * mean);
}

class VerdictSource : public Source {
 public:
  VerdictSource(const Subject& subject, const stats::Resamples& resamples,
                const std::vector<std::size_t>& place, const SimulateOptions& options)
      : subject_(subject), resamples_(resamples), place_(place), options_(options) {
    for (int k = 0; k <= options.k_max; ++k) k_.push_back(k);
    std::vector<double> column(resamples.problems);
    for (const std::size_t p : place) column[p] = 1;
    covered_ = stats::weighted_sums(resamples, column, 1, options.bootstrap.threads);
  }

  const std::vector<int>& k() const override { return k_; }

  std::vector<Means> means(Rule rule, std::size_t begin, std::size_t end) override {
    return averaged(curves(rule), begin, end);
  }

  Means stopped(const std::vector<int>& stops) override {
    std::vector<RuleCurve> each(subject_.urns.size());
    stats::parallel_for(each.size(), options_.bootstrap.threads, [&](std::size_t i) {
      each[i] = first_curve(subject_.urns[i], std::span(&stops[i], 1));
    });
    return averaged(each, 0, 1)[0];
  }

  double simulation_variance(Rule rule, std::size_t at, const stats::Costs& costs) override {
    double sum = 0;
    for (std::size_t i = 0; i < subject_.urns.size(); ++i) {
      const stats::Counts counts = subject_.urns[i].counts();
      if (counts.tp == 0 || counts.fp == 0) continue;  // exact
      const RuleCurve& c = curves(rule)[i];
      sum += outcome_variance(c.tp[at], c.fp[at], costs.lambda) / options_.trajectories;
    }
    const double problems = static_cast<double>(subject_.urns.size());
    return sum / (problems * problems);
  }

  std::optional<stats::Interval> k_interval(Rule rule, std::size_t best,
                                            const stats::Costs& costs) override {
    const std::vector<RuleCurve>& all = curves(rule);
    if (all.size() < 2) return std::nullopt;
    const auto worths = [&](std::size_t at) {
      std::vector<double> out;
      for (const RuleCurve& c : all) out.push_back(costs.worth(c.tp[at], c.fp[at], c.draws[at]));
      return out;
    };
    const std::vector<double> own(all.size(), 1), at_best = worths(best);
    const double reach = stats::worth_reach(costs, k_.back());
    std::optional<stats::Interval> out;
    for (std::size_t at = 0; at < k_.size(); ++at) {
      if (!stats::as_good(worths(at), at_best, own, reach, options_.bootstrap.level)) continue;
      if (!out) out = stats::Interval{1.0 * k_[at], 0};
      out->hi = k_[at];
    }
    return out;
  }

 private:
  const std::vector<RuleCurve>& curves(Rule rule) {
    std::vector<RuleCurve>& out = curves_[rule];
    if (!out.empty()) return out;
    out.resize(subject_.urns.size());
    stats::parallel_for(out.size(), options_.bootstrap.threads, [&](std::size_t i) {
      const Urn& urn = subject_.urns[i];
      RandomStream random(options_.seed, "orders " + subject_.model + "\n" + urn.task_id);
      out[i] = rule == Rule::first     ? first_curve(urn, k_)
               : rule == Rule::best_of ? best_of_curve(urn, k_)
                                       : majority_curve(urn, k_, options_.trajectories, random);
    });
    return out;
  }

  std::vector<Means> averaged(const std::vector<RuleCurve>& curves, std::size_t begin,
                              std::size_t end) const {
    const std::size_t width = end - begin, replicates = resamples_.replicates;
    std::vector<double> x(resamples_.problems * 3 * width);
    std::vector<Means> out(width);
    const double problems = static_cast<double>(curves.size());
    for (std::size_t i = 0; i < curves.size(); ++i)
      for (std::size_t j = 0; j < width; ++j) {
        const double tp = curves[i].tp[begin + j], fp = curves[i].fp[begin + j];
        const double draws = curves[i].draws[begin + j];
        double* at = &x[(place_[i] * width + j) * 3];
        at[0] = tp, at[1] = fp, at[2] = draws;
        out[j].tp += tp / problems, out[j].fp += fp / problems, out[j].draws += draws / problems;
      }
    const std::vector<double> sums =
        stats::weighted_sums(resamples_, x, 3 * width, options_.bootstrap.threads);
    for (std::size_t j = 0; j < width; ++j) {
      std::vector<double>* parts[3] = {&out[j].tps, &out[j].fps, &out[j].drawss};
      for (std::size_t part = 0; part < 3; ++part)
        for (std::size_t r = 0; r < replicates; ++r)
          parts[part]->push_back(sums[(3 * j + part) * replicates + r] / covered_[r]);
    }
    return out;
  }

  const Subject& subject_;
  const stats::Resamples& resamples_;
  const std::vector<std::size_t>& place_;
  const SimulateOptions& options_;
  std::vector<int> k_;
  std::vector<double> covered_;  ///< how many of the model's problems each replicate drew
  std::map<Rule, std::vector<RuleCurve>> curves_;
};

/// A replicate is a posterior draw, with its own weights of the problems.
class FitSource : public Source {
 public:
  FitSource(const Subject& subject, const SimulateOptions& options)
      : subject_(subject), options_(options), k_(k_grid(options.k_max)) {
    PosteriorOptions weights;
    weights.seed = options.bootstrap.seed;
    weights_ = problem_weights(subject.posterior, weights);
    orders_ = std::max<int>(1, options.trajectories / static_cast<int>(subject.posterior.draws));
  }

  const std::vector<int>& k() const override { return k_; }

  std::vector<Means> means(Rule rule, std::size_t begin, std::size_t end) override {
    std::vector<Means>& all = means_[rule];
    if (all.empty())
      all = averaged(k_.size(), [&](std::size_t s, std::size_t i) {
        RandomStream random(options_.seed, fmt::format("draw {} of {}\n{}", s, subject_.model,
                                                       subject_.task_ids[i]));
        return rule == Rule::first ? first_curve(rates(s, i), k_)
               : rule == Rule::best_of
                   ? best_of_curve(rates(s, i), k_)
                   : majority_curve(rates(s, i), k_, orders_, options_.wrong_ways, random);
      });
    return {all.begin() + static_cast<std::ptrdiff_t>(begin),
            all.begin() + static_cast<std::ptrdiff_t>(end)};
  }

  Means stopped(const std::vector<int>& stops) override {
    return averaged(1, [&](std::size_t s, std::size_t i) {
      return first_curve(rates(s, i), std::span(&stops[i], 1));
    })[0];
  }

  double simulation_variance(Rule rule, std::size_t at, const stats::Costs& costs) override {
    const Means& m = means_[rule][at];
    const double trajectories = static_cast<double>(orders_) *
                                static_cast<double>(subject_.posterior.draws) *
                                static_cast<double>(subject_.posterior.problems());
    return outcome_variance(m.tp, m.fp, costs.lambda) / trajectories;
  }

 private:
  Rates rates(std::size_t s, std::size_t i) const {
    const Posterior& p = subject_.posterior;
    const std::size_t at = s * p.problems() + i;
    return {p.log_reject[at], p.precision[at], p.rejected_correct[at]};
  }

  std::vector<Means> averaged(
      std::size_t size, const std::function<RuleCurve(std::size_t, std::size_t)>& curve) const {
    const std::size_t draws = subject_.posterior.draws, problems = subject_.posterior.problems();
    std::vector<Means> out(size);
    for (Means& m : out) m.tps.resize(draws), m.fps.resize(draws), m.drawss.resize(draws);
    stats::parallel_for(draws, options_.bootstrap.threads, [&](std::size_t s) {
      for (std::size_t i = 0; i < problems; ++i) {
        const RuleCurve c = curve(s, i);
        const double weight = weights_[s * problems + i];
        for (std::size_t j = 0; j < size; ++j) {
          out[j].tps[s] += weight * c.tp[j];
          out[j].fps[s] += weight * c.fp[j];
          out[j].drawss[s] += weight * c.draws[j];
        }
      }
    });
    const auto mean = [&](const std::vector<double>& values) {
      double sum = 0;
      for (const double v : values) sum += v;
      return sum / static_cast<double>(draws);
    };
    for (Means& m : out) m.tp = mean(m.tps), m.fp = mean(m.fps), m.draws = mean(m.drawss);
    return out;
  }

  const Subject& subject_;
  const SimulateOptions& options_;
  std::vector<int> k_;
  std::vector<double> weights_;
  int orders_ = 1;
  std::map<Rule, std::vector<Means>> means_;
};

/// A rule's best K and what it is worth there, as it is and in every replicate.
struct Best {
  std::size_t at = 0;  ///< place in the grid
  double worth = 0, tp = 0, fp = 0, draws = 0;
  double last = 0;  ///< worth at the last K looked at
  std::vector<double> worths, ks;
};

/// Looks at one K after another, in ascending order; ties stay with the smallest.
void look(const Means& now, std::size_t at, int k, const stats::Costs& costs, Best& best) {
  const std::size_t replicates = now.tps.size();
  const double worth = best.last = worth_of(now, costs);
  if (at == 0 || worth > best.worth + stats::kTieWidth)
    best.at = at, best.worth = worth, best.tp = now.tp, best.fp = now.fp, best.draws = now.draws;
  if (at == 0) best.worths.assign(replicates, 0), best.ks.assign(replicates, 0);
  for (std::size_t r = 0; r < replicates; ++r) {
    const double here = worth_of(now, r, costs);
    if (at == 0 || std::isnan(here) || here > best.worths[r] + stats::kTieWidth)
      best.worths[r] = here, best.ks[r] = std::isnan(here) ? here : k;
  }
}

/// Percentiles of the replicates that drew a problem of this model; empty where too few did, or
/// where one problem is all there is.
std::optional<stats::Interval> interval_of(const std::vector<double>& values, std::size_t problems,
                                           double level) {
  std::vector<double> kept;
  for (const double v : values)
    if (!std::isnan(v)) kept.push_back(v);
  if (problems < 2 || kept.size() * 10 < values.size() * 9) return std::nullopt;
  return stats::percentile_interval(kept, level);
}

std::vector<double> minus(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out;
  for (std::size_t i = 0; i < a.size(); ++i) out.push_back(a[i] - b[i]);
  return out;
}

class Player {
 public:
  Player(const Subject& subject, Source& source, const SimulateOptions& options)
      : subject_(subject), source_(source), options_(options) {}

  Simulation play() {
    Simulation out{subject_.dataset, subject_.model, subject_.proxy, subject_.gold};
    out.problems = subject_.task_ids.size(), out.k = source_.k(), out.notes = subject_.notes;
    for (const stats::Costs& costs : options_.costs) out.worth.push_back({costs, {}, {}});
    const std::vector<Best> fixed = play_budget(Rule::first, out);
    for (std::size_t c = 0; c < fixed.size(); ++c)
      out.worth[c].best_fixed = described(Rule::first, fixed[c], fixed[c], options_.costs[c]);
    add_paths(out);
    for (const Rule rule : options_.rules) {
      if (rule == Rule::rational) {
        for (std::size_t c = 0; c < fixed.size(); ++c)
          out.worth[c].rules.push_back(rational(options_.costs[c], fixed[c]));
        continue;
      }
      const std::vector<Best> best = rule == Rule::first ? fixed : play_budget(rule, out);
      for (std::size_t c = 0; c < best.size(); ++c)
        out.worth[c].rules.push_back(described(rule, best[c], fixed[c], options_.costs[c]));
    }
    return out;
  }

 private:
  /// The best K for every costs; adds the rule's curve.
  std::vector<Best> play_budget(Rule rule, Simulation& out) {
    std::vector<Best> best(options_.costs.size());
    RuleMeans& means = out.curves.emplace_back();
    means.rule = rule, means.exact = rule != Rule::majority;
    for (std::size_t begin = 0; begin < out.k.size(); begin += kBlock) {
      const std::size_t end = std::min(begin + kBlock, out.k.size());
      const std::vector<Means> block = source_.means(rule, begin, end);
      for (const Means& m : block) {
        means.curve.tp.push_back(m.tp), means.curve.fp.push_back(m.fp);
        means.curve.draws.push_back(m.draws);
      }
      stats::parallel_for(best.size(), options_.bootstrap.threads, [&](std::size_t c) {
        for (std::size_t j = 0; j < block.size(); ++j)
          look(block[j], begin + j, out.k[begin + j], options_.costs[c], best[c]);
      });
    }
    return best;
  }

  RuleWorth described(Rule rule, const Best& best, const Best& fixed, const stats::Costs& costs) {
    const std::size_t problems = subject_.task_ids.size();
    const double level = options_.bootstrap.level;
    RuleWorth out;
    out.rule = rule;
    out.worth = {best.worth, interval_of(best.worths, problems, level)};
    out.tp = best.tp, out.fp = best.fp, out.draws = best.draws;
    out.gain = {best.worth - fixed.worth,
                interval_of(minus(best.worths, fixed.worths), problems, level)};
    if (rule == Rule::rational) return out;
    out.k = source_.k()[best.at];
    out.k_interval = source_.k_interval(rule, best.at, costs);
    if (!out.k_interval) out.k_interval = interval_of(best.ks, problems, level);
    out.at_least = *out.k > 0 && stats::unsurpassed(best.last, best.worth);
    if (rule == Rule::majority)
      out.simulation_error = std::sqrt(source_.simulation_variance(rule, best.at, costs));
    return out;
  }

  RuleWorth rational(const stats::Costs& costs, const Best& fixed) {
    if (subject_.belief.draws == 0) {
      RuleWorth none;
      none.rule = Rule::rational, none.reason = subject_.belief_missing;
      return none;
    }
    StoppingTable table = rational_stops(subject_.belief, costs, options_.k_max);
    if (table.k.size() == 1) {  // one problem stands for all
      table.k.assign(subject_.task_ids.size(), table.k[0]);
      table.bound.assign(subject_.task_ids.size(), table.bound[0]);
    }
    ASSAY_INVARIANT(table.k.size() == subject_.task_ids.size());
    Best best;
    look(source_.stopped(table.k), 0, 0, costs, best);
    RuleWorth out = described(Rule::rational, best, fixed, costs);
    out.stopped_by_k_max =
        static_cast<double>(std::count(table.bound.begin(), table.bound.end(), 1)) /
        static_cast<double>(table.bound.size());
    return out;
  }

  /// REQUIRES: the first curve is that of Rule::first.
  void add_paths(Simulation& out) const {
    const RuleCurve& c = out.curves.front().curve;
    const stats::Curve mean{{}, c.tp, c.fp, c.draws};
    for (const stats::Costs& costs : options_.costs) {
      const auto same = [&](const KappaPath& path) { return path.kappa == costs.kappa; };
      if (std::any_of(out.path.begin(), out.path.end(), same)) continue;
      KappaPath& path =
          out.path.emplace_back(KappaPath{costs.kappa, optimal_path(mean, costs.kappa)});
      for (stats::PathStep& step : path.steps) step.k = out.k[static_cast<std::size_t>(step.k)];
    }
  }

  const Subject& subject_;
  Source& source_;
  const SimulateOptions& options_;
};

}  // namespace

void check(const SimulateOptions& options) {
  if (options.trajectories < 1 || options.trajectories > kTrajectoriesMax)
    throw Error(fmt::format("{} trajectories were asked for; use 1 to {}", options.trajectories,
                            kTrajectoriesMax));
  if (options.wrong_ways < 1 || options.wrong_ways > kWrongWaysMax)
    throw Error(fmt::format("wrong programs cannot behave in {} ways; use 1 to {}",
                            options.wrong_ways, kWrongWaysMax));
  if (options.k_max < 0)
    throw Error(fmt::format("K = {} has no meaning: it must be at least 0", options.k_max));
  for (const stats::Costs& costs : options.costs) stats::check(costs);
}

Simulation simulate_verdicts(const Subject& subject, const stats::Resamples& resamples,
                             const std::vector<std::size_t>& place,
                             const SimulateOptions& options) {
  check(options);
  ASSAY_INVARIANT(!subject.urns.empty() && subject.urns.size() == place.size() &&
                  subject.task_ids.size() == place.size());
  VerdictSource source(subject, resamples, place, options);
  return Player(subject, source, options).play();
}

Simulation simulate_fit(const Subject& subject, const SimulateOptions& options) {
  check(options);
  if (options.k_max > kSearchMax)
    throw Error(fmt::format("K up to {} was asked for; the fitted model answers for 0 to {}",
                            options.k_max, kSearchMax));
  ASSAY_INVARIANT(subject.posterior.draws > 0 &&
                  subject.posterior.problems() == subject.task_ids.size());
  FitSource source(subject, options);
  return Player(subject, source, options).play();
}

}  // namespace assay::simulator
