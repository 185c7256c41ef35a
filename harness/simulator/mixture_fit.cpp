#include "harness/simulator/mixture_fit.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "harness/base/error.h"
#include "harness/simulator/minimise.h"

namespace assay::simulator {
namespace {

using torch::Tensor;

constexpr double kLogSize = 0.6931471805599453, kLogSizeDeviation = 1.5, kLogitDeviation = 2;

/// Problems with the same counts, once each: [distinct] columns on the device.
struct Data {
  Tensor accepted, rejected, tp, fp, times, never;  // never: log 1 where nothing was accepted
};

Data prepare(const std::vector<stats::Counts>& problems, const torch::Device& device) {
  std::map<std::array<std::int64_t, 3>, double> distinct;
  for (const stats::Counts& c : problems) ++distinct[{c.tp, c.fp, c.n() - c.accepted()}];
  std::vector<double> tp, fp, rejected, times;
  for (const auto& [cells, count] : distinct) {
    tp.push_back(static_cast<double>(cells[0]));
    fp.push_back(static_cast<double>(cells[1]));
    rejected.push_back(static_cast<double>(cells[2]));
    times.push_back(count);
  }
  const auto on = [&](const std::vector<double>& v) {
    return torch::tensor(v, torch::kFloat64).to(device);
  };
  Data d{{}, on(rejected), on(tp), on(fp), on(times), {}};
  d.accepted = d.tp + d.fp;
  d.never =
      torch::where(d.accepted > 0, torch::full_like(d.tp, -INFINITY), torch::zeros_like(d.tp));
  return d;
}

/// Free parameters: per component log size and logit mean of the acceptance, logit mean and (unless
/// tied) log size of the precision, logit of its weight against the atom's 0.
std::size_t width(bool tied) { return tied ? 4 : 5; }

struct Unpacked {
  Tensor alpha, beta, gamma, delta, log_weight;  // [components], log_weight [components + 1]
};

Unpacked unpack(const Tensor& x, bool tied) {
  const Tensor size = x[0].exp(), mean = x[1].sigmoid(), precision = x[2].sigmoid();
  Unpacked u;
  u.alpha = size * mean;
  u.beta = size * (1 - mean);
  const Tensor precision_size = tied ? u.alpha : x[4].exp();
  u.gamma = precision_size * precision;
  u.delta = precision_size * (1 - precision);
  u.log_weight = torch::log_softmax(torch::cat({torch::zeros({1}, x.options()), x[3]}), 0);
  return u;
}

/// log B(a+x, b+y)/B(a, b) for components x problems.
Tensor log_beta_binomial(const Tensor& a, const Tensor& b, const Tensor& x, const Tensor& y) {
  const Tensor ca = a.unsqueeze(1), cb = b.unsqueeze(1);
  return torch::lgamma(ca + x) + torch::lgamma(cb + y) - torch::lgamma(ca + cb + (x + y)) -
         (torch::lgamma(a) + torch::lgamma(b) - torch::lgamma(a + b)).unsqueeze(1);
}

Tensor loss(const Tensor& x, const Data& data, bool tied) {
  const Unpacked u = unpack(x, tied);
  const Tensor components = log_beta_binomial(u.alpha, u.beta, data.accepted, data.rejected) +
                            log_beta_binomial(u.gamma, u.delta, data.tp, data.fp);
  const Tensor all = torch::cat({data.never.unsqueeze(0), components}) + u.log_weight.unsqueeze(1);
  const Tensor likelihood = (torch::logsumexp(all, 0) * data.times).sum();
  const auto normal = [](const Tensor& t, double mean, double deviation) {
    return ((t - mean) / deviation).square().sum() / 2;
  };
  Tensor penalty = normal(x[0], kLogSize, kLogSizeDeviation) + normal(x[1], 0, kLogitDeviation) +
                   normal(x[2], 0, kLogitDeviation) + normal(x[3], 0, kLogitDeviation);
  if (!tied) penalty = penalty + normal(x[4], kLogSize, kLogSizeDeviation);
  return penalty - likelihood;
}

Objective objective(const Data& data, bool tied, const torch::Device& device) {
  return [&data, tied, device](std::span<const double> x, std::span<double> gradient) {
    const long rows = static_cast<long>(width(tied));
    const Tensor parameters =
        torch::from_blob(const_cast<double*>(x.data()), {rows, static_cast<long>(x.size()) / rows},
                         torch::kFloat64)
            .clone()
            .to(device)
            .requires_grad_(true);
    const Tensor value = loss(parameters, data, tied);
    const Tensor slope = torch::autograd::grad({value}, {parameters})[0].cpu().contiguous();
    std::copy_n(slope.data_ptr<double>(), gradient.size(), gradient.begin());
    return value.item<double>();
  };
}

/// Starts: components spread over the range of acceptance, shifted at random from the second on.
std::vector<double> start_at(int components, bool tied, int number, RandomStream& random) {
  std::vector<double> x(static_cast<std::size_t>(components) * width(tied));
  const std::size_t c = static_cast<std::size_t>(components);
  for (std::size_t i = 0; i < c; ++i) {
    const double noise = number == 0 ? 0 : 1;
    const double at = (static_cast<double>(i) + 0.5) / static_cast<double>(c);
    x[i] = kLogSize + noise * random.normal();
    x[c + i] = 4 * (at - 0.5) + noise * random.normal();
    x[2 * c + i] = 2 * at + noise * random.normal();
    x[3 * c + i] = 1 + noise * 0.5 * random.normal();
    if (!tied) x[4 * c + i] = kLogSize + noise * random.normal();
  }
  return x;
}

MixtureParameters parameters(const std::vector<double>& x, bool tied) {
  const std::size_t c = x.size() / width(tied);
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  MixtureParameters out;
  double sum = 1;
  for (std::size_t i = 0; i < c; ++i) sum += std::exp(x[3 * c + i]);
  out.atom = 1 / sum;
  for (std::size_t i = 0; i < c; ++i) {
    const double size = std::exp(x[i]), mean = sigmoid(x[c + i]), theta = sigmoid(x[2 * c + i]);
    const double precision_size = tied ? size * mean : std::exp(x[4 * c + i]);
    out.components.push_back({std::exp(x[3 * c + i]) / sum, size * mean, size * sigmoid(-x[c + i]),
                              precision_size * theta, precision_size * sigmoid(-x[2 * c + i])});
  }
  return out;
}

class Fitter {
 public:
  Fitter(const std::vector<stats::Counts>& problems, const MixtureOptions& options)
      : problems_(problems),
        options_(options),
        device_(options.device),
        data_(prepare(problems, device_)) {
    fold_.resize(problems.size());
    RandomStream random(options.seed, "folds");
    std::vector<std::uint32_t> order(problems.size());
    std::iota(order.begin(), order.end(), 0u);
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
    for (std::size_t i = 0; i < order.size(); ++i)
      fold_[order[i]] = static_cast<int>(i) % options.folds;
  }

