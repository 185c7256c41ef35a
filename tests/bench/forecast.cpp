// Forecast study: fit on a few of a model's samples per problem, predict what more samples show.
//   forecast COUNTS.csv [SPLITS]      COUNTS.csv: model,task_id,n,tp,fp with one model, equal n
// For 10, 20 and 50 of the n samples, drawn at random per problem: the mean absolute error of TP_K
// and FP_K over K = 1..n against the exact curve of all samples, beside four rivals on the same
// splits:
//   plug-in        1-(1-m/n)^K with the observed rates
//   one Dirichlet  fitted by the same code
//   beta-binomial  acceptance by one Beta (no atom), precision the same for all: pass@k
//   extrapolation last value     the exact curve up to the samples, then constant
// and how often the bands (95%, these problems) hold the full curve, and the error in best utility.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "harness/base/random.h"
#include "harness/simulator/fit.h"
#include "harness/stats/curves.h"
#include "harness/stats/optimum.h"

using namespace assay;

namespace {

stats::ModelCounts read(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  stats::ModelCounts out{"forecast", "", "base", "base,plus"};
  while (std::getline(file, line)) {
    std::replace(line.begin(), line.end(), ',', ' ');
    std::istringstream words(line);
    std::int64_t n = 0;
    stats::Counts c;
    std::string id;
    if (!(words >> out.model >> id >> n >> c.tp >> c.fp)) continue;
    c.tn = n - c.tp - c.fp;
    out.task_ids.push_back(id);
    out.problems.push_back(c);
  }
  return out;
}

/// `size` of each problem's samples, without replacement.
stats::ModelCounts subset(const stats::ModelCounts& all, int size, std::uint64_t seed) {
  RandomStream random(seed, fmt::format("split {}", size));
  stats::ModelCounts out = all;
  for (stats::Counts& c : out.problems) {
    stats::Counts left = c;
    c = {};
    for (int i = 0; i < size; ++i) {
      const auto at = static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(left.n())));
      if (at < left.tp)
        --left.tp, ++c.tp;
      else if (at < left.tp + left.fp)
        --left.fp, ++c.fp;
      else
        --left.tn, ++c.tn;
    }
  }
  return out;
}

stats::Curve empty(int k_max) {
  const std::vector<double> zero(static_cast<std::size_t>(k_max) + 1);
  return {zero, zero, zero, zero};
}

stats::Curve plug_in(const stats::ModelCounts& m, int k_max) {
  stats::Curve out = empty(k_max);
  const double problems = static_cast<double>(m.problems.size());
  for (const stats::Counts& c : m.problems)
    for (int k = 0; k <= k_max; ++k) {
      const double accepted = static_cast<double>(c.accepted()), n = static_cast<double>(c.n());
      if (accepted == 0) continue;
      const double hit = (1 - std::pow(1 - accepted / n, k)) / problems;
      out.tp[static_cast<std::size_t>(k)] += hit * static_cast<double>(c.tp) / accepted;
      out.fp[static_cast<std::size_t>(k)] += hit * static_cast<double>(c.fp) / accepted;
    }
  return out;
}

stats::Curve last_value(const stats::ModelCounts& m, int k_max) {
  const int n = static_cast<int>(stats::smallest_n(m));
  stats::Curve out = stats::mean_curve(m, n);
  for (auto* part : {&out.tp, &out.fp, &out.accepted})
    part->resize(static_cast<std::size_t>(k_max) + 1, part->back());
  return out;
}

/// Posterior mean over exactly these problems, and its 95% bands.
struct Forecast {
  stats::Curve mean;
  std::vector<stats::Interval> tp, fp;
};

Forecast forecast(const std::vector<simulator::MixtureParameters>& draws,
                  const stats::ModelCounts& m, int k_max, std::uint64_t seed) {
  const simulator::Posterior p = simulator::mixture_posterior(draws, m, seed);
  simulator::PosteriorOptions options;
  options.estimand = simulator::Estimand::these;
  const std::vector<double> weights = simulator::problem_weights(p, options);
  Forecast out{empty(k_max), {}, {}};
  for (int k = 0; k <= k_max; ++k) {
    simulator::DrawCurve c = simulator::curve_at(p, weights, k);
    std::vector<double> fp;
    for (std::size_t s = 0; s < p.draws; ++s) {
      fp.push_back(c.accepted[s] - c.tp[s]);
      out.mean.tp[static_cast<std::size_t>(k)] += c.tp[s] / static_cast<double>(p.draws);
      out.mean.fp[static_cast<std::size_t>(k)] += fp.back() / static_cast<double>(p.draws);
    }
    out.tp.push_back(stats::percentile_interval(c.tp, 0.95));
    out.fp.push_back(stats::percentile_interval(fp, 0.95));
  }
  return out;
}

