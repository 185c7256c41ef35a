// Two studies on real verdicts, both on problems where all samples of one model were hidden from
// the fit while other models' samples stayed (thirds of the problems in turn, so that each is
// hidden once):
//   borrowing   the log loss of the predicted precision on the hidden samples that were accepted,
//               of the hierarchical model and of the same model without problem effects
//   stopping    the exact expected worth, on the hidden samples, of the rational stopping rule
//               under that model's belief, against the best fixed K
//   held_out DATABASE --model codegen-16b-mono,codex-davinci-002
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <map>

#include "harness/base/error.h"
#include "harness/simulator/hierarchical_fit.h"
#include "harness/simulator/stopping.h"
#include "harness/stats/curves.h"
#include "harness/stats/optimum.h"
#include "harness/stats/rates.h"
#include "tests/bench/stored_counts.h"

using namespace assay;
using simulator::CellPlace;
using simulator::HierarchicalFit;
using simulator::HierarchicalOptions;
using simulator::Table;

namespace {

constexpr int kParts = 3;

/// Which part hides each problem.
std::vector<int> parts(std::size_t problems, std::uint64_t seed) {
  RandomStream random(seed, "held-out parts");
  std::vector<int> out(problems);
  for (std::size_t i = 0; i < problems; ++i) out[i] = static_cast<int>(i) % kParts;
  for (std::size_t i = problems; i > 1; --i)
    std::swap(out[i - 1], out[random.below(static_cast<std::uint32_t>(i))]);
  return out;
}

/// Predicted precision of one model on the given problems: the chance that its next accepted
/// sample there is correct.
std::vector<double> predicted_precision(const HierarchicalFit& fit, const Table& kept,
                                        std::size_t model, const std::vector<std::size_t>& hidden) {
  Table next = kept;
  std::vector<CellPlace> places;
  for (std::size_t i : hidden) {
    next.cells[model][i] = {.tp = 1};
    places.push_back({model, i});
  }
  std::vector<double> out;
  for (const auto& score : simulator::score_cells(fit.best, kept, next, places))
    out.push_back(std::exp(score.precision));
  return out;
}

/// Mean over the accepted samples of a problem.
double log_loss(const stats::Counts& c, double theta) {
  const double correct = static_cast<double>(c.tp) / static_cast<double>(c.accepted());
  return -(correct * std::log(theta) + (1 - correct) * std::log1p(-theta));
}

/// What the two models predict of one model's hidden problems; entries per problem of the table.
struct Predicted {
  std::vector<double> with, alone;      ///< log loss; NaN where nothing was accepted
  std::vector<std::vector<int>> stops;  ///< per costs and problem, the rational rule's K
};

Predicted predict(const Table& full, std::size_t model, const std::vector<stats::Costs>& costs,
                  std::uint64_t seed) {
  const std::size_t problems = full.task_ids.size();
  const std::vector<int> part = parts(problems, seed);
  Predicted out{std::vector<double>(problems, NAN), std::vector<double>(problems, NAN),
                std::vector<std::vector<int>>(costs.size(), std::vector<int>(problems, -1))};
  std::vector<double> start_with, start_alone;
  for (int p = 0; p < kParts; ++p) {
    Table kept = full;
    std::vector<std::size_t> hidden;
    for (std::size_t i = 0; i < problems; ++i)
      if (part[i] == p && full.cells[model][i].n() > 0) {
        kept.cells[model][i] = {};
        hidden.push_back(i);
      }
    const auto fit = [&](bool effects, std::vector<double>& start) {
      HierarchicalFit f = simulator::fit_hierarchical(kept, {.starts = 1,
                                                             .draws = effects ? 400 : 0,
                                                             .problem_effects = effects,
                                                             .seed = seed,
                                                             .start = start});
      start = f.free;
      return f;
    };
    const HierarchicalFit with = fit(true, start_with), alone = fit(false, start_alone);
    const auto theta = predicted_precision(with, kept, model, hidden);
    const auto theta_alone = predicted_precision(alone, kept, model, hidden);
    for (std::size_t h = 0; h < hidden.size(); ++h) {
      const stats::Counts& c = full.cells[model][hidden[h]];
      if (c.accepted() == 0) continue;
      out.with[hidden[h]] = log_loss(c, theta[h]);
      out.alone[hidden[h]] = log_loss(c, theta_alone[h]);
    }
    const simulator::Posterior belief = simulator::draw_posteriors(with.draws, kept, seed)[model];
    for (std::size_t u = 0; u < costs.size(); ++u) {
      std::int64_t n_min = INT64_MAX;
      for (std::size_t i : hidden) n_min = std::min(n_min, full.cells[model][i].n());
      const auto table = simulator::rational_stops(belief, costs[u], static_cast<int>(n_min));
      for (std::size_t i : hidden) out.stops[u][i] = table.k[i];
    }
  }
  return out;
}

stats::Estimate mean_of(const std::vector<double>& values) {
  const std::vector<double> ones(values.size(), 1);
  return stats::ratio_estimate(values, ones, {-INFINITY, INFINITY}, 0.95);
}

std::string text(const stats::Estimate& e) {
  return e.interval
             ? fmt::format("{:+.4f} [{:+.4f}, {:+.4f}]", *e.value, e.interval->lo, e.interval->hi)
             : fmt::format("{:+.4f}", e.value.value_or(NAN));
}

void print_borrowing(const std::string& model, const Predicted& got) {
  std::vector<double> with, alone, gain;
  for (std::size_t i = 0; i < got.with.size(); ++i) {
    if (std::isnan(got.with[i])) continue;
    with.push_back(got.with[i]), alone.push_back(got.alone[i]);
    gain.push_back(got.alone[i] - got.with[i]);
  }
  if (gain.size() < 2) return;
  fmt::print("| {} | {} | {:.4f} | {:.4f} | {} |\n", model, gain.size(),
             *mean_of(with, "loss").value, *mean_of(alone, "loss").value,
             text(mean_of(gain, "loss")));
}

/// Worth of stopping after k[i] rejections, per hidden problem: exact over all orders of its
/// samples.
std::vector<double> worth(const std::vector<stats::Counts>& problems, const std::vector<int>& k,
                          const stats::Costs& costs) {
  std::vector<double> out;
  for (std::size_t i = 0; i < problems.size(); ++i)
    if (k[i] >= 0)
      out.push_back(stats::utility(stats::problem_curve(problems[i], k[i]), costs).back());
  return out;
}

void print_stopping(const std::string& model, const std::vector<stats::Counts>& problems,
                    const Predicted& got, const std::vector<stats::Costs>& costs) {
  for (std::size_t u = 0; u < costs.size(); ++u) {
    std::int64_t n_min = INT64_MAX;
    for (std::size_t i = 0; i < problems.size(); ++i)
      if (got.stops[u][i] >= 0) n_min = std::min(n_min, problems[i].n());
    // The rival knows these very problems: the K that is best on them in hindsight.
    int best_k = 0;
    double best = 0;
    std::vector<double> rival;
    for (int k = 0; k <= n_min; ++k) {
      std::vector<int> same = got.stops[u];
      for (int& at : same)
        if (at >= 0) at = k;
      std::vector<double> w = worth(problems, same, costs[u]);
      double sum = 0;
      for (double v : w) sum += v;
      if (k == 0 || sum > best + stats::kTieWidth) best = sum, best_k = k, rival = std::move(w);
    }
    const std::vector<double> rational = worth(problems, got.stops[u], costs[u]);
    std::vector<double> gain;
    for (std::size_t i = 0; i < rational.size(); ++i) gain.push_back(rational[i] - rival[i]);
    fmt::print("| {} | {} | {} | {:.4f} | {:.4f} at {} | {} |\n", model, costs[u].lambda,
               costs[u].kappa, *mean_of(rational, "worth").value, *mean_of(rival, "worth").value,
               best_k, text(mean_of(gain, "worth")));
  }
}

int study(const std::string& path, const std::string& dataset, std::vector<std::string> models,
          std::uint64_t seed) {
  const std::vector<stats::ModelCounts> counts = bench::stored_counts(path, dataset);
  std::vector<const stats::ModelCounts*> all;
  for (const stats::ModelCounts& m : counts) all.push_back(&m);
  if (all.size() < 2) throw Error(path + ": two models at least are needed");
  const Table full = simulator::make_table(all);
  const std::vector<stats::Costs> costs = {{1, 0.001}, {1, 0.01},  {2, 0.001},
                                           {2, 0.01},  {4, 0.001}, {4, 0.01}};
  std::map<std::string, Predicted> predicted;
  for (const std::string& model : models) {
    const auto at = std::find(full.models.begin(), full.models.end(), model);
    if (at == full.models.end()) throw Error(path + " has no verdicts of " + model);
    predicted[model] =
        predict(full, static_cast<std::size_t>(at - full.models.begin()), costs, seed);
  }
  fmt::print(
      "{} models, {} problems\n\n| model | problems with an accepted sample | log loss, "
      "hierarchical | without problem effects | gain |\n|---|---|---|---|---|\n",
      full.models.size(), full.task_ids.size());
  for (const auto& [model, got] : predicted) print_borrowing(model, got);
  fmt::print(
      "\n| model | lambda | kappa | rational rule | best fixed K, in hindsight | gain "
      "|\n|---|---|---|---|---|---|\n");
  for (const auto& [model, got] : predicted) {
    const auto at = std::find(full.models.begin(), full.models.end(), model);
    print_stopping(model, full.cells[static_cast<std::size_t>(at - full.models.begin())], got,
                   costs);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Hides all samples of a model on a third of the problems, in turn: what the hierarchical "
      "model says of them, and what its stopping rule earns there."};
  std::string path, dataset = "humaneval";
  std::vector<std::string> models;
  std::uint64_t seed = 1;
  app.add_option("DATABASE", path)->required()->check(CLI::ExistingFile);
  app.add_option("--dataset", dataset)->capture_default_str();
  app.add_option("--model", models, "Whose samples are hidden; a comma between")
      ->required()
      ->delimiter(',');
  app.add_option("--seed", seed, "Of the parts and draws")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return study(path, dataset, std::move(models), seed);
  } catch (const Error& error) {
    fmt::print(stderr, "held_out: {}\n", error.what());
    return 1;
  }
}
