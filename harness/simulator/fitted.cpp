// From a fit to posterior draws and limits; the fingerprint of its counts.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/simulator/fit.h"
#include "harness/stats/parallel.h"
#include "harness/stats/rates.h"

namespace assay::simulator {
namespace {

const DatasetFit* find_dataset(const Fit& fit, const std::string& dataset) {
  for (const DatasetFit& d : fit.datasets)
    if (d.dataset == dataset) return &d;
  return nullptr;
}

/// P(correct | rejected) per draw and problem: Jeffreys' Beta where rejected samples can be
/// correct.
void draw_rejected(const stats::ModelCounts& counts, std::uint64_t seed, Posterior& out) {
  out.rejected_correct.assign(out.draws * out.problems(), 0);
  if (stats::fn_impossible(counts)) return;
  for (std::size_t i = 0; i < counts.problems.size(); ++i) {
    const auto at = std::lower_bound(out.task_ids.begin(), out.task_ids.end(), counts.task_ids[i]);
    const std::size_t p = static_cast<std::size_t>(at - out.task_ids.begin());
    RandomStream random(seed, "rejected " + counts.model + "\n" + counts.task_ids[i]);
    const stats::Counts& c = counts.problems[i];
    for (std::size_t s = 0; s < out.draws; ++s)
      out.rejected_correct[s * out.problems() + p] = std::exp(
          draw_beta(static_cast<double>(c.fn) + 0.5, static_cast<double>(c.tn) + 0.5, random)
              .log_p);
  }
}

}  // namespace

Posterior covered(const Posterior& all, const std::vector<std::string>& task_ids) {
  Posterior out{all.dataset, all.model, all.method, task_ids, all.draws};
  out.notes = all.notes;
  std::vector<std::size_t> at;
  for (const std::string& id : task_ids)
    at.push_back(static_cast<std::size_t>(
        std::lower_bound(all.task_ids.begin(), all.task_ids.end(), id) - all.task_ids.begin()));
  for (std::size_t s = 0; s < all.draws; ++s)
    for (std::size_t i : at) {
      out.log_reject.push_back(all.log_reject[s * all.problems() + i]);
      out.precision.push_back(all.precision[s * all.problems() + i]);
      out.rejected_correct.push_back(all.rejected_correct[s * all.problems() + i]);
    }
  return out;
}

Table fitted_table(const DatasetFit& fit, const std::vector<stats::ModelCounts>& models) {
  std::vector<const stats::ModelCounts*> ordered(fit.models.size());
  for (const stats::ModelCounts& m : models)
    for (std::size_t j = 0; j < fit.models.size(); ++j)
      if (m.dataset == fit.dataset && m.model == fit.models[j]) ordered[j] = &m;
  ASSAY_INVARIANT(std::count(ordered.begin(), ordered.end(), nullptr) == 0);
  return make_table(ordered);
}

std::string fingerprint(const std::vector<stats::ModelCounts>& models) {
  std::vector<std::string> each;
  for (const stats::ModelCounts& m : models) {
    Hasher hasher;
    hasher.add(m.dataset).add(m.model).add(m.proxy).add(m.gold);
    for (std::size_t i = 0; i < m.problems.size(); ++i) {
      const stats::Counts& c = m.problems[i];
      hasher.add(m.task_ids[i]).add(fmt::format("{} {} {} {}", c.tp, c.fp, c.fn, c.tn));
    }
    each.push_back(hasher.hex());
  }
  std::sort(each.begin(), each.end());
  Hasher all;
  for (const std::string& h : each) all.add(h);
  return all.hex();
}

std::vector<stats::ModelCounts> fitted_models(const Fit& fit,
                                              const std::vector<stats::ModelCounts>& models) {
  std::vector<stats::ModelCounts> out;
  for (const stats::ModelCounts& m : models) {
    const DatasetFit* dataset = find_dataset(fit, m.dataset);
    if (dataset && std::count(dataset->models.begin(), dataset->models.end(), m.model))
      out.push_back(m);
  }
  return out;
}

Posterior mixture_posterior(const std::vector<MixtureParameters>& draws,
                            const stats::ModelCounts& counts, std::uint64_t seed) {
  Posterior out{counts.dataset, counts.model, "mixture", counts.task_ids, draws.size()};
  const std::size_t problems = counts.problems.size();
  out.log_reject.resize(draws.size() * problems);
  out.precision.resize(draws.size() * problems);
  std::vector<RandomStream> streams;
  for (const std::string& id : counts.task_ids)
    streams.emplace_back(seed, "mixture " + counts.model + "\n" + id);
  for (std::size_t s = 0; s < draws.size(); ++s) {
    std::map<std::array<std::int64_t, 3>, std::vector<double>> shares;  // few counts differ
    for (std::size_t i = 0; i < problems; ++i) {
      const stats::Counts& c = counts.problems[i];
      std::vector<double>& own = shares[{c.tp, c.fp, c.n()}];
      if (own.empty()) own = problem_shares(draws[s], c);
      const ProblemDraw d = draw_problem(draws[s], c, own, streams[i]);
      out.log_reject[s * problems + i] = d.log_reject;
      out.precision[s * problems + i] = d.precision;
    }
  }
  out.seen = counts.problems;
  draw_rejected(counts, seed, out);
  return out;
}

std::vector<Posterior> posteriors(const Fit& fit, const std::vector<stats::ModelCounts>& models) {
  std::vector<Posterior> out(models.size());
  for (const std::vector<std::size_t>& members : stats::by_dataset(models)) {
    const DatasetFit* dataset = find_dataset(fit, models[members[0]].dataset);
    if (!dataset || dataset->chosen == Method::module) continue;
    std::vector<const stats::ModelCounts*> group;
    std::vector<std::size_t> places;
    for (std::size_t i : members)
      if (std::count(dataset->models.begin(), dataset->models.end(), models[i].model))
        group.push_back(&models[i]), places.push_back(i);
    const auto number = [&](const std::string& model) {
      return static_cast<std::size_t>(
          std::find(dataset->models.begin(), dataset->models.end(), model) -
          dataset->models.begin());
    };
    if (dataset->chosen == Method::mixture) {
      stats::parallel_for(group.size(), 0, [&](std::size_t g) {
        out[places[g]] = mixture_posterior(dataset->mixtures[number(group[g]->model)].draws,
                                           *group[g], fit.seed);
      });
      continue;
    }
    const HierarchicalFit& hierarchical = dataset->hierarchical.front();
    const std::vector<Posterior> all =
        draw_posteriors(hierarchical.draws, fitted_table(*dataset, models), fit.seed);
    for (std::size_t g = 0; g < group.size(); ++g) {
      Posterior& p = out[places[g]];
      p = covered(all[number(group[g]->model)], group[g]->task_ids);
      p.notes = hierarchical.notes;
      p.seen = group[g]->problems;
      draw_rejected(*group[g], fit.seed, p);
    }
  }
  return out;
}

std::vector<std::optional<FittedLimits>> fitted_rows(const std::vector<Posterior>& posteriors,
                                                     const std::vector<stats::LimitsRow>& exact,
                                                     int k_max, double level, std::uint64_t seed) {
  ASSAY_INVARIANT(posteriors.size() == exact.size());
  std::vector<std::optional<FittedLimits>> out(exact.size());
  for (std::size_t i = 0; i < posteriors.size(); ++i) {
    const Posterior& posterior = posteriors[i];
    const stats::LimitsRow& row = exact[i];
    if (posterior.draws == 0 || posterior.problems() == 0) continue;
    PosteriorOptions options;
    for (const stats::UtilityCurve& u : row.utility) options.costs.push_back(u.costs);
    options.k_max = k_max, options.level = level, options.seed = seed;
    FittedLimits& fitted = out[i].emplace(fitted_limits(posterior, options));
    if (fitted.identified) fitted.notes.emplace_back(kOpenNote);
    for (const stats::Match& m : row.k_match)
      for (std::size_t j = 0; j < posteriors.size(); ++j)
        if (posteriors[j].draws > 0 && posteriors[j].dataset == row.dataset &&
            posteriors[j].model == m.strong)
          fitted.k_match.push_back(match(posterior, posteriors[j], options));
  }
  return out;
}

}  // namespace assay::simulator
