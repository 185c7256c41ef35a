// The charts' curves as tables, at a few places each.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

/// 1, 2, 5, 10, 20, ... and `last`, as far as there are samples.
std::vector<int> places(const std::set<int>& last) {
  std::set<int> out;
  for (int decade = 1; !last.empty() && decade <= *last.rbegin(); decade *= 10)
    for (const int step : {1, 2, 5})
      if (step * decade <= *last.rbegin()) out.insert(step * decade);
  if (!last.empty()) out.insert(*last.rbegin());
  return {out.begin(), out.end()};
}

using Value = std::optional<double>;

template <typename Values>
Cell cell_at(const Values& values, const stats::Band& band, std::size_t at) {
  if (at >= values.size() || !Value(values[at])) return {kDash, "", std::nullopt, ""};
  Cell cell{percent(Value(values[at])), "", Value(values[at]), ""};
  if (const auto interval = band.at(at)) cell.detail = percent_interval(interval);
  return cell;
}

/// A row a model that was drawn from at least twice; `of` gives the values and their band over K.
template <typename Of>
Table curves_table(const ReportModel& model, const char* prefix, Of of) {
  Table table;
  std::set<int> last;
  for (const ModelLimits& row : model.limits)
    if (row.n_min >= 2 && row.k.size() >= 2) last.insert(row.k.back());
  if (last.empty()) return table;
  const std::vector<int> ks = places(last);
  table.columns = {{"model", "", false}};
  for (const int k : ks) table.columns.push_back({fmt::format("{} = {}", prefix, k), ""});
  for (const ModelLimits& row : model.limits) {
    if (row.n_min < 2 || row.k.size() < 2) continue;
    const auto& [values, band] = of(row);
    std::vector<Cell> cells = {{label(model, row.dataset, row.model), "", std::nullopt, ""}};
    for (const int k : ks) cells.push_back(cell_at(values, band, static_cast<std::size_t>(k)));
    table.rows.push_back(std::move(cells));
  }
  table.rows_shown = 15;
  return table;
}

}  // namespace

Table right_curves_table(const ReportModel& model) {
  Table table = curves_table(model, "K", [](const ModelLimits& row) {
    return std::pair<const std::vector<double>&, const stats::Band&>(row.mean.tp, row.tp);
  });
  table.id = "right-curves", table.caption = "Answered right after at most K draws";
  return table;
}

Table wrong_curves_table(const ReportModel& model) {
  Table table = curves_table(model, "K", [](const ModelLimits& row) {
    return std::pair<const std::vector<double>&, const stats::Band&>(row.mean.fp, row.fp);
  });
  table.id = "wrong-curves", table.caption = "Answered wrong after at most K draws";
  return table;
}

Table attempts_table(const ReportModel& model) {
  Table table = curves_table(model, "k", [](const ModelLimits& row) {
    return std::pair<const std::vector<Value>&, const stats::Band&>(row.fdr_by_attempt, row.fdr);
  });
  table.id = "attempts-curve", table.caption = "Wrong among what passes first at attempt k";
  return table;
}

Table suite_size_table(const ReportModel& model) {
  Table table;
  std::set<int> sizes;
  for (const ModelLimits& row : model.limits)
    if (row.suite_size) sizes.insert(row.suite_size->tests.begin(), row.suite_size->tests.end());
  if (sizes.empty()) return table;
  table.id = "suite-size-curve";
  table.caption = "Wrong among passes, by number of tests";
  table.columns = {{"model", "", false}};
  for (const int size : sizes) table.columns.push_back({count(size, "test"), ""});
  for (const ModelLimits& row : model.limits) {
    if (!row.suite_size) continue;
    std::vector<Cell> cells = {{label(model, row.dataset, row.model), "", std::nullopt, ""}};
    for (const int size : sizes) {
      const auto& tests = row.suite_size->tests;
      const auto at =
          static_cast<std::size_t>(std::find(tests.begin(), tests.end(), size) - tests.begin());
      const Estimate e = at < row.suite_size->fdr.size() ? row.suite_size->fdr[at] : Estimate{};
      cells.push_back({percent(e.value), e.value ? percent_interval(e.interval) : "", e.value, ""});
    }
    table.rows.push_back(std::move(cells));
  }
  table.rows_shown = 15;
  return table;
}

}  // namespace assay::reports
