#include "harness/simulator/mixture_fit.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/base/error.h"
#include "harness/simulator/chains.h"
#include "harness/simulator/link.h"
#include "harness/simulator/minimise.h"

namespace assay::simulator {
namespace {

using torch::Tensor;

/// Problems with the same counts, once each: [distinct] columns.
struct Data {
  Tensor accepted, rejected, tp, fp, times, never;  // never: log 1 where nothing was accepted
};

Data prepare(const std::vector<stats::Counts>& problems) {
  const DistinctCounts distinct = distinct_counts(problems);
  const auto column = [](const std::vector<double>& v) {
    return torch::tensor(v, torch::kFloat64);
  };
  Data d{{},
         column(distinct.rejected),
         column(distinct.tp),
         column(distinct.fp),
         column(distinct.times),
         {}};
  d.accepted = d.tp + d.fp;
  d.never =
      torch::where(d.accepted > 0, torch::full_like(d.tp, -INFINITY), torch::zeros_like(d.tp));
  return d;
}

struct Unpacked {
  Tensor alpha, beta, gamma, delta, log_weight;  // [components], log_weight [components + 1]
};

Unpacked unpack(const Tensor& x, const MixtureKind& kind) {
  const auto size_of = [](const Tensor& t) { return t.clamp(-kLogSizeMax, kLogSizeMax).exp(); };
  const Tensor size = size_of(x[0]), mean = x[1].clamp(-kLogitMax, kLogitMax),
               precision = x[2].clamp(-kLogitMax, kLogitMax);
  Unpacked u;
  u.alpha = size * mean.sigmoid();
  u.beta = size * (-mean).sigmoid();
  const Tensor precision_size = kind.tied ? u.alpha : size_of(x[4]);
  u.gamma = precision_size * precision.sigmoid();
  u.delta = precision_size * (-precision).sigmoid();
  const Tensor atom = torch::full({1}, kind.atom ? 0.0 : -INFINITY, x.options());
  u.log_weight = torch::log_softmax(torch::cat({atom, x[3]}), 0);
  return u;
}

/// log B(a+x, b+y)/B(a, b) for components x problems.
Tensor log_beta_binomial(const Tensor& a, const Tensor& b, const Tensor& x, const Tensor& y) {
  const Tensor ca = a.unsqueeze(1), cb = b.unsqueeze(1);
  return torch::lgamma(ca + x) + torch::lgamma(cb + y) - torch::lgamma(ca + cb + (x + y)) -
         (torch::lgamma(a) + torch::lgamma(b) - torch::lgamma(a + b)).unsqueeze(1);
}

Tensor loss(const Tensor& x, const Data& data, const MixtureKind& kind) {
  const Unpacked u = unpack(x, kind);
  const Tensor components = log_beta_binomial(u.alpha, u.beta, data.accepted, data.rejected) +
                            log_beta_binomial(u.gamma, u.delta, data.tp, data.fp);
  const Tensor all = torch::cat({data.never.unsqueeze(0), components}) + u.log_weight.unsqueeze(1);
  const Tensor likelihood = (torch::logsumexp(all, 0) * data.times).sum();
  const auto normal = [](const Tensor& t, double mean, double deviation) {
    return ((t - mean) / deviation).square().sum() / 2;
  };
  Tensor penalty = normal(x[0], kLogSize, kLogSizeDeviation) + normal(x[1], 0, kLogitDeviation) +
                   normal(x[2], 0, kLogitDeviation) + normal(x[3], 0, kLogitDeviation);
  if (!kind.tied) penalty = penalty + normal(x[4], kLogSize, kLogSizeDeviation);
  return penalty - likelihood;
}

Objective objective(const Data& data, const MixtureKind& kind) {
  return [&data, kind](std::span<const double> x, std::span<double> gradient) {
    const long rows = static_cast<long>(kind.rows());
    const Tensor parameters =
        torch::from_blob(const_cast<double*>(x.data()), {rows, static_cast<long>(x.size()) / rows},
                         torch::kFloat64)
            .clone()
            .requires_grad_(true);
    const Tensor value = loss(parameters, data, kind);
    const Tensor slope = torch::autograd::grad({value}, {parameters})[0].contiguous();
    std::copy_n(slope.data_ptr<double>(), gradient.size(), gradient.begin());
    return value.item<double>();
  };
}

/// The same by hand-written gradients, for the many small fits behind a choice. Outside the density
/// it is infinite, which the minimiser steps back from.
template <typename Target>
Objective negative(const Target& target) {
  return [&target](std::span<const double> x, std::span<double> gradient) {
    const double value = -target(x, gradient);
    for (double& g : gradient) g = -g;
    return value;
  };
}

/// Starts: components spread over the range of acceptance, shifted at random from the second on.
std::vector<double> start_at(const MixtureKind& kind, int number, RandomStream& random) {
  std::vector<double> x(kind.size());
  const std::size_t c = static_cast<std::size_t>(kind.components);
  for (std::size_t i = 0; i < c; ++i) {
    const double noise = number == 0 ? 0 : 1;
    const double at = (static_cast<double>(i) + 0.5) / static_cast<double>(c);
    x[i] = kLogSize + noise * random.normal();
    x[c + i] = 4 * (at - 0.5) + noise * random.normal();
    x[2 * c + i] = 2 * at + noise * random.normal();
    x[3 * c + i] = 1 + noise * 0.5 * random.normal();
    if (!kind.tied) x[4 * c + i] = kLogSize + noise * random.normal();
  }
  return x;
}

double mean(const std::vector<double>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(v.size(), 1));
}

double standard_error(const std::vector<double>& v) {
  double sum = 0;
  const double middle = mean(v), n = static_cast<double>(v.size());
  for (double x : v) sum += (x - middle) * (x - middle);
  return n > 1 ? std::sqrt(sum / (n - 1) / n) : 0;
}

/// A kind fitted to everything, with its scores of held-out problems.
struct Fitted {
  MixtureCandidate candidate;
  Minimum minimum;
  std::vector<double> scores;  ///< per problem
};

class Fitter {
 public:
  Fitter(const std::vector<stats::Counts>& problems, const MixtureOptions& options)
      : problems_(problems), options_(options), data_(prepare(problems)) {
    fold_.resize(problems.size());
    RandomStream random(options.seed, "folds");
    std::vector<std::uint32_t> order(problems.size());
    std::iota(order.begin(), order.end(), 0u);
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
    for (std::size_t i = 0; i < order.size(); ++i)
      fold_[order[i]] = static_cast<int>(i) % options.folds;
    for (int fold = 0; fold < options.folds; ++fold) {
      std::vector<stats::Counts> kept;
      for (std::size_t i = 0; i < problems.size(); ++i)
        if (fold_[i] != fold) kept.push_back(problems[i]);
      without_.push_back(std::move(kept));
    }
  }

