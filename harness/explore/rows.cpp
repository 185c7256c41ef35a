#include "harness/explore/rows.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/base/error.h"
#include "harness/search/weights.h"

namespace assay::explore {

namespace {

/// Sums of one strategy at one n, by problem.
struct Cell {
  explicit Cell(std::size_t problems)
      : right(problems),
        accepted(problems),
        wrong_accepted(problems),
        abstained(problems),
        count(problems) {}
  std::vector<double> right, accepted, wrong_accepted, abstained, count;
  bool asked = false;  ///< the verifier, about any answer
};

std::size_t cell_of(const Plan& plan, const Answer& answer) {
  const auto n = std::find(plan.n.begin(), plan.n.end(), answer.n);
  ASSAY_INVARIANT(n != plan.n.end());
  return answer.strategy * plan.n.size() + static_cast<std::size_t>(n - plan.n.begin());
}

std::vector<Cell> cells(const Task& task, const Plan& plan, const std::vector<Answer>& answers) {
  std::vector<Cell> out(plan.strategies.size() * plan.n.size(), Cell(task.problems.size()));
  for (const Answer& answer : answers) {
    Cell& cell = out[cell_of(plan, answer)];
    cell.right[answer.problem] += answer.truth;
    cell.accepted[answer.problem] += answer.accepted;
    cell.wrong_accepted[answer.problem] += answer.accepted ? 1 - answer.truth : 0;
    cell.abstained[answer.problem] += answer.abstained;
    cell.asked |= answer.judged || answer.calls > 0;
    cell.count[answer.problem] += 1;
  }
  return out;
}

/// Means by step over searches of different lengths.
class MeanByStep {
 public:
  void add(const std::vector<double>& values) {
    if (sums_.size() < values.size()) sums_.resize(values.size()), counts_.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) sums_[i] += values[i], ++counts_[i];
  }
  std::vector<double> means() const {
    std::vector<double> out;
    for (std::size_t i = 0; i < sums_.size(); ++i) out.push_back(sums_[i] / counts_[i]);
    return out;
  }

 private:
  std::vector<double> sums_, counts_;
};

/// Estimates of one problem's Z.
struct Estimates {
  std::vector<double> logs;  ///< minus infinity: 0
  double zero = 0;
  void add(double log) {
    logs.push_back(log);
    zero += !std::isfinite(log);
  }
  double log_mean() const {
    return search::log_sum_exp(logs) - std::log(static_cast<double>(logs.size()));
  }
};

/// The n at which a curve of accuracies reaches `level`, between the n tried; none if it does not.
std::optional<double> reached_at(const std::vector<int>& n, const std::vector<double>& accuracy,
                                 double level) {
  double best = -1;
  for (std::size_t i = 0; i < n.size(); ++i) {
    if (accuracy[i] >= level) {
      if (i == 0 || accuracy[i] <= best) return n[i];
      const double share = (level - best) / (accuracy[i] - best);
      return std::exp2(std::log2(n[i - 1]) + share * (std::log2(n[i]) - std::log2(n[i - 1])));
    }
    best = std::max(best, accuracy[i]);
  }
  return std::nullopt;
}

}  // namespace

