// Forecast study: fit on a few of a model's samples per problem, predict what more samples show.
//   forecast DATABASE --model codegen-16b-mono
// For 10, 20 and 50 of the n samples, drawn at random per problem: the mean absolute error of TP_K
// and FP_K over K = 1..n against the exact curve of all samples, beside four rivals on the same
// splits:
//   plug-in        1-(1-m/n)^K with the observed rates
//   one Dirichlet  fitted by the same code
//   beta-binomial  acceptance by one Beta (no atom), precision the same for all: pass@k
//   extrapolation last value     the exact curve up to the samples, then constant
// and how often the bands (95%, these problems) hold the full curve, and the error in best utility.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/base/random.h"
#include "harness/simulator/fit.h"
#include "harness/stats/curves.h"
#include "harness/stats/optimum.h"
#include "harness/stats/parallel.h"
#include "tests/bench/stored_counts.h"

using namespace assay;

namespace {

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

/// What the exact curve of all `n` samples will be, given those seen: each posterior draw gives
/// every problem the samples that are still to come. The curve of all samples rests on the seen
/// ones too, and on luck with the rest; the curve of endless fresh samples would miss both.
struct Forecast {
  stats::Curve mean;
  std::vector<stats::Interval> tp, fp;
};

std::int64_t draw_binomial(std::int64_t n, double p, RandomStream& random) {
  std::int64_t hits = 0;
  for (std::int64_t i = 0; i < n; ++i) hits += random.uniform() < p;
  return hits;
}

Forecast forecast(const std::vector<simulator::MixtureParameters>& draws,
                  const stats::ModelCounts& m, int n, std::uint64_t seed) {
  const simulator::Posterior p = simulator::mixture_posterior(draws, m, seed);
  RandomStream random(seed, "samples to come");
  const auto length = static_cast<std::size_t>(n) + 1;
  std::vector<double> tp(length * p.draws), fp(length * p.draws);
  stats::ModelCounts all = m;
  Forecast out{empty(n), {}, {}};
  for (std::size_t s = 0; s < p.draws; ++s) {
    for (std::size_t i = 0; i < p.problems(); ++i) {
      const std::size_t at = s * p.problems() + i;
      const std::int64_t left = n - m.problems[i].n();
      const std::int64_t more = draw_binomial(left, -std::expm1(p.log_reject[at]), random);
      const std::int64_t correct = draw_binomial(more, p.precision[at], random);
      all.problems[i] = m.problems[i];
      all.problems[i].tp += correct, all.problems[i].fp += more - correct;
      all.problems[i].tn += left - more;
    }
    const stats::Curve curve = stats::mean_curve(all, n);
    for (std::size_t k = 0; k < length; ++k) {
      tp[k * p.draws + s] = curve.tp[k], fp[k * p.draws + s] = curve.fp[k];
      out.mean.tp[k] += curve.tp[k] / static_cast<double>(p.draws);
      out.mean.fp[k] += curve.fp[k] / static_cast<double>(p.draws);
      out.mean.draws[k] += curve.draws[k] / static_cast<double>(p.draws);
    }
  }
  out.tp = stats::percentile_intervals(tp, p.draws, 0.95, 1);
  out.fp = stats::percentile_intervals(fp, p.draws, 0.95, 1);
  return out;
}

/// The curve of endless fresh samples of these problems, for comparison.
stats::Curve fresh(const std::vector<simulator::MixtureParameters>& draws,
                   const stats::ModelCounts& m, int k_max, std::uint64_t seed) {
  const simulator::Posterior p = simulator::mixture_posterior(draws, m, seed);
  simulator::PosteriorOptions options;
  options.estimand = simulator::Estimand::these;
  const std::vector<double> weights = simulator::problem_weights(p, options);
  stats::Curve out = empty(k_max);
  for (int k = 0; k <= k_max; ++k) {
    const simulator::DrawCurve c = simulator::curve_at(p, weights, k);
    for (std::size_t s = 0; s < p.draws; ++s) {
      out.tp[static_cast<std::size_t>(k)] += c.tp[s] / static_cast<double>(p.draws);
      out.fp[static_cast<std::size_t>(k)] +=
          (c.accepted[s] - c.tp[s]) / static_cast<double>(p.draws);
    }
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

constexpr const char* kNames[] = {"ours",          "plug-in",    "one Dirichlet",
                                  "beta-binomial", "last value", "ours, of fresh samples"};
constexpr std::size_t kForecasts = 6, kRivals = 5;  // the last is no rival

struct Score {
  double tp = 0, fp = 0, regret = 0;
};

struct Split {
  std::array<Score, kForecasts> score;
  std::size_t best = 0;  ///< of the first five, by the sum of both errors
  double tp_held = 0, fp_held = 0;
};

Split judge(const stats::ModelCounts& all, const stats::Curve& truth, int size,
            std::uint64_t seed) {
  const int n = static_cast<int>(truth.tp.size()) - 1;
  const stats::ModelCounts m = subset(all, size, seed);
  const auto ours = simulator::fit_mixture(m.problems, {.draws = 400, .seed = seed});
  const auto one = simulator::fit_mixture(
      m.problems, {.only = simulator::MixtureKind{1}, .starts = 1, .draws = 400, .seed = seed});
  const Forecast f = forecast(ours.draws, m, n, seed);
  const stats::Curve curves[] = {f.mean,
                                 plug_in(m, n),
                                 forecast(one.draws, m, n, seed).mean,
                                 beta_binomial(one.best, m, n),
                                 last_value(m, n),
                                 fresh(ours.draws, m, n, seed)};
  Split out;
  for (std::size_t i = 0; i < kForecasts; ++i)
    out.score[i] = {error(curves[i].tp, truth.tp), error(curves[i].fp, truth.fp),
                    regret(curves[i], truth)};
  const auto total = [&](std::size_t i) { return out.score[i].tp + out.score[i].fp; };
  for (std::size_t i = 1; i < kRivals; ++i)
    if (total(i) < total(out.best)) out.best = i;
  for (std::size_t k = 1; k < truth.tp.size(); ++k) {
    out.tp_held += (f.tp[k].lo <= truth.tp[k] && truth.tp[k] <= f.tp[k].hi) / double(n);
    out.fp_held += (f.fp[k].lo <= truth.fp[k] && truth.fp[k] <= f.fp[k].hi) / double(n);
  }
  return out;
}

void study(const stats::ModelCounts& all, int size, std::uint64_t first, int splits, int threads) {
  const int n = static_cast<int>(stats::smallest_n(all));
  const stats::Curve truth = stats::mean_curve(all, n);
  std::vector<Split> got(static_cast<std::size_t>(splits));
  stats::parallel_for(got.size(), threads,
                      [&](std::size_t i) { got[i] = judge(all, truth, size, first + i); });
  for (std::size_t i = 0; i < kForecasts; ++i) {
    Score mean;
    int best = 0;
    for (const Split& split : got) {
      mean.tp += split.score[i].tp / splits, mean.fp += split.score[i].fp / splits;
      mean.regret += split.score[i].regret / splits;
      best += split.best == i;
    }
    fmt::print("| {} | {} | {:.4f} | {:.4f} | {:.4f} | {} |\n", size, kNames[i], mean.tp, mean.fp,
               mean.regret, i < kRivals ? fmt::format("{} of {}", best, splits) : "");
  }
  // Ours less the plug-in's, split by split: the splits share their problems, so this is the error of
  // splitting alone.
  double lost = 0, square = 0;
  for (const Split& split : got) {
    const double more = split.score[0].regret - split.score[1].regret;
    lost += more / splits, square += more * more / splits;
  }
  fmt::print("| {} | worth lost, ours less the plug-in's | | | {:.4f} ± {:.4f} | |\n", size, lost,
             splits > 1 ? std::sqrt(std::max(0.0, square - lost * lost) / (splits - 1)) : 0.0);
  double tp_held = 0, fp_held = 0;
  for (const Split& split : got)
    tp_held += split.tp_held / splits, fp_held += split.fp_held / splits;
  fmt::print("| {} | share of K in our 95% bands | {:.3f} | {:.3f} | | |\n", size, tp_held,
             fp_held);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Fits on a few of a model's samples per problem and predicts what all of them show."};
  std::string path, dataset = "humaneval", model;
  int splits = 20, threads = 0;
  std::uint64_t first = 0;
  std::vector<int> sizes = {10, 20, 50};
  app.add_option("DATABASE", path)->required()->check(CLI::ExistingFile);
  app.add_option("--dataset", dataset)->capture_default_str();
  app.add_option("--model", model, "With the same number of samples on every problem")->required();
  app.add_option("--splits", splits, "Random splits")->check(CLI::Range(1, 10000));
  app.add_option("--first", first, "Number (seed) of the first split");
  app.add_option("--sizes", sizes, "Samples to fit on")->delimiter(',')->capture_default_str();
  app.add_option("--threads", threads, "0: as many as the machine has");
  CLI11_PARSE(app, argc, argv);
  const stats::ModelCounts all = bench::stored_counts(path, dataset, {model}).at(0);
  fmt::print("{}: {} problems, n = {}\n\n", all.model, all.problems.size(), stats::smallest_n(all));
  fmt::print(
      "| samples | forecast | error of TP_K | error of FP_K | utility lost by its K | lowest error "
      "|\n|---|---|---|---|---|---|\n");
  for (int size : sizes) study(all, size, first, splits, threads);
}