  Minimum best_of_starts(int components, bool tied) const {
    RandomStream random(options_.seed, "starts");
    Minimum best;
    best.value = INFINITY;
    int evaluations = 0;
    for (int i = 0; i < options_.starts; ++i) {
      Minimum m = minimise(objective(data_, tied, device_), start_at(components, tied, i, random));
      evaluations += m.evaluations;
      if (m.value < best.value) best = std::move(m);
    }
    best.evaluations = evaluations;
    return best;
  }

  /// Held-out log predictive density, each fold's fit starting from the fit to all.
  MixtureCandidate held_out(int components, bool tied, const std::vector<double>& start) const {
    std::vector<double> scores;
    for (int fold = 0; fold < options_.folds; ++fold) {
      std::vector<stats::Counts> kept;
      for (std::size_t i = 0; i < problems_.size(); ++i)
        if (fold_[i] != fold) kept.push_back(problems_[i]);
      if (kept.empty() || kept.size() == problems_.size()) continue;
      const Data data = prepare(kept, device_);
      const MixtureParameters fitted =
          parameters(minimise(objective(data, tied, device_), start, 60).x, tied);
      for (std::size_t i = 0; i < problems_.size(); ++i)
        if (fold_[i] == fold) scores.push_back(log_marginal(fitted, problems_[i]));
    }
    return {components, tied, mean(scores), deviation(scores)};
  }

