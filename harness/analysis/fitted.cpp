#include "harness/analysis/fitted.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "harness/analysis/scored.h"
#include "harness/base/error.h"
#include "harness/simulator/fit.h"
#include "harness/stats/curves.h"

namespace assay::analysis {

std::string fit_path(const std::string& db) { return db + ".fit.safetensors"; }

bool has_fit(const std::string& db) { return std::filesystem::exists(fit_path(db)); }

std::string unread_fit(const std::string& db) {
  for (const char* end : {".fit.pt", ".module.pt"})
    if (!has_fit(db) && std::filesystem::exists(db + end))
      return fmt::format(
          "{}{} is a TorchScript archive, which can hold code that runs when it is opened: it was "
          "not read; run `assay fit` again",
          db, end);
  return "";
}

KnownFit known_fit(store::Database& database, const Selection& selection) {
  // The fit may know more models than were asked for: problems are shared, so all are read.
  Selection everything = selection;
  everything.models.clear();
  std::vector<stats::ModelCounts> all = select_with_scores(database, everything).counts;
  simulator::Fit fit = simulator::load(fit_path(database.path()), all);
  return {std::move(fit), std::move(all)};
}

/// What a hosted module said of these counts, where the fit is one of that kind.
static std::optional<simulator::FittedLimits> by_module(const simulator::Fit& fit,
                                                        const stats::ModelCounts& counts,
                                                        const stats::LimitsRow& exact,
                                                        const FittedOptions& options) {
  for (const simulator::DatasetFit& dataset : fit.datasets)
    for (std::size_t i = 0; i < dataset.modules.size(); ++i) {
      if (dataset.dataset != counts.dataset || dataset.models[i] != counts.model) continue;
      simulator::PosteriorOptions wanted;
      for (const stats::UtilityCurve& u : exact.utility) wanted.costs.push_back(u.costs);
      wanted.k_max = options.k_max;
      return simulator::module_limits(dataset.modules[i], counts, wanted, options.bootstrap);
    }
  return std::nullopt;
}

std::vector<Fitted> fitted_beside(store::Database& database, const Selected& selected,
                                  const std::vector<stats::LimitsRow>& exact,
                                  const FittedOptions& options) {
  const auto [fit, all] = known_fit(database, selected.selection);
  const std::vector<simulator::Posterior> known = simulator::posteriors(fit, all);
  std::vector<simulator::Posterior> wanted(exact.size());
  std::vector<Fitted> out(exact.size());
  for (std::size_t i = 0; i < exact.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j)
      if (all[j].dataset == exact[i].dataset && all[j].model == exact[i].model)
        wanted[i] = known[j];
    out[i].limits = by_module(fit, selected.counts[i], exact[i], options);
    if (wanted[i].draws == 0 && !out[i].limits)
      out[i].note = "the fit does not know this model; run `assay fit` again";
  }
  auto rows =
      simulator::fitted_rows(wanted, exact, options.k_max, options.bootstrap.level, options.seed);
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i]) out[i].limits = std::move(rows[i]);
  return out;
}

std::vector<simulator::Simulation> rules_for_report(store::Database& database,
                                                    const Selected& selected) {
  constexpr int kKMax = 200, kOrdersMin = 50, kOrdersMax = 200;
  constexpr std::int64_t kSamplesMax = 100'000'000;  // drawn in all: some seconds
  constexpr std::size_t kBeliefsMax = 8;  // a belief costs a second where 20 models were fitted
  SimulationOptions options;
  options.simulate.costs = {{1, 0}};
  options.simulate.bootstrap.replicates = 100;  // the fewest there are: no interval is shown
  std::int64_t n_min = kKMax;
  for (const stats::ModelCounts& c : selected.counts) n_min = std::min(n_min, stats::smallest_n(c));
  options.k_max = static_cast<int>(n_min);
  // Of many problems fewer orders each tell the mean over them as well.
  std::int64_t samples = 0;
  for (const stats::ModelCounts& c : selected.counts)
    samples += static_cast<std::int64_t>(c.problems.size()) * n_min;
  options.simulate.trajectories = static_cast<int>(std::clamp<std::int64_t>(
      kSamplesMax / std::max<std::int64_t>(samples, 1), kOrdersMin, kOrdersMax));
  const bool few = selected.counts.size() <= kBeliefsMax;
  if (!few) std::erase(options.simulate.rules, simulator::Rule::rational);
  try {
    if (has_fit(database.path()) && few) options.fit = known_fit(database, selected.selection);
  } catch (const Error&) {  // the report says elsewhere why the fit is not shown
  }
  return simulations(database, selected.models, selected.counts, options);
}

}  // namespace assay::analysis
