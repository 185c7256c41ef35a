#include "harness/analysis/fitted.h"

#include <filesystem>
#include <utility>

#include "harness/simulator/fit.h"

namespace assay::analysis {

std::string fit_path(const std::string& db) { return db + ".fit.pt"; }
std::string module_path(const std::string& db) { return db + ".module.pt"; }

bool has_fit(const std::string& db) {
  return std::filesystem::exists(fit_path(db)) || std::filesystem::exists(module_path(db));
}

static std::vector<Fitted> by_module(const std::string& path, const Selected& selected,
                                     const std::vector<stats::LimitsRow>& exact,
                                     const FittedOptions& options) {
  std::vector<Fitted> out(exact.size());
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (selected.counts[i].problems.empty()) continue;
    simulator::PosteriorOptions posterior;
    for (const stats::UtilityCurve& u : exact[i].utility) posterior.costs.push_back(u.costs);
    posterior.k_max = options.k_max;
    out[i].limits =
        simulator::host_module(path, selected.counts[i], posterior, options.bootstrap, "auto");
  }
  return out;
}

std::vector<Fitted> fitted_beside(store::Database& database, const Selected& selected,
                                  const std::vector<stats::LimitsRow>& exact,
                                  const FittedOptions& options) {
  const std::string& db = database.path();
  if (std::filesystem::exists(module_path(db)))
    return by_module(module_path(db), selected, exact, options);
  // The fit may know more models than were asked for: problems are shared, so all are read.
  Selection everything = selected.selection;
  everything.models.clear();
  const std::vector<stats::ModelCounts> all = select(database, everything).counts;
  const simulator::Fit fit = simulator::load(fit_path(db), all);
  const std::vector<simulator::Posterior> known = simulator::posteriors(fit, all);
  std::vector<simulator::Posterior> wanted(exact.size());
  std::vector<Fitted> out(exact.size());
  for (std::size_t i = 0; i < exact.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j)
      if (all[j].dataset == exact[i].dataset && all[j].model == exact[i].model)
        wanted[i] = known[j];
    if (wanted[i].draws == 0)
      out[i].note = "the fit does not know this model; run `assay fit` again";
  }
  auto rows =
      simulator::fitted_rows(wanted, exact, options.k_max, options.bootstrap.level, options.seed);
  for (std::size_t i = 0; i < rows.size(); ++i) out[i].limits = std::move(rows[i]);
  return out;
}

}  // namespace assay::analysis