  /// `near` begins at another kind's optimum in place of the usual starts.
  Fitted fit(const MixtureKind& kind, const std::vector<double>* near = nullptr) const {
    RandomStream random(options_.seed, "starts");
    Fitted out;
    out.candidate.kind = kind;
    out.minimum.value = INFINITY;
    int evaluations = 0;
    const auto run = [&](const std::vector<double>& from, double gradient_max) {
      Minimum m = minimise(objective(data_, kind), from, 300, gradient_max);
      evaluations += m.evaluations;
      if (m.value < out.minimum.value) out.minimum = std::move(m);
    };
    if (near) run(*near, kConverged);
    for (int i = 0; !near && i < options_.starts; ++i) run(start_at(kind, i, random), kRoughly);
    if (!near) run(std::vector<double>(out.minimum.x), kConverged);
    out.minimum.evaluations = evaluations;
    return out;
  }

  /// Held-out log predictive density, each fold's fit starting from the fit to all.
  void hold_out(Fitted& fitted) const {
    const MixtureKind& kind = fitted.candidate.kind;
    fitted.scores.resize(problems_.size());
    for (int fold = 0; fold < options_.folds; ++fold) {
      const MixtureTarget target(without_[static_cast<std::size_t>(fold)], kind);
      const MixtureParameters p =
          mixture_parameters(minimise(negative(target), fitted.minimum.x, 60, kRoughly).x, kind);
      for (std::size_t i = 0; i < problems_.size(); ++i)
        if (fold_[i] == fold) fitted.scores[i] = log_marginal(p, problems_[i]);
    }
    fitted.candidate.held_out = mean(fitted.scores);
    fitted.candidate.held_out_error = standard_error(fitted.scores);
  }

  /// All kinds worth a look: components are added while they gain.
  std::vector<Fitted> candidates() const {
    std::vector<Fitted> out;
    if (options_.only) return {fit(*options_.only)};
    for (bool tied : {true, false}) {
      double previous = -INFINITY;
      for (int components = 1; components <= options_.components_max; ++components) {
        out.push_back(fit({components, tied, true}));
        hold_out(out.back());
        const double with_atom = out.back().candidate.held_out;
        out.push_back(fit({components, tied, false}, &out.back().minimum.x));
        hold_out(out.back());
        const double here = std::max(with_atom, out.back().candidate.held_out);
        if (here < previous) break;
        previous = here;
      }
    }
    return out;
  }

