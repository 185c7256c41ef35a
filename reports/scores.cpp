// Verifiers with a score: what their scores tell of right and wrong, as a chart, a table and sentences.
#include <fmt/format.h>

#include <algorithm>

#include "reports/charts_support.h"
#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

using nlohmann::json;

const stats::BestThreshold* best_threshold(const stats::Roc& roc) {
  for (const stats::BestThreshold& best : roc.best)
    if (best.lambda == kCostRatio) return &best;
  return nullptr;
}

Cell estimate(const Estimate& e) {
  Cell cell{decimal(e.value), "", e.value, ""};
  if (e.value && e.interval)
    cell.detail = fmt::format("[{}, {}]", decimal(e.interval->lo), decimal(e.interval->hi));
  return cell;
}

void add_points(const std::string& model, const ScoredRow& row, json& values) {
  const auto add = [&](std::size_t order, double fpr, double tpr, const json& threshold) {
    values.push_back({{"model", model},
                      {"verifier", row.verifier},
                      {"order", order},
                      {"fpr", rounded(fpr)},
                      {"tpr", rounded(tpr)},
                      {"threshold", threshold}});
  };
  if (row.roc.points.empty()) return;
  add(0, 0, 0, nullptr);
  for (std::size_t i = 0; i < row.roc.points.size(); ++i) {
    const stats::RocPoint& point = row.roc.points[i];
    if (point.fpr.value && point.tpr.value)
      add(i + 1, *point.fpr.value, *point.tpr.value, rounded(point.threshold));
  }
}

template <typename Name>
std::vector<std::string> once_each(const ReportModel& model, Name name) {
  std::vector<std::string> out;
  for (const ScoredRow& row : model.scored)
    if (std::find(out.begin(), out.end(), name(row)) == out.end()) out.push_back(name(row));
  return out;
}

}  // namespace

std::vector<std::string> verifiers_of(const ReportModel& model) {
  return once_each(model, [](const ScoredRow& row) { return row.verifier; });
}

std::vector<std::string> score_findings(const ReportModel& model) {
  std::vector<std::string> out;
  for (const ScoredRow& row : model.scored) {
    if (!row.roc.auc.value) continue;
    out.push_back(
        fmt::format("{} ranks a right sample of {} above a wrong one in {} of pairs, and in {} "
                    "of those of one problem.",
                    row.verifier, label(model, row.dataset, row.model), percent(row.roc.auc),
                    percent(row.roc.auc_within)));
  }
  return out;
}

std::vector<Chart> score_charts(const ReportModel& model) {
  json values = json::array();
  for (const ScoredRow& row : model.scored)
    add_points(label(model, row.dataset, row.model), row, values);
  if (values.empty()) return {};
  Chart chart;
  chart.id = "roc";
  chart.title = "Right and wrong samples accepted, by the score from which on one accepts";
  chart.explanation =
      "One line a verifier, one point a threshold: the further a line bows to the upper left, the better "
      "its scores tell right from wrong. On the dotted line they tell nothing.";
  chart.choices =
      once_each(model, [&](const ScoredRow& row) { return label(model, row.dataset, row.model); });
  chart.choice = chart.choices.front();
  json filling = {{"values", values}, {"choice", chart.choice}};
  put_colours(verifiers_of(model), "verifier", filling);
  chart.spec = filled(Spec::roc, filling);
  const ScoredRow& first = model.scored.front();
  chart.alt = fmt::format("For {}: the area under the line of {} is {}.", chart.choice,
                          first.verifier, decimal(first.roc.auc));
  return {chart};
}

Table scores_table(const ReportModel& model) {
  Table table;
  table.id = "scores-table";
  table.caption = "What the scores tell";
  table.columns = {
      {"verifier", "", false},
      {"model", "", false},
      {"samples", "with a score and a known truth"},
      {"AUC", "a right sample scores higher than a wrong one, ties half"},
      {"within problems",
       "the same for samples of one problem: what choosing among draws rests on"},
      {"ECE", "how far chances made of the scores are off, on problems that did not make them"},
      {"Brier", "mean squared error of these chances"},
      {"accept from",
       fmt::format("the best threshold where a wrong answer costs as much as {:g} right ones bring",
                   kCostRatio)},
      {"worth",
       "a problem of accepting so: right minus cost times wrong, on problems that did not choose the threshold"}};
  for (const ScoredRow& row : model.scored) {
    const stats::BestThreshold* best = best_threshold(row.roc);
    table.rows.push_back(
        {{row.verifier, "", std::nullopt, ""},
         {label(model, row.dataset, row.model), "", std::nullopt, ""},
         {count(row.roc.samples), "", static_cast<double>(row.roc.samples), ""},
         estimate(row.roc.auc),
         estimate(row.roc.auc_within),
         estimate(row.roc.ece),
         estimate(row.roc.brier),
         best && best->threshold
             ? Cell{with_sign(fmt::format("{:.4g}", *best->threshold)), "", best->threshold, ""}
             : Cell{best ? "none" : kDash, "", std::nullopt, ""},
         best ? estimate(best->worth) : Cell{kDash, "", std::nullopt, ""}});
  }
  table.note = "Right by gold. assay roc has every threshold.";
  table.rows_shown = 15;
  return table;
}

}  // namespace assay::reports
