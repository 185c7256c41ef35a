// The chart of the first screen: each model's pass rate, and which part of it is wrong.
#include <fmt/format.h>

#include <algorithm>

#include "reports/charts_support.h"
#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

using nlohmann::json;

constexpr std::size_t kRowsMax = 12;  // more do not fit a first screen

json bound(const Estimate& e, bool low) {
  if (!e.interval) return nullptr;
  return rounded(low ? e.interval->lo : e.interval->hi);
}

json part(const std::string& name, const RatesRow& row, const char* passes, double from,
          double to) {
  return {{"model", name},
          {"passes", passes},
          {"from", rounded(from)},
          {"to", rounded(to)},
          {"pass_rate", rounded(row.acceptance.value)},
          {"wrong", rounded(row.fp_mass_macro.value)},
          {"wrong_lo", bound(row.fp_mass_macro, true)},
          {"wrong_hi", bound(row.fp_mass_macro, false)},
          {"accuracy", rounded(row.accuracy.value)},
          {"lo", bound(row.accuracy, true)},
          {"hi", bound(row.accuracy, false)}};
}

}  // namespace

std::vector<Chart> passes_charts(const ReportModel& model) {
  std::vector<const RatesRow*> rows;
  for (const RatesRow& row : model.rates)
    if (row.acceptance.value && row.accuracy.value) rows.push_back(&row);
  if (rows.empty()) return {};
  std::stable_sort(rows.begin(), rows.end(),
                   [](auto* a, auto* b) { return *a->accuracy.value > *b->accuracy.value; });
  const std::size_t all = rows.size();
  rows.resize(std::min(all, kRowsMax));
  json values = json::array(), models = json::array();
  for (const RatesRow* row : rows) {
    const std::string name = label(model, row->dataset, row->model);
    models.push_back(name);
    const double passes = *row->acceptance.value, wrong = row->fp_mass_macro.value.value_or(0);
    values.push_back(part(name, *row, "right passes", 0, passes - wrong));
    values.push_back(part(name, *row, "wrong passes", passes - wrong, passes));
  }
  Chart chart;
  chart.id = "passes";
  chart.title = "The pass rate, and what of it is wrong";
  chart.explanation =
      "A bar is the pass rate as it is reported; its orange end passed and is wrong. The line is the "
      "95% interval of the accuracy.";
  if (all > rows.size())
    chart.explanation += fmt::format(" The {} most accurate of {}; the table below has all.",
                                     rows.size(), count(static_cast<std::int64_t>(all), "model"));
  json filling = {{"values", values}, {"models", models}, {"height", 24 * rows.size() + 6}};
  if (std::any_of(rows.begin(), rows.end(), [](auto* row) { return row->accuracy.interval; }))
    filling["intervals"] = true;
  chart.spec = filled(Spec::passes, filling);
  const RatesRow& best = *rows.front();
  chart.alt = fmt::format("{}: {} of the samples passed, {} are right.",
                          label(model, best.dataset, best.model), percent(best.acceptance.value),
                          percent(best.accuracy.value));
  return {chart};
}

}  // namespace assay::reports
