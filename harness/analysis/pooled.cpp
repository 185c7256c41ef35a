#include "harness/analysis/pooled.h"

#include <map>

#include "harness/stats/rates.h"

namespace assay::analysis {

namespace {

// Wrong among passes over all models of a dataset; problems are resampled with all their models.
PooledRow pooled(const std::vector<stats::ModelCounts>& counts,
                 const std::vector<std::size_t>& members, const stats::BootstrapOptions& options) {
  const stats::ModelCounts& first = counts[members.front()];
  PooledRow row{first.dataset, first.proxy, first.gold, static_cast<std::int64_t>(members.size())};
  std::map<std::string, stats::Counts> problems;
  for (const std::size_t i : members)
    for (std::size_t j = 0; j < counts[i].problems.size(); ++j) {
      stats::Counts& sum = problems[counts[i].task_ids[j]];
      sum.tp += counts[i].problems[j].tp;
      sum.fp += counts[i].problems[j].fp;
    }
  stats::Ratio ratio;
  for (const auto& [task_id, sum] : problems) {
    row.accepted += sum.accepted();
    row.fp += sum.fp;
    ratio.numerator.push_back(static_cast<double>(sum.fp));
    ratio.denominator.push_back(static_cast<double>(sum.accepted()));
  }
  row.problems = static_cast<std::int64_t>(problems.size());
  if (!problems.empty() && !stats::fp_impossible(first))
    row.fdr = stats::ratio_estimate(ratio.numerator, ratio.denominator, ratio.range, options.level);
  return row;
}

}  // namespace

std::vector<PooledRow> pooled_rows(const std::vector<stats::ModelCounts>& counts,
                                   const stats::BootstrapOptions& options) {
  std::vector<PooledRow> rows;
  for (const auto& members : stats::by_dataset(counts))
    rows.push_back(pooled(counts, members, options));
  return rows;
}

}  // namespace assay::analysis