  /// Pseudo-BMA+: what each candidate's chance to predict best is, over resampled problems.
  void weigh(std::vector<Fitted>& fitted) const {
    if (fitted.size() < 2 || problems_.size() < 2) return;
    RandomStream random(options_.seed, "weights of kinds");
    constexpr int kReplicates = 400;
    std::vector<double> weight(fitted.size()), sum(fitted.size());
    for (int r = 0; r < kReplicates; ++r) {
      std::fill(sum.begin(), sum.end(), 0.0);
      double total = 0;
      for (std::size_t i = 0; i < problems_.size(); ++i) {
        const double share = -std::log(random.uniform());
        total += share;
        for (std::size_t k = 0; k < fitted.size(); ++k) sum[k] += share * fitted[k].scores[i];
      }
      const double top = *std::max_element(sum.begin(), sum.end());
      const double scale = static_cast<double>(problems_.size()) / total;
      double all = 0;
      for (double& s : sum) all += s = std::exp((s - top) * scale);
      for (std::size_t k = 0; k < fitted.size(); ++k) weight[k] += sum[k] / all / kReplicates;
    }
    for (std::size_t k = 0; k < fitted.size(); ++k) fitted[k].candidate.weight = weight[k];
  }

  /// Of the exact posterior of one kind's parameters.
  void draw(const Fitted& fitted, int count, std::vector<MixtureParameters>& out) const {
    const MixtureKind& kind = fitted.candidate.kind;
    draw(
        MixtureTarget(problems_, kind), fitted.minimum.x, count,
        [&](std::span<const double> x) { return mixture_parameters(x, kind); }, out);
  }

  /// The same of the link's.
  void draw_link(int count, std::vector<MixtureParameters>& out) const {
    const LinkTarget target(problems_);
    draw(target, minimise(negative(target), link_start()).x, count, link_parameters, out);
  }

 private:
  template <typename Target, typename Parameters>
  void draw(const Target& target, const std::vector<double>& optimum, int count,
            const Parameters& parameters, std::vector<MixtureParameters>& out) const {
    if (count <= 0) return;
    RandomStream random(options_.seed, "parameter draws " + std::to_string(out.size()));
    const int chains = std::max(24, static_cast<int>(2 * optimum.size()));
    NormalDraws normal = normal_draws(negative(target), optimum, chains, kLogitDeviation, random);
    for (const std::vector<double>& x :
         run_chains([&](std::span<const double> at) { return target(at); }, std::move(normal.x),
                    count, {}, random))
      out.push_back(parameters(x));
  }

  const std::vector<stats::Counts>& problems_;
  const MixtureOptions& options_;
  Data data_;
  std::vector<int> fold_;
  std::vector<std::vector<stats::Counts>> without_;  ///< per fold, the other problems
};

/// Whole draws by weight, largest remainders first; kinds too light for one draw get none.
std::vector<int> shares(const std::vector<Fitted>& fitted, int draws) {
  std::vector<int> out;
  std::vector<std::pair<double, std::size_t>> remainders;
  int left = draws;
  for (std::size_t k = 0; k < fitted.size(); ++k) {
    const double wanted = fitted[k].candidate.weight * draws;
    out.push_back(static_cast<int>(wanted));
    left -= out.back();
    remainders.emplace_back(out.back() - wanted, k);
  }
  std::sort(remainders.begin(), remainders.end());
  for (std::size_t i = 0; left > 0; i = (i + 1) % remainders.size(), --left)
    ++out[remainders[i].second];
  return out;
}

}  // namespace

MixtureFit fit_mixture(const std::vector<stats::Counts>& problems, const MixtureOptions& options) {
  if (problems.empty()) throw Error("a model without a judged problem cannot be fitted");
  const Fitter fitter(problems, options);
  std::vector<Fitted> fitted = fitter.candidates();
  fitter.weigh(fitted);
  MixtureFit out;
  const Fitted* best = &fitted.front();
  for (const Fitted& f : fitted) {
    out.evaluations += f.minimum.evaluations;
    out.candidates.push_back(f.candidate);
    if (f.candidate.held_out > best->candidate.held_out) best = &f;
  }
  out.kind = best->candidate.kind;
  out.best = mixture_parameters(best->minimum.x, out.kind);
  out.free = best->minimum.x;
  out.log_posterior = -best->minimum.value;
  out.gradient_norm = best->minimum.gradient_norm;
  const int linked = options.only ? 0 : options.draws / 2;
  const std::vector<int> counts = shares(fitted, options.draws - linked);
  for (std::size_t k = 0; k < fitted.size(); ++k) fitter.draw(fitted[k], counts[k], out.draws);
  fitter.draw_link(linked, out.draws);
  // Users take draws in order, also the first few of them: the kinds must be mixed.
  RandomStream random(options.seed, "order of draws");
  for (std::size_t i = out.draws.size(); i > 1; --i)
    std::swap(out.draws[i - 1], out.draws[random.below(static_cast<std::uint32_t>(i))]);
  return out;
}

MixtureParameters refit_mixture(const MixtureFit& fit, const std::vector<stats::Counts>& problems) {
  const Data data = prepare(problems);
  return mixture_parameters(minimise(objective(data, fit.kind), fit.free).x, fit.kind);
}

}  // namespace assay::simulator
