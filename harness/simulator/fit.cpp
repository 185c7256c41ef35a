// How `assay fit` chooses between its two methods.
#include <fmt/format.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/simulator/device.h"
#include "harness/simulator/libtorch_room.h"
#include "harness/stats/parallel.h"
#include "harness/stats/rates.h"

namespace assay::simulator {
namespace {

using Group = std::vector<const stats::ModelCounts*>;

/// Below so many cells (model x problem) a GPU was no faster than 16 cores (docs/results.md).
constexpr std::size_t kCellsForCuda = 20'000;

bool wants_hierarchical(const Group& group, const FitOptions& options) {
  return options.method == Method::hierarchical ||
         (options.method == Method::automatic && group.size() > 1);
}

/// Where the hierarchical model is fitted; mixtures stay on the CPU.
std::string device_of(const Group& group, const FitOptions& options) {
  const bool hierarchical = wants_hierarchical(group, options);
  std::size_t cells = 0;
  for (const stats::ModelCounts* m : group) cells += m->problems.size();
  if (options.device == "auto" && (!hierarchical || cells < kCellsForCuda)) return "cpu";
  const std::string device = chosen_device(options.device);
  return hierarchical ? device : "cpu";
}

MixtureOptions mixture_options(const FitOptions& options) {
  return {.components_max = options.components_max,
          .starts = options.starts,
          .draws = options.draws,
          .seed = options.seed};
}

HierarchicalOptions hierarchical_options(const FitOptions& options, const std::string& device) {
  return {.starts = options.starts, .draws = options.draws, .seed = options.seed, .device = device};
}

/// Fold of each cell that has samples; -1 for the others.
std::vector<std::vector<int>> cell_folds(const Table& table, const FitOptions& options) {
  RandomStream random(options.seed, "cell folds " + table.dataset);
  std::vector<std::vector<int>> out;
  for (const auto& row : table.cells) {
    auto& folds = out.emplace_back();
    for (const stats::Counts& c : row) {
      const int fold = static_cast<int>(random.below(static_cast<std::uint32_t>(options.folds)));
      folds.push_back(c.n() > 0 ? fold : -1);
    }
  }
  return out;
}

Table without_fold(const Table& table, const std::vector<std::vector<int>>& folds, int fold) {
  Table out = table;
  for (std::size_t j = 0; j < folds.size(); ++j)
    for (std::size_t i = 0; i < folds[j].size(); ++i)
      if (folds[j][i] == fold) out.cells[j][i] = {};
  return out;
}

Comparison summary(const std::string& method, const std::vector<double>& scores) {
  Comparison out{method, 0, 0, static_cast<std::int64_t>(scores.size())};
  const double n = static_cast<double>(scores.size());
  for (double s : scores) out.held_out += s / n;
  for (double s : scores) out.error += (s - out.held_out) * (s - out.held_out);
  out.error = n > 1 ? std::sqrt(out.error / (n - 1) / n) : 0;
  return out;
}

/// Scores of the held-out cells of one fold under a mixture fitted to the rest of each model.
void score_mixtures(const DatasetFit& fit, const Table& table, const Table& kept,
                    const std::vector<std::vector<int>>& folds, int fold, int threads,
                    std::vector<double>& scores) {
  std::vector<std::vector<double>> each(table.cells.size());
  stats::parallel_for(table.cells.size(), threads, [&](std::size_t j) {
    std::vector<stats::Counts> rest;
    for (const stats::Counts& c : kept.cells[j])
      if (c.n() > 0) rest.push_back(c);
    if (rest.empty()) return;
    const MixtureParameters p = refit_mixture(fit.mixtures[j], rest);
    for (std::size_t i = 0; i < folds[j].size(); ++i)
      if (folds[j][i] == fold) each[j].push_back(log_marginal(p, table.cells[j][i]));
  });
  for (const auto& e : each) scores.insert(scores.end(), e.begin(), e.end());
}

void compare(DatasetFit& fit, const Table& table, const FitOptions& options,
             const std::string& device) {
  const auto folds = cell_folds(table, options);
  std::vector<double> mixture, hierarchical;
  for (int fold = 0; fold < options.folds; ++fold) {
    const Table kept = without_fold(table, folds, fold);
    score_mixtures(fit, table, kept, folds, fold, options.threads, mixture);
    HierarchicalOptions again = hierarchical_options(options, device);
    again.draws = 0, again.start = fit.hierarchical.front().free;
    const HierarchicalParameters p = fit_hierarchical(kept, again).best;
    std::vector<CellPlace> held;
    for (std::size_t j = 0; j < folds.size(); ++j)
      for (std::size_t i = 0; i < folds[j].size(); ++i)
        if (folds[j][i] == fold) held.push_back({j, i});
    for (const CellScore& score : score_cells(p, kept, table, held))
      hierarchical.push_back(score.counts);
  }
  fit.comparison = {summary("mixture", mixture), summary("hierarchical", hierarchical)};
  fit.chosen = fit.comparison[1].held_out > fit.comparison[0].held_out ? Method::hierarchical
                                                                       : Method::mixture;
}

DatasetFit fit_dataset(const Group& group, const FitOptions& options, const std::string& device) {
  DatasetFit out;
  out.dataset = group.front()->dataset;
  for (const stats::ModelCounts* m : group) out.models.push_back(m->model);
  const bool mixtures = options.method != Method::hierarchical,
             hierarchical = wants_hierarchical(group, options), both = mixtures && hierarchical;
  if (mixtures) {
    out.mixtures.resize(group.size());
    stats::parallel_for(group.size(), options.threads, [&](std::size_t j) {
      out.mixtures[j] = fit_mixture(group[j]->problems, mixture_options(options));
    });
  }
  const Table table = make_table(group);
  if (hierarchical)
    out.hierarchical.push_back(fit_hierarchical(table, hierarchical_options(options, device)));
  out.chosen = options.method == Method::hierarchical ? Method::hierarchical : Method::mixture;
  if (both) compare(out, table, options, device);
  if (out.chosen == Method::hierarchical)  // nobody asks for them, and they are most of the file
    for (MixtureFit& mixture : out.mixtures) mixture.draws.clear();
  return out;
}

}  // namespace

Fit LibtorchRoom::fit(const std::vector<stats::ModelCounts>& models,
                      const FitOptions& options) const {
  if (options.draws < 10 || options.draws > 100000)
    throw Error(fmt::format("{} posterior draws were asked for; use 10 to 100000", options.draws));
  if (options.starts < 1 || options.components_max < 1 || options.folds < 2)
    throw Error("a fit needs at least one start, one component and two folds");
  Fit out;
  out.seed = options.seed, out.draws = options.draws;
  out.device = "cpu";
  for (const stats::ModelCounts& m : models) stats::check(m);
  for (const std::vector<std::size_t>& members : stats::by_dataset(models)) {
    Group group;
    for (std::size_t i : members) {
      if (!models[i].problems.empty())
        group.push_back(&models[i]);
      else
        out.notes.push_back(fmt::format("model {} has no judged problem", models[i].model));
    }
    if (group.empty()) continue;
    const std::string device = device_of(group, options);
    if (device != "cpu") out.device = device;
    out.datasets.push_back(fit_dataset(group, options, device));
  }
  out.fingerprint = fingerprint(fitted_models(out, models));
  if (out.datasets.empty()) throw Error("there is no judged problem to fit a model to");
  return out;
}

}  // namespace assay::simulator