std::vector<Row> rows(const Task& task, const Plan& plan, const std::vector<Answer>& answers,
                      const stats::BootstrapOptions& options) {
  const std::vector<Cell> all = cells(task, plan, answers);
  stats::check(options);
  std::vector<Row> out;
  for (std::size_t c = 0; c < all.size(); ++c) {
    const Cell& cell = all[c];
    Row row;
    row.strategy = c / plan.n.size();
    row.n = plan.n[c % plan.n.size()];
    row.problems = static_cast<std::int64_t>(task.problems.size());
    row.repeats = plan.repeats;
    const auto estimates = stats::ratio_estimates({{cell.right, cell.count},
                                                   {cell.accepted, cell.count},
                                                   {cell.wrong_accepted, cell.accepted},
                                                   {cell.wrong_accepted, cell.count},
                                                   {cell.abstained, cell.count}},
                                                  options.level);
    row.accuracy = estimates[0];
    if (cell.asked) {
      row.accepted = estimates[1];
      row.fdr = estimates[2];
      row.fp_mass = estimates[3];
    }
    row.abstained = estimates[4];
    out.push_back(std::move(row));
  }
  std::vector<double> counts(all.size());
  std::vector<MeanByStep> sizes(all.size()), ancestors(all.size());
  std::vector<std::map<std::size_t, Estimates>> estimates(all.size());  // of Z, by problem
  for (const Answer& answer : answers) {
    const std::size_t c = cell_of(plan, answer);
    Row& row = out[c];
    ++counts[c];
    row.generations += static_cast<double>(answer.generations);
    row.tokens += static_cast<double>(answer.tokens);
    row.tokens_scored += static_cast<double>(answer.tokens_scored);
    row.calls += static_cast<double>(answer.calls);
    if (answer.log_z) estimates[c][answer.problem].add(*answer.log_z);
    sizes[c].add(answer.effective_size);
    ancestors[c].add({answer.ancestors.begin(), answer.ancestors.end()});
  }
  for (std::size_t c = 0; c < all.size(); ++c) {
    Row& row = out[c];
    for (double* sum : {&row.generations, &row.tokens, &row.tokens_scored, &row.calls})
      *sum /= counts[c];
    row.effective_size = sizes[c].means();
    row.ancestors = ancestors[c].means();
    double sum = 0, problems = 0, zero = 0, estimated = 0;
    for (const auto& [problem, of_one] : estimates[c]) {
      estimated += static_cast<double>(of_one.logs.size()), zero += of_one.zero;
      if (of_one.zero == static_cast<double>(of_one.logs.size())) continue;
      sum += of_one.log_mean(), ++problems;
    }
    if (problems > 0) row.log_z = sum / problems;
    if (estimated > 0) row.zero_z = zero / estimated;
  }
  return out;
}

std::size_t reference_of(const Plan& plan) {
  return static_cast<std::size_t>(
      std::find_if(plan.strategies.begin(), plan.strategies.end(),
                   [](const auto& one) { return one.kind == search::Kind::particle; }) -
      plan.strategies.begin());
}

int compared_at(const std::vector<int>& n) {
  return std::find(n.begin(), n.end(), 8) != n.end() ? 8 : n[n.size() / 2];
}

std::vector<Scaling> scaling(const Task& task, const Plan& plan, const std::vector<Answer>& answers,
                             std::size_t reference, int at_n,
                             const stats::BootstrapOptions& options) {
  const std::vector<Cell> all = cells(task, plan, answers);
  const std::size_t problems = task.problems.size(), columns = all.size();
  const stats::Resamples resamples = stats::resample_problems(problems, options, task.name);
  std::vector<double> x(problems * columns);
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t p = 0; p < problems; ++p)
      x[p * columns + c] = all[c].right[p] / all[c].count[p] / static_cast<double>(problems);
  const std::vector<double> sums = stats::weighted_sums(resamples, x, columns, options.threads);
  std::vector<double> measured(columns, 0);
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t p = 0; p < problems; ++p) measured[c] += x[p * columns + c];

  const auto place =
      static_cast<std::size_t>(std::find(plan.n.begin(), plan.n.end(), at_n) - plan.n.begin());
  ASSAY_INVARIANT(place < plan.n.size());
  // The ratio, and whether it is only a bound, by accuracies in the order of the cells.
  const auto ratio = [&](std::size_t strategy, const std::function<double(std::size_t)>& accuracy) {
    std::vector<double> curve;
    for (std::size_t i = 0; i < plan.n.size(); ++i)
      curve.push_back(accuracy(strategy * plan.n.size() + i));
    const auto at = reached_at(plan.n, curve, accuracy(reference * plan.n.size() + place));
    return std::pair<double, bool>{at.value_or(plan.n.back()) / at_n, !at};
  };
  const std::size_t at_reference = reference * plan.n.size() + place;
  std::vector<Scaling> out;
  for (std::size_t s = 0; s < plan.strategies.size(); ++s) {
    if (s == reference) continue;
    Scaling one{s, reference, at_n};
    if (measured[at_reference] > 0)
      std::tie(one.ratio, one.censored) = ratio(s, [&](std::size_t c) { return measured[c]; });
    std::vector<double> ratios;
    double censored = 0;
    for (std::size_t r = 0; r < resamples.replicates; ++r) {
      const auto accuracy = [&](std::size_t c) { return sums[c * resamples.replicates + r]; };
      if (accuracy(at_reference) <= 0) continue;
      const auto [value, bound] = ratio(s, accuracy);
      ratios.push_back(value);
      censored += bound;
    }
    if (problems > 1 && one.ratio && !ratios.empty()) {
      one.interval = stats::percentile_interval(ratios, options.level);
      one.censored_above = censored > (1 - options.level) / 2 * static_cast<double>(ratios.size());
    }
    out.push_back(one);
  }
  return out;
}

}  // namespace assay::explore