  /// Normal approximation, then resampled by the ratio of the exact posterior to it.
  std::vector<MixtureParameters> draws(const Minimum& at, bool tied) const {
    RandomStream random(options_.seed, "parameter draws");
    const Objective target = objective(data_, tied, device_);
    const NormalDraws normal = normal_draws(target, at.x, 2 * options_.draws, 2, random);
    std::vector<double> log_ratio, unused(at.x.size());
    for (std::size_t i = 0; i < normal.x.size(); ++i)
      log_ratio.push_back(-target(normal.x[i], unused) - normal.log_density[i]);
    const double top = *std::max_element(log_ratio.begin(), log_ratio.end());
    std::vector<double> cumulative;
    double sum = 0;
    // Ratios are cut at the e-fold of their largest tenth, or a single draw could take over.
    std::vector<double> sorted = log_ratio;
    std::sort(sorted.begin(), sorted.end());
    const double cut = std::min(top, sorted[sorted.size() * 9 / 10] + 1);
    for (double r : log_ratio) cumulative.push_back(sum += std::exp(std::min(r, cut) - cut));
    std::vector<MixtureParameters> out;
    for (int i = 0; i < options_.draws; ++i) {
      const auto chosen =
          std::lower_bound(cumulative.begin(), cumulative.end() - 1, random.uniform() * sum);
      out.push_back(
          parameters(normal.x[static_cast<std::size_t>(chosen - cumulative.begin())], tied));
    }
    return out;
  }

 private:
  static double mean(const std::vector<double>& v) {
    return std::accumulate(v.begin(), v.end(), 0.0) /
           static_cast<double>(std::max<std::size_t>(v.size(), 1));
  }
  static double deviation(const std::vector<double>& v) {
    double sum = 0;
    for (double x : v) sum += (x - mean(v)) * (x - mean(v));
    const double n = static_cast<double>(v.size());
    return n > 1 ? std::sqrt(sum / (n - 1) / n) : 0;
  }

  const std::vector<stats::Counts>& problems_;
  const MixtureOptions& options_;
  torch::Device device_;
  Data data_;
  std::vector<int> fold_;
};

}  // namespace

MixtureFit fit_mixture(const std::vector<stats::Counts>& problems, const MixtureOptions& options) {
  if (problems.empty()) throw Error("a model without a judged problem cannot be fitted");
  const Fitter fitter(problems, options);
  MixtureFit out;
  Minimum best;
  double best_held_out = -INFINITY;
  const bool choose = options.components_only == 0;
  for (bool tied : {true, false}) {
    if (!tied && options.tied_only) continue;
    const int first = choose ? 1 : options.components_only;
    const int last = choose ? options.components_max : options.components_only;
    double previous = -INFINITY;
    for (int components = first; components <= last; ++components) {
      Minimum m = fitter.best_of_starts(components, tied);
      out.evaluations += m.evaluations;
      MixtureCandidate candidate{components, tied, 0, 0};
      if (choose || !options.tied_only) candidate = fitter.held_out(components, tied, m.x);
      out.candidates.push_back(candidate);
      if (candidate.held_out > best_held_out) {
        best_held_out = candidate.held_out;
        out.components = components, out.tied = tied;
        best = std::move(m);
      }
      if (candidate.held_out < previous) break;  // more components only lose from here
      previous = candidate.held_out;
    }
  }
  out.best = parameters(best.x, out.tied);
  out.free = best.x;
  out.log_posterior = -best.value;
  out.gradient_norm = best.gradient_norm;
  out.draws = fitter.draws(best, out.tied);
  return out;
}

MixtureParameters refit_mixture(const MixtureFit& fit, const std::vector<stats::Counts>& problems,
                                const std::string& device) {
  const torch::Device where(device);
  const Data data = prepare(problems, where);
  return parameters(minimise(objective(data, fit.tied, where), fit.free).x, fit.tied);
}

}  // namespace assay::simulator
