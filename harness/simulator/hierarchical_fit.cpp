#include "harness/simulator/hierarchical_fit.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/simulator/minimise.h"

namespace assay::simulator {
namespace {

using torch::Tensor;

constexpr long kPerModel = 4, kShared = 5;
constexpr std::int64_t kTableMax = 512;  // longer tables of rising factorials cost more than lgamma

/// Counts as [models][1][problems], as numbers and as places in a table.
struct Cells {
  Tensor values, index;
};

struct Data {
  Cells accepted, rejected, n, tp, fp;
  Tensor grid, grid_square, grid_product;  // positions; z^2 + v^2 and z v of the pairs
  std::int64_t n_max = 0;
  bool problem_effects = true;
  long models = 0;
};

Data prepare(const Table& table, bool problem_effects, const torch::Device& device) {
  Data d;
  d.problem_effects = problem_effects;
  d.models = static_cast<long>(table.cells.size());
  const long problems = static_cast<long>(table.task_ids.size());
  const auto cells = [&](auto part) {
    std::vector<std::int64_t> flat;
    for (const auto& row : table.cells)
      for (const stats::Counts& c : row) {
        flat.push_back(part(c));
        d.n_max = std::max(d.n_max, c.n());
      }
    const Tensor index =
        torch::tensor(flat, torch::kInt64).view({d.models, 1, problems}).to(device);
    return Cells{index.to(torch::kFloat64), index};
  };
  d.accepted = cells([](const stats::Counts& c) { return c.accepted(); });
  d.rejected = cells([](const stats::Counts& c) { return c.n() - c.accepted(); });
  d.n = cells([](const stats::Counts& c) { return c.n(); });
  d.tp = cells([](const stats::Counts& c) { return c.tp; });
  d.fp = cells([](const stats::Counts& c) { return c.fp; });
  d.grid = torch::tensor(grid_positions(problem_effects), torch::kFloat64).to(device);
  d.grid_square = d.grid.square().unsqueeze(1) + d.grid.square().unsqueeze(0);
  d.grid_product = d.grid.unsqueeze(1) * d.grid.unsqueeze(0);
  return d;
}

/// log x(x+1)...(x+k-1): x [models][positions], k [models][1][problems] ->
/// [models][positions][problems].
Tensor rising(const Tensor& x, const Cells& k, std::int64_t n_max) {
  const Tensor column = x.unsqueeze(2);
  if (n_max > kTableMax) return torch::lgamma(column + k.values) - torch::lgamma(column);
  const Tensor steps = torch::arange(n_max, x.options());
  const Tensor sums = torch::cumsum(torch::log(column + steps), 2);
  const Tensor table = torch::cat({torch::zeros_like(column), sums}, 2);
  return torch::gather(table, 2, k.index.expand({-1, x.size(1), -1}));
}

/// Sum over models of the log likelihood at each position: [positions][problems].
Tensor at_positions(const Tensor& mean_logit, const Tensor& size, const Cells& hit,
                    const Cells& miss, const Cells& all, std::int64_t n_max) {
  const Tensor column = size.unsqueeze(1);
  const Tensor a = column * torch::sigmoid(mean_logit), b = column * torch::sigmoid(-mean_logit);
  return (rising(a, hit, n_max) + rising(b, miss, n_max) - rising(column, all, n_max)).sum(0);
}

Tensor normal(const Tensor& x, double mean, double deviation) {
  return ((x - mean) / deviation).square().sum() / 2;
}

Tensor loss(const Tensor& x, const Data& d) {
  const Tensor model = x.slice(0, 0, kPerModel * d.models).view({kPerModel, d.models});
  const Tensor shared = x.slice(0, kPerModel * d.models);
  const Tensor sigma_d = shared[2].exp(), sigma_w = shared[3].exp();
  const Tensor rho = kRhoMax * torch::tanh(shared[4]);
  const Tensor acceptance = at_positions(model[0].unsqueeze(1) - sigma_d * d.grid, model[2].exp(),
                                         d.accepted, d.rejected, d.n, d.n_max);
  const Tensor precision = at_positions(model[1].unsqueeze(1) - sigma_w * d.grid, model[3].exp(),
                                        d.tp, d.fp, d.accepted, d.n_max);
  const Tensor weights =
      torch::log_softmax(
          (-(d.grid_square - 2 * rho * d.grid_product) / (2 * (1 - rho.square()))).flatten(), 0)
          .view({d.grid.size(0), d.grid.size(0), 1});
  // logsumexp over both positions without the [positions^2][problems] sum of three: exp of each
  // part is at most 1 after its own maximum is taken out, so this is one matrix product.
  const Tensor top_a = std::get<0>(acceptance.detach().max(0)),
               top_p = std::get<0>(precision.detach().max(0));
  const Tensor inner = torch::matmul(weights.squeeze(2).exp(), (precision - top_p).exp());
  const Tensor likelihood =
      ((((acceptance - top_a).exp() * inner).sum(0) + 1e-300).log() + top_a + top_p).sum();
  return normal(model[0], 0, 3) + normal(model[1], 1.5, 2) + normal(model[2] - shared[0], 0, 0.7) +
         normal(model[3] - shared[1], 0, 0.7) + normal(shared[0], std::log(4.0), 1.5) +
         normal(shared[1], std::log(4.0), 1.5) + normal(shared[2], std::log(2.0), 0.7) +
         normal(shared[3], 0, 0.7) + normal(shared[4], 0, 0.7) - likelihood;
}

Objective objective(const Data& data, const torch::Device& device) {
  return [&data, device](std::span<const double> x, std::span<double> gradient) {
    const Tensor parameters = torch::from_blob(const_cast<double*>(x.data()),
                                               {static_cast<long>(x.size())}, torch::kFloat64)
                                  .clone()
                                  .to(device)
                                  .requires_grad_(true);
    const Tensor value = loss(parameters, data);
    const Tensor slope = torch::autograd::grad({value}, {parameters})[0].cpu().contiguous();
    std::copy_n(slope.data_ptr<double>(), gradient.size(), gradient.begin());
    return value.item<double>();
  };
}

HierarchicalParameters parameters(const std::vector<double>& x, bool problem_effects) {
  const std::size_t m = (x.size() - kShared) / kPerModel;
  HierarchicalParameters out;
  for (std::size_t j = 0; j < m; ++j)
    out.models.push_back({x[j], x[m + j], std::exp(x[2 * m + j]), std::exp(x[3 * m + j])});
  out.sigma_difficulty = std::exp(x[4 * m + 2]);
  out.sigma_weakness = std::exp(x[4 * m + 3]);
  out.rho = kRhoMax * std::tanh(x[4 * m + 4]);
  out.problem_effects = problem_effects;
  return out;
}

/// Abilities and precisions from the pooled counts, the rest at its prior; noise from the second
/// on.
std::vector<double> start_at(const Table& table, int number, RandomStream& random) {
  const std::size_t m = table.cells.size();
  std::vector<double> x(kPerModel * m + kShared);
  const auto logit = [](double hit, double miss) { return std::log((hit + 1) / (miss + 1)); };
  for (std::size_t j = 0; j < m; ++j) {
    double accepted = 0, rejected = 0, tp = 0, fp = 0;
    for (const stats::Counts& c : table.cells[j]) {
      accepted += static_cast<double>(c.accepted());
      rejected += static_cast<double>(c.n() - c.accepted());
      tp += static_cast<double>(c.tp), fp += static_cast<double>(c.fp);
    }
    x[j] = logit(accepted, rejected);
    x[m + j] = logit(tp, fp);
    x[2 * m + j] = x[3 * m + j] = std::log(4.0);
  }
  x[4 * m] = x[4 * m + 1] = std::log(4.0);
  x[4 * m + 2] = std::log(2.0);
  if (number > 0)
    for (double& v : x) v += 0.5 * random.normal();
  return x;
}

}  // namespace

HierarchicalFit fit_hierarchical(const Table& table, const HierarchicalOptions& options) {
  if (table.cells.empty() || table.task_ids.empty())
    throw Error("without a model that has judged problems there is nothing to fit");
  const torch::Device device(options.device);
  const Data data = prepare(table, options.problem_effects, device);
  const Objective target = objective(data, device);
  HierarchicalFit out;
  out.dataset = table.dataset, out.models = table.models;
  Minimum best;
  best.value = INFINITY;
  RandomStream random(options.seed, "hierarchical starts");
  const int starts = options.start.empty() ? options.starts : 1;
  for (int i = 0; i < starts; ++i) {
    Minimum m =
        minimise(target, options.start.empty() ? start_at(table, i, random) : options.start);
    out.evaluations += m.evaluations;
    if (m.value < best.value) best = std::move(m);
  }
  out.free = best.x;
  out.best = parameters(best.x, options.problem_effects);
  out.log_posterior = -best.value;
  out.gradient_norm = best.gradient_norm;
  if (options.draws == 0) return out;
  if (table.cells.size() > kModelsWithUncertainty) {
    out.draws.assign(static_cast<std::size_t>(options.draws), out.best);
    out.notes.push_back("many models: the bands leave out the uncertainty of the model effects");
    return out;
  }
  RandomStream parameter_draws(options.seed, "hierarchical parameter draws");
  for (const auto& x : normal_draws(target, best.x, options.draws, 1, parameter_draws).x)
    out.draws.push_back(parameters(x, options.problem_effects));
  return out;
}

}  // namespace assay::simulator
