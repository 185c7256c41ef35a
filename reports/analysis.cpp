#include "reports/analysis.h"

#include <map>

namespace assay::reports {

namespace {

// Wrong among passes over all models of a dataset; problems are resampled with all their models.
PooledRow pooled(const std::vector<ModelCounts>& counts, const std::vector<std::size_t>& members,
                 const stats::BootstrapOptions& options) {
  const ModelCounts& first = counts[members.front()];
  PooledRow row{first.dataset, first.proxy, first.gold, static_cast<std::int64_t>(members.size())};
  std::map<std::string, stats::Counts> problems;
  for (const std::size_t i : members)
    for (std::size_t j = 0; j < counts[i].problems.size(); ++j) {
      stats::Counts& sum = problems[counts[i].task_ids[j]];
      sum.tp += counts[i].problems[j].tp;
      sum.fp += counts[i].problems[j].fp;
    }
  stats::Ratio ratio;
  ratio.structural = stats::fp_impossible(first);
  for (const auto& [task_id, sum] : problems) {
    row.accepted += sum.accepted();
    row.fp += sum.fp;
    ratio.numerator.push_back(static_cast<double>(sum.fp));
    ratio.denominator.push_back(static_cast<double>(sum.accepted()));
  }
  row.problems = static_cast<std::int64_t>(problems.size());
  if (!problems.empty())
    row.fdr =
        stats::bootstrap_ratios(stats::resample_problems(problems.size(), options, first.dataset),
                                {ratio}, options)
            .front();
  return row;
}

}  // namespace

void analyse(ReportModel& model, const stats::BootstrapOptions& options) {
  model.replicates = options.replicates;
  model.seed = options.seed;
  if (model.counts.empty()) return;
  for (const auto& members : stats::by_dataset(model.counts))
    model.pooled.push_back(pooled(model.counts, members, options));
  // The differences between all pairs of models, a third of the time for many, are in no table.
  model.rates = stats::rates(model.counts, options, {}, false).rows;
  stats::LimitsOptions limits;
  limits.bootstrap = options;
  stats::LimitsResult result = stats::limits(model.counts, limits);
  model.limits = std::move(result.rows);
  model.regressions = std::move(result.regression);
}

}  // namespace assay::reports
