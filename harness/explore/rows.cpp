#include "harness/explore/rows.h"

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"

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
    cell.count[answer.problem] += 1;
  }
  return out;
}

void add(std::vector<double>& sums, const std::vector<double>& values) {
  if (sums.size() < values.size()) sums.resize(values.size(), 0);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i] += values[i];
}

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
  const stats::Resamples resamples =
      stats::resample_problems(task.problems.size(), options, task.name);
  std::vector<Row> out;
  for (std::size_t c = 0; c < all.size(); ++c) {
    const Cell& cell = all[c];
    Row row;
    row.strategy = c / plan.n.size();
    row.n = plan.n[c % plan.n.size()];
    row.problems = static_cast<std::int64_t>(task.problems.size());
    row.repeats = plan.repeats;
    const auto estimates = stats::bootstrap_ratios(resamples,
                                                   {{cell.right, cell.count},
                                                    {cell.accepted, cell.count},
                                                    {cell.wrong_accepted, cell.accepted},
                                                    {cell.wrong_accepted, cell.count},
                                                    {cell.abstained, cell.count}},
                                                   options);
    row.accuracy = estimates[0];
    row.accepted = estimates[1];
    row.fdr = estimates[2];
    row.fp_mass = estimates[3];
    row.abstained = estimates[4];
    out.push_back(std::move(row));
  }
  std::vector<double> counts(all.size()), with_z(all.size());
  for (const Answer& answer : answers) {
    const std::size_t c = cell_of(plan, answer);
    Row& row = out[c];
    ++counts[c];
    row.generations += static_cast<double>(answer.generations);
    row.tokens += static_cast<double>(answer.tokens);
    row.calls += static_cast<double>(answer.calls);
    if (answer.log_z && std::isfinite(*answer.log_z)) {
      row.log_z = row.log_z.value_or(0) + *answer.log_z;
      ++with_z[c];
    }
    add(row.effective_size, answer.effective_size);
    add(row.ancestors, {answer.ancestors.begin(), answer.ancestors.end()});
  }
  for (std::size_t c = 0; c < all.size(); ++c) {
    Row& row = out[c];
    if (row.log_z) *row.log_z /= with_z[c];
    for (double* sum : {&row.generations, &row.tokens, &row.calls}) *sum /= counts[c];
    for (double& x : row.effective_size) x /= counts[c];
    for (double& x : row.ancestors) x /= counts[c];
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
  std::vector<Scaling> out;
  for (std::size_t s = 0; s < plan.strategies.size(); ++s) {
    if (s == reference) continue;
    Scaling one{s, reference, at_n};
    std::tie(one.ratio, one.censored) = ratio(s, [&](std::size_t c) { return measured[c]; });
    std::vector<double> ratios;
    for (std::size_t r = 0; r < resamples.replicates; ++r)
      ratios.push_back(
          ratio(s, [&](std::size_t c) { return sums[c * resamples.replicates + r]; }).first);
    if (problems > 1) one.interval = stats::percentile_interval(ratios, options.level);
    out.push_back(one);
  }
  return out;
}

}  // namespace assay::explore
