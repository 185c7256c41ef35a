// Hosting a TorchScript module in place of our fit; the signature is in fit.h.
#include <fmt/format.h>
#include <torch/script.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/simulator/fit.h"
#include "harness/stats/limits_bands.h"

namespace assay::simulator {
namespace {

using torch::Tensor;

torch::jit::Module open(const std::string& path, const torch::Device& device) {
  try {
    torch::jit::Module module = torch::jit::load(path, device);
    module.eval();
    return module;
  } catch (const c10::Error&) {
    throw Error(fmt::format(
        "{} is not a TorchScript module; save one with torch.jit.script(...).save", path));
  }
}

/// Checked against the documented signature: shapes, finite, probabilities, tp + fp = accepted.
void check_output(const std::string& path, const Tensor& t, const char* name, std::int64_t rows,
                  std::int64_t columns) {
  const auto refuse = [&](const std::string& why) {
    throw Error(fmt::format("{}: the module's `{}` {}", path, name, why));
  };
  if (t.dim() != 2 || t.size(0) != rows || t.size(1) != columns)
    refuse(fmt::format("must have the shape [{}, {}]", rows, columns));
  if (!torch::isfinite(t).all().item<bool>()) refuse("is not finite");
  constexpr double kRounding = 1e-6;  // modules may compute in single precision
  if (t.min().item<double>() < -kRounding || t.max().item<double>() > 1 + kRounding)
    refuse("is not a probability");
}

struct Output {
  Tensor accepted, tp, fp;  // [problems][K], contiguous doubles on the CPU
};

Output run(const std::string& path, const Tensor& counts, const Tensor& k,
           const torch::Device& device) {
  torch::jit::Module module = open(path, device);
  torch::NoGradGuard guard;
  torch::jit::IValue value;
  try {
    value = module.forward({counts.to(device), k.to(device)});
  } catch (const std::exception& e) {
    const std::string what = e.what();
    throw Error(fmt::format("{}: the module failed on counts [P,4] and k [k]: {}", path,
                            what.substr(0, what.find('\n'))));
  }
  if (!value.isTuple() || value.toTuple()->elements().size() != 3)
    throw Error(fmt::format("{}: the module must return the tuple (accepted, tp, fp)", path));
  Tensor parts[3];
  const char* names[3] = {"accepted", "tp", "fp"};
  for (std::size_t i = 0; i < 3; ++i) {
    const torch::jit::IValue& part = value.toTuple()->elements()[i];
    if (!part.isTensor()) throw Error(fmt::format("{}: `{}` is not a tensor", path, names[i]));
    parts[i] = part.toTensor().to(torch::kCPU, torch::kFloat64).contiguous();
    check_output(path, parts[i], names[i], counts.size(0), k.size(0));
  }
  if ((parts[1] + parts[2] - parts[0]).abs().max().item<double>() > 1e-5)
    throw Error(fmt::format("{}: the module's tp and fp do not add up to accepted", path));
  return {parts[0], parts[1], parts[2]};
}

/// Mean over problems, and its percentile interval over resampled problems, for every column.
void add(const stats::Resamples& resamples, const Tensor& x, const stats::BootstrapOptions& options,
         std::vector<double>& means, stats::Band& band) {
  const auto rows = static_cast<std::size_t>(x.size(0)),
             columns = static_cast<std::size_t>(x.size(1));
  const std::span<const double> values(x.data_ptr<double>(), rows * columns);
  std::vector<double> sums = stats::weighted_sums(resamples, values, columns, options.threads);
  for (double& v : sums) v /= static_cast<double>(rows);
  const auto intervals =
      stats::percentile_intervals(sums, resamples.replicates, options.level, options.threads);
  for (std::size_t c = 0; c < columns; ++c) {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) sum += values[r * columns + c];
    means.push_back(sum / static_cast<double>(rows));
    if (rows < 2) continue;  // one problem: no interval
    band.lo.emplace_back(intervals[c].lo);
    band.hi.emplace_back(intervals[c].hi);
  }
}

stats::UtilityCurve utility_of(const stats::Resamples& resamples, const Output& y,
                               const Tensor& draws, const stats::Costs& costs,
                               const stats::BootstrapOptions& options) {
  stats::UtilityCurve out;
  out.costs = costs;
  const Tensor x = (y.tp - costs.lambda * y.fp - costs.kappa * draws).contiguous();
  add(resamples, x, options, out.value, out.band);
  const stats::Optimum best = stats::best_k(out.value);
  out.k_opt = best.k, out.utility_opt = best.utility, out.censored = best.censored;
  out.regret_lo = best.band_lo, out.regret_hi = best.band_hi;
  return out;
}

}  // namespace

FittedLimits host_module(const std::string& path, const stats::ModelCounts& counts,
                         const PosteriorOptions& options, const stats::BootstrapOptions& bootstrap,
                         const std::string& device) {
  FittedLimits out;
  out.method = "module " + path;
  if (counts.problems.empty()) throw Error("the module has no judged problem to speak about");
  if (options.k_max < 1 || options.k_max > stats::kDrawsMax)
    throw Error(fmt::format("K up to {} was asked of the module; use 1 to {}", options.k_max,
                            stats::kDrawsMax));
  std::vector<double> flat;
  for (const stats::Counts& c : counts.problems)
    for (std::int64_t cell : {c.tp, c.fp, c.fn, c.tn}) flat.push_back(static_cast<double>(cell));
  const Tensor input =
      torch::tensor(flat, torch::kFloat64).view({static_cast<long>(counts.problems.size()), 4});
  const Tensor k = torch::arange(0, options.k_max + 1, torch::kFloat64);
  const torch::Device where(device == "auto" ? (torch::cuda::is_available() ? "cuda" : "cpu")
                                             : device);
  const Output y = run(path, input, k, where);
  // Expected draws: the chance that none was accepted before, summed over the draws.
  const Tensor tail = 1 - y.accepted.slice(1, 0, options.k_max);
  const Tensor draws =
      torch::cat({torch::zeros({input.size(0), 1}, torch::kFloat64), torch::cumsum(tail, 1)}, 1)
          .contiguous();
  const stats::Resamples resamples =
      stats::resample_problems(counts.problems.size(), bootstrap, counts.dataset);
  for (int i = 0; i <= options.k_max; ++i) out.k.push_back(i);
  add(resamples, y.accepted, bootstrap, out.mean.accepted, out.accepted);
  add(resamples, y.tp, bootstrap, out.mean.tp, out.tp);
  add(resamples, y.fp, bootstrap, out.mean.fp, out.fp);
  add(resamples, draws, bootstrap, out.mean.draws, out.draws);
  for (const stats::Costs& costs : options.costs) {
    stats::check(costs);
    out.utility.push_back(utility_of(resamples, y, draws, costs, bootstrap));
  }
  out.notes.emplace_back("bands resample problems; the module's own uncertainty is not in them");
  return out;
}

}  // namespace assay::simulator
