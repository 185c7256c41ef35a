#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/fitted.h"
#include "harness/cli/selection.h"
#include "harness/cli/terminal.h"
#include "harness/simulator/fit.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;

namespace {
struct Options {
  Selection selection;
  std::string method = "auto", module;
  simulator::FitOptions fit;
};
}  // namespace

static const char* name_of(simulator::Method method) {
  return method == simulator::Method::hierarchical ? "hierarchical" : "mixture";
}

static json fit_json(const simulator::Fit& fit, const std::string& path) {
  json datasets = json::array();
  for (const simulator::DatasetFit& d : fit.datasets) {
    json models = json::array(), comparison = json::array();
    for (std::size_t i = 0; i < d.mixtures.size(); ++i) {
      const simulator::MixtureFit& m = d.mixtures[i];
      json candidates = json::array();
      for (const simulator::MixtureCandidate& c : m.candidates)
        candidates.push_back({{"components", c.kind.components},
                              {"dirichlet", c.kind.tied},
                              {"atom", c.kind.atom},
                              {"held_out", c.held_out},
                              {"error", c.held_out_error},
                              {"weight", c.weight}});
      models.push_back({{"model", d.models[i]},
                        {"components", m.kind.components},
                        {"dirichlet", m.kind.tied},
                        {"atom", m.best.atom},
                        {"log_posterior", m.log_posterior},
                        {"gradient_norm", m.gradient_norm},
                        {"candidates", candidates}});
    }
    for (const simulator::Comparison& c : d.comparison)
      comparison.push_back(
          {{"method", c.method}, {"held_out", c.held_out}, {"error", c.error}, {"cells", c.cells}});
    json hierarchical = nullptr;
    if (!d.hierarchical.empty()) {
      const simulator::HierarchicalFit& h = d.hierarchical.front();
      hierarchical = {{"sigma_difficulty", h.best.sigma_difficulty},
                      {"sigma_weakness", h.best.sigma_weakness},
                      {"rho", h.best.rho},
                      {"log_posterior", h.log_posterior},
                      {"gradient_norm", h.gradient_norm},
                      {"notes", h.notes}};
    }
    datasets.push_back({{"dataset", d.dataset},
                        {"chosen", name_of(d.chosen)},
                        {"mixtures", models},
                        {"hierarchical", hierarchical},
                        {"comparison", comparison}});
  }
  return {{"archive", path},      {"fingerprint", fit.fingerprint}, {"seed", fit.seed},
          {"device", fit.device}, {"datasets", datasets},           {"notes", fit.notes}};
}

static std::string fit_text(const simulator::Fit& fit, const std::string& path) {
  std::string text;
  for (const simulator::DatasetFit& d : fit.datasets) {
    if (!d.mixtures.empty()) {
      Table table({"model", "components", "kind", "never accepted", "gradient norm"});
      for (std::size_t i = 0; i < d.mixtures.size(); ++i) {
        const simulator::MixtureFit& m = d.mixtures[i];
        table.add({d.models[i], std::to_string(m.kind.components),
                   m.kind.tied ? "Dirichlet" : "two Betas", number(m.best.atom),
                   fmt::format("{:.1e}", m.gradient_norm)});
      }
      text += table.text();
    }
    for (const simulator::HierarchicalFit& h : d.hierarchical)
      text += fmt::format(
          "{}: difficulty varies by {:.2f}, weakness of suites by {:.2f} (logits), correlation "
          "{:.2f}; gradient norm {:.1e}\n",
          d.dataset, h.best.sigma_difficulty, h.best.sigma_weakness, h.best.rho, h.gradient_norm);
    for (const simulator::Comparison& c : d.comparison)
      text += fmt::format("{}: held-out log density per cell, {}: {:.4f} ± {:.4f} ({} cells)\n",
                          d.dataset, c.method, c.held_out, c.error, c.cells);
    text += fmt::format("{}: `limits` and `report` will use the {} model\n", d.dataset,
                        name_of(d.chosen));
  }
  for (const std::string& note : fit.notes) text += note + "\n";
  return text + fmt::format("Saved to {}\n", path);
}

/// Tries the module on every model, then keeps a copy beside the database.
static int keep_module(const Common& common, const Options& options, const Selected& selected) {
  for (const stats::ModelCounts& counts : selected.counts) {
    simulator::PosteriorOptions small;
    small.k_max = 10;
    simulator::host_module(options.module, counts, small, {.replicates = 100}, options.fit.device);
  }
  std::filesystem::copy_file(options.module, module_path(common.db),
                             std::filesystem::copy_options::overwrite_existing);
  if (common.json) {
    fmt::print("{}\n", json{{"module", module_path(common.db)}}.dump());
  } else {
    fmt::print("Hosted: {}. `assay fit` without --module removes it again.\n",
               module_path(common.db));
  }
  return 0;
}

static int run_fit(const Common& common, Options options) {
  const auto database = store::open_to_read(common.db);
  const Selected selected = select(*database, options.selection);
  if (!options.module.empty()) return keep_module(common, options, selected);
  options.fit.method = options.method == "mixture"        ? simulator::Method::mixture
                       : options.method == "hierarchical" ? simulator::Method::hierarchical
                                                          : simulator::Method::automatic;
  remark(common.quiet, fmt::format("fitting {} models ...", selected.counts.size()));
  const simulator::Fit fit = simulator::fit(selected.counts, options.fit);
  simulator::save(fit, fit_path(common.db));
  std::filesystem::remove(module_path(common.db));
  if (common.json) {
    fmt::print("{}\n", fit_json(fit, fit_path(common.db)).dump());
  } else {
    fmt::print("{}", fit_text(fit, fit_path(common.db)));
  }
  return 0;
}

void add_fit(CLI::App& app, const Common& common, Act& act) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "fit", "Fits how acceptance and precision vary, so that limits can see beyond n");
  add_selection(*command, options->selection);
  command->add_option("--method", options->method, "What to fit; auto takes what predicts better")
      ->check(CLI::IsMember({"auto", "mixture", "hierarchical"}))
      ->capture_default_str();
  command
      ->add_option("--module", options->module,
                   "Host this TorchScript module instead: counts [P,4], k [k] -> (accepted, tp, "
                   "fp), each [P,k]")
      ->check(CLI::ExistingFile);
  command->add_option("--draws", options->fit.draws, "Posterior draws")->capture_default_str();
  command->add_option("--device", options->fit.device, "cpu, cuda, or auto")->capture_default_str();
  command->add_option("--seed", options->fit.seed, "Seed of starts and draws")
      ->capture_default_str();
  command->footer("Example: assay fit && assay limits --k-max 10000");
  act = [&common, options] { return run_fit(common, *options); };
}

}  // namespace assay::cli