/// Acceptance by the Beta of a one-component fit, precision pooled over everything.
stats::Curve beta_binomial(const simulator::MixtureParameters& one, const stats::ModelCounts& m,
                           int k_max) {
  double tp = 0, accepted = 0;
  for (const stats::Counts& c : m.problems)
    tp += static_cast<double>(c.tp), accepted += static_cast<double>(c.accepted());
  stats::Curve out = empty(k_max);
  for (int k = 0; k <= k_max; ++k) {
    const double hit = simulator::expected(one, k).accepted;
    out.tp[static_cast<std::size_t>(k)] = hit * tp / accepted;
    out.fp[static_cast<std::size_t>(k)] = hit * (1 - tp / accepted);
  }
  return out;
}

double error(const std::vector<double>& got, const std::vector<double>& truth) {
  double sum = 0;
  for (std::size_t k = 1; k < truth.size(); ++k) sum += std::abs(got[k] - truth[k]);
  return sum / static_cast<double>(truth.size() - 1);
}

/// How much utility is lost on the full curve by choosing K on the forecast, mean over lambdas.
double regret(const stats::Curve& got, const stats::Curve& truth) {
  double sum = 0;
  for (double lambda : {0.0, 1.0, 2.0, 4.0, 8.0}) {
    const std::vector<double> real = stats::utility(truth, {lambda, 0});
    const int k = stats::best_k(stats::utility(got, {lambda, 0})).k;
    sum += (stats::best_k(real).utility - real[static_cast<std::size_t>(k)]) / 5;
  }
  return sum;
}

struct Score {
  double tp = 0, fp = 0, regret = 0;
};

void study(const stats::ModelCounts& all, int size, int splits) {
  const int n = static_cast<int>(stats::smallest_n(all));
  const stats::Curve truth = stats::mean_curve(all, n);
  const char* names[] = {"ours", "plug-in", "one Dirichlet", "beta-binomial", "last value"};
  std::array<Score, 5> mean{};
  std::array<int, 5> best{};
  double tp_held = 0, fp_held = 0;
  for (int split = 0; split < splits; ++split) {
    const auto seed = static_cast<std::uint64_t>(split);
    const stats::ModelCounts m = subset(all, size, seed);
    const auto ours = simulator::fit_mixture(m.problems, {.draws = 200, .seed = seed});
    const auto one = simulator::fit_mixture(
        m.problems,
        {.components_only = 1, .tied_only = true, .starts = 1, .draws = 100, .seed = seed});
    const Forecast f = forecast(ours.draws, m, n, seed);
    const stats::Curve curves[] = {f.mean, plug_in(m, n), forecast(one.draws, m, n, seed).mean,
                                   beta_binomial(one.best, m, n), last_value(m, n)};
    std::array<double, 5> total{};
    for (std::size_t i = 0; i < 5; ++i) {
      const Score s{error(curves[i].tp, truth.tp), error(curves[i].fp, truth.fp),
                    regret(curves[i], truth)};
      mean[i].tp += s.tp / splits, mean[i].fp += s.fp / splits, mean[i].regret += s.regret / splits;
      total[i] = s.tp + s.fp;
    }
    ++best[static_cast<std::size_t>(std::min_element(total.begin(), total.end()) - total.begin())];
    for (std::size_t k = 1; k <= static_cast<std::size_t>(n); ++k) {
      tp_held += (f.tp[k].lo <= truth.tp[k] && truth.tp[k] <= f.tp[k].hi) / double(n) / splits;
      fp_held += (f.fp[k].lo <= truth.fp[k] && truth.fp[k] <= f.fp[k].hi) / double(n) / splits;
    }
  }
  for (std::size_t i = 0; i < 5; ++i)
    fmt::print("| {} | {} | {:.4f} | {:.4f} | {:.4f} | {} of {} |\n", size, names[i], mean[i].tp,
               mean[i].fp, mean[i].regret, best[i], splits);
  fmt::print(
      "{} samples: the bands hold the full curve of TP at {:.3f} of all K, of FP at {:.3f}.\n",
      size, tp_held, fp_held);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: forecast COUNTS.csv [SPLITS]\n");
    return 2;
  }
  const stats::ModelCounts all = read(argv[1]);
  const int splits = argc > 2 ? std::atoi(argv[2]) : 20;
  fmt::print("{}: {} problems, n = {}\n", all.model, all.problems.size(), stats::smallest_n(all));
  fmt::print(
      "| samples | forecast | error of TP_K | error of FP_K | utility lost by its K | lowest error "
      "|\n|---|---|---|---|---|---|\n");
  for (int size : {10, 20, 50}) study(all, size, splits);
}
