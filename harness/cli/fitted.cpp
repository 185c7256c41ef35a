#include "harness/cli/fitted.h"

#include <algorithm>
#include <filesystem>

#include "harness/cli/selection.h"
#include "harness/simulator/fit.h"

namespace assay::cli {

std::string fit_path(const std::string& db) { return db + ".fit.pt"; }
std::string module_path(const std::string& db) { return db + ".module.pt"; }

bool has_fit(const std::string& db) {
  return std::filesystem::exists(fit_path(db)) || std::filesystem::exists(module_path(db));
}

static void add_module(const std::string& path, const std::vector<stats::ModelCounts>& counts,
                       const FittedOptions& options, stats::LimitsResult& limits) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i].problems.empty()) continue;
    simulator::PosteriorOptions posterior;
    for (const stats::UtilityCurve& u : limits.rows[i].utility) posterior.costs.push_back(u.costs);
    posterior.k_max = options.k_max;
    limits.rows[i].fitted =
        simulator::host_module(path, counts[i], posterior, options.bootstrap, "auto");
  }
}

void add_fit_beside(store::Database& database, const std::string& db, const Selection& selection,
                    const std::vector<stats::ModelCounts>& counts, const FittedOptions& options,
                    stats::LimitsResult& limits) {
  if (std::filesystem::exists(module_path(db))) {
    add_module(module_path(db), counts, options, limits);
    return;
  }
  // The fit may know more models than were asked for: problems are shared, so all are read.
  Selection everything = selection;
  everything.models.clear();
  const std::vector<stats::ModelCounts> all = select(database, everything).counts;
  const simulator::Fit fit = simulator::load(fit_path(db), all);
  const std::vector<simulator::Posterior> known = simulator::posteriors(fit, all);
  std::vector<simulator::Posterior> wanted(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j)
      if (all[j].dataset == counts[i].dataset && all[j].model == counts[i].model)
        wanted[i] = known[j];
    if (wanted[i].draws == 0)
      limits.rows[i].notes.push_back("the fit does not know this model; run `assay fit` again");
  }
  simulator::add_fitted(wanted, options.k_max, options.bootstrap.level, options.seed, limits);
}

}  // namespace assay::cli
