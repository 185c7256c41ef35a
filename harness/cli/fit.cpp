#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/analysis/fitted.h"
#include "harness/analysis/scored.h"
#include "harness/analysis/selection.h"
#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/terminal.h"
#include "harness/simulator/torch_room.h"
#include "harness/stats/rates.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;

namespace {
struct Options {
  analysis::Selection selection;
  std::string method = "auto", module;
  int k_max = 1000;
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
          visible_line(d.dataset), h.best.sigma_difficulty, h.best.sigma_weakness, h.best.rho,
          h.gradient_norm);
    for (const simulator::Comparison& c : d.comparison)
      text += fmt::format("{}: held-out log density per cell, {}: {:.4f} ± {:.4f} ({} cells)\n",
                          visible_line(d.dataset), c.method, c.held_out, c.error, c.cells);
    text += fmt::format("{}: `limits` and `report` will use the {} model\n",
                        visible_line(d.dataset), name_of(d.chosen));
  }
  for (const std::string& note : fit.notes) text += visible_line(note) + "\n";
  return text + fmt::format("Saved to {}\n", path);
}

/// What the module says of every model, as numbers: later commands read these and never run it.
static simulator::Fit host_module(const Options& options, const analysis::Selected& selected) {
  const simulator::TorchRoom& torch = simulator::torch_room();
  simulator::Fit fit;
  fit.device = options.fit.device;
  for (const std::vector<std::size_t>& members : stats::by_dataset(selected.counts)) {
    simulator::DatasetFit& dataset = fit.datasets.emplace_back();
    dataset.chosen = simulator::Method::module;
    for (const std::size_t i : members) {
      const stats::ModelCounts& counts = selected.counts[i];
      dataset.dataset = counts.dataset;
      dataset.models.push_back(counts.model);
      dataset.modules.push_back(
          torch.run_module(options.module, counts, options.k_max, options.fit.device));
    }
  }
  if (fit.datasets.empty()) throw Error("the module has no judged problem to speak about");
  fit.fingerprint = simulator::fingerprint(selected.counts);
  return fit;
}

static int keep_module(const Common& common, const Options& options,
                       const analysis::Selected& selected) {
  simulator::save(host_module(options, selected), analysis::fit_path(common.db));
  if (common.json) {
    print_json({{"module", options.module},
                {"k_max", options.k_max},
                {"archive", analysis::fit_path(common.db)}});
  } else {
    say("What the module says, up to K = {}, is saved to {}; `assay fit` without --module takes its place again.\n",
        options.k_max, analysis::fit_path(common.db));
  }
  return 0;
}

static int run_fit(const Common& common, Options options) {
  const auto database = store::open_to_read(common.db);
  const analysis::Selected selected = analysis::select_with_scores(*database, options.selection);
  if (!options.module.empty()) return keep_module(common, options, selected);
  options.fit.method = options.method == "mixture"        ? simulator::Method::mixture
                       : options.method == "hierarchical" ? simulator::Method::hierarchical
                                                          : simulator::Method::automatic;
  remark(common.quiet, fmt::format("fitting {} models ...", selected.counts.size()));
  const simulator::Fit fit = simulator::torch_room().fit(selected.counts, options.fit);
  simulator::save(fit, analysis::fit_path(common.db));
  if (common.json) {
    print_json(fit_json(fit, analysis::fit_path(common.db)));
  } else {
    print_text(fit_text(fit, analysis::fit_path(common.db)));
  }
  return 0;
}

Act add_fit(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  add_selection(command, options->selection);
  command.add_option("--method", options->method, "What to fit; auto takes what predicts better")
      ->check(CLI::IsMember({"auto", "mixture", "hierarchical"}))
      ->capture_default_str();
  command
      .add_option("--module", options->module,
                  "Ask this TorchScript module instead: counts [P,4], k [k] -> (accepted, tp, "
                  "fp), each [P,k]. A module is a program: it runs now, with your rights; what it "
                  "says is kept as numbers")
      ->check(CLI::ExistingFile);
  command.add_option("--k-max", options->k_max, "Largest K that the module is asked for")
      ->capture_default_str();
  command.add_option("--draws", options->fit.draws, "Posterior draws")->capture_default_str();
  command
      .add_option(
          "--device", options->fit.device,
          "Where the hierarchical model is fitted and a module runs: cpu, cuda, or auto (cuda "
          "where there is one and it pays)")
      ->capture_default_str();
  command.add_option("--seed", options->fit.seed, "Seed of starts and draws")
      ->capture_default_str();
  command.footer("Example: assay fit && assay limits --k-max 10000");
  return [&common, options] { return run_fit(common, *options); };
}

}  // namespace assay::cli
