// `assay fit`: the fitted densities of all models, their comparison, the file that keeps them, and
// the posterior draws that `limits`, `report` and `simulate` read from it.
//
// Two methods compete per dataset: a mixture for each model alone, and the hierarchical model over
// all of them. Cells (model x problem) are held out at random in folds; whichever predicts them
// with the higher log density is chosen, unless a method was asked for. In place of a fit of ours a
// dataset can have the curves that a module of the user's gave. A file belongs to the counts it was
// fitted to: it carries their fingerprint and refuses others. Fitting and running a module need
// libtorch (torch_room.h); everything here does not. Errors: assay::Error. Thread-safe: separate
// calls share nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/simulator/hierarchical_fit.h"
#include "harness/simulator/mixture_fit.h"
#include "harness/simulator/posterior.h"
#include "harness/stats/limits.h"

namespace assay::simulator {

/// What it means that a fitted value is not identified; see kReach in posterior.h.
inline constexpr const char* kOpenNote =
    "not identified: beyond 2 n the value is what the fit's form and prior say, and no sample tells; the "
    "range after it is what the samples leave open";

enum class Method { automatic, mixture, hierarchical, module };

struct FitOptions {
  Method method = Method::automatic;
  int draws = 200, starts = 3, components_max = 3, folds = 3;
  std::uint64_t seed = 1;
  /// cpu, cuda, or auto: cuda where libtorch has one and the tables are worth it. Of the hierarchical
  /// model: mixtures stay on the CPU.
  std::string device = "auto";
  int threads = 0;
};

/// Held-out log predictive density per cell; multinomial coefficients left out.
struct Comparison {
  std::string method;
  double held_out = 0, error = 0;  ///< mean over cells and its standard error
  std::int64_t cells = 0;
};

/// What a module said of one model: the chance that a problem's first accepted sample comes within
/// K draws, and that it is correct, for K = 0 to k_max; [problems][k_max + 1], row by row, in the
/// order of the model's problems.
struct ModuleCurves {
  std::string name;  ///< the module's file, as the user named it
  int k_max = 0;
  std::vector<double> accepted, tp;
  std::size_t problems() const { return tp.size() / (static_cast<std::size_t>(k_max) + 1); }
};

struct DatasetFit {
  std::string dataset;
  std::vector<std::string> models;
  std::vector<MixtureFit> mixtures;           ///< one a model
  std::vector<HierarchicalFit> hierarchical;  ///< one, or none
  std::vector<ModuleCurves> modules;          ///< one a model, where a module was hosted
  std::vector<Comparison> comparison;         ///< empty where only one method was fitted
  Method chosen = Method::mixture;
};

struct Fit {
  std::uint64_t seed = 1;
  int draws = 0;
  std::string fingerprint;
  std::string device;  ///< cuda where a hierarchical model was fitted there
  std::vector<DatasetFit> datasets;
  std::vector<std::string> notes;  ///< models left out, with the reason
};

/// SHA-256 over dataset, model, proxy, gold, task ids and counts of all models, whatever their
/// order.
std::string fingerprint(const std::vector<stats::ModelCounts>& models);

/// Writes the numbers, and nothing but numbers, to `path`: the safetensors layout.
void save(const Fit& fit, const std::string& path);

/// Reads what save() wrote; nothing in the file is executed, and all of it is checked. `models` must
/// hold every model of the fit with the counts it was fitted to; it may hold more.
Fit load(const std::string& path, const std::vector<stats::ModelCounts>& models);

/// Those of `models` that the fit is about.
std::vector<stats::ModelCounts> fitted_models(const Fit& fit,
                                              const std::vector<stats::ModelCounts>& models);

/// One a model, in the order of `models`; without draws where the fit has left the model out or has
/// a module's curves in place of draws.
std::vector<Posterior> posteriors(const Fit& fit, const std::vector<stats::ModelCounts>& models);

/// The fit's models in its order. REQUIRES: `models` holds all of them.
Table fitted_table(const DatasetFit& fit, const std::vector<stats::ModelCounts>& models);

/// Only these problems, which `all` must hold: what was hidden stays out of a model's means.
Posterior covered(const Posterior& all, const std::vector<std::string>& task_ids);

/// Posterior of one model under its mixture alone.
Posterior mixture_posterior(const std::vector<MixtureParameters>& draws,
                            const stats::ModelCounts& counts, std::uint64_t seed);

/// One a row of `exact`, to which `posteriors` is parallel: curves up to k_max, optima for the row's
/// own costs, k_match against the models of its k_match. Empty where there is no posterior.
std::vector<std::optional<FittedLimits>> fitted_rows(const std::vector<Posterior>& posteriors,
                                                     const std::vector<stats::LimitsRow>& exact,
                                                     int k_max, double level, std::uint64_t seed);

/// The curves a module gave, as limits: means over problems, with bands that resample problems. They
/// carry none of the module's own uncertainty, and a note says so. K ends at options.k_max or where
/// the module was asked to end.
FittedLimits module_limits(const ModuleCurves& curves, const stats::ModelCounts& counts,
                           const PosteriorOptions& options,
                           const stats::BootstrapOptions& bootstrap);

}  // namespace assay::simulator
