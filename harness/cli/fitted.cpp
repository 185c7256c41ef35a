#include "harness/cli/fitted.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness/base/error.h"
#include "harness/cli/selection.h"
#include "harness/simulator/fit.h"
#include "harness/stats/curves.h"

namespace assay::cli {

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

/// What a hosted module said of these counts, where the fit is one of that kind.
static void add_module(const simulator::Fit& fit, const stats::ModelCounts& counts,
                       const FittedOptions& options, stats::LimitsRow& row) {
  for (const simulator::DatasetFit& dataset : fit.datasets)
    for (std::size_t i = 0; i < dataset.modules.size(); ++i) {
      if (dataset.dataset != counts.dataset || dataset.models[i] != counts.model) continue;
      simulator::PosteriorOptions wanted;
      for (const stats::UtilityCurve& u : row.utility) wanted.costs.push_back(u.costs);
      wanted.k_max = options.k_max;
      row.fitted = simulator::module_limits(dataset.modules[i], counts, wanted, options.bootstrap);
    }
}

analysis::KnownFit known_fit(store::Database& database, const std::string& db,
                             const Selection& selection) {
  // The fit may know more models than were asked for: problems are shared, so all are read.
  Selection everything = selection;
  everything.models.clear();
  std::vector<stats::ModelCounts> all = select(database, everything).counts;
  simulator::Fit fit = simulator::load(fit_path(db), all);
  return {std::move(fit), std::move(all)};
}

void add_fit_beside(store::Database& database, const std::string& db, const Selection& selection,
                    const std::vector<stats::ModelCounts>& counts, const FittedOptions& options,
                    stats::LimitsResult& limits) {
  const auto [fit, all] = known_fit(database, db, selection);
  const std::vector<simulator::Posterior> known = simulator::posteriors(fit, all);
  std::vector<simulator::Posterior> wanted(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j)
      if (all[j].dataset == counts[i].dataset && all[j].model == counts[i].model)
        wanted[i] = known[j];
    add_module(fit, counts[i], options, limits.rows[i]);
    if (wanted[i].draws == 0 && !limits.rows[i].fitted)
      limits.rows[i].notes.push_back("the fit does not know this model; run `assay fit` again");
  }
  simulator::add_fitted(wanted, options.k_max, options.bootstrap.level, options.seed, limits);
}

std::vector<simulator::Simulation> rules_for_report(store::Database& database,
                                                    const std::string& db,
                                                    const Selection& selection,
                                                    const std::vector<store::StoredModel>& models,
                                                    const std::vector<stats::ModelCounts>& counts) {
  constexpr int kKMax = 200, kOrders = 200;
  constexpr std::size_t kBeliefsMax = 8;  // a belief costs a second where 20 models were fitted
  analysis::SimulationOptions options;
  options.simulate.costs = {{1, 0}};
  options.simulate.trajectories = kOrders;
  options.simulate.bootstrap.replicates = 100;  // the fewest there are: no interval is shown
  std::int64_t n_min = kKMax;
  for (const stats::ModelCounts& c : counts) n_min = std::min(n_min, stats::smallest_n(c));
  options.k_max = static_cast<int>(n_min);
  if (counts.size() > kBeliefsMax) std::erase(options.simulate.rules, simulator::Rule::rational);
  try {
    if (has_fit(db) && counts.size() <= kBeliefsMax)
      options.fit = known_fit(database, db, selection);
  } catch (const Error&) {  // the report says elsewhere why the fit is not shown
  }
  return analysis::simulations(database, models, counts, options);
}

}  // namespace assay::cli
