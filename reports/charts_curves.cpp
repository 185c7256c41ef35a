// Curves over the number of samples drawn: right, wrong, utility, and wrong by attempt.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/charts_support.h"
#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

using nlohmann::json;

constexpr std::size_t kPointsMax = 80;  // a line looks the same with more; the page grows

// Which entries of `k` are drawn: all of a short curve, else evenly spaced on a log scale.
std::vector<std::size_t> drawn_points(const std::vector<int>& k) {
  std::vector<std::size_t> points;
  if (k.size() <= kPointsMax) {
    for (std::size_t i = 0; i < k.size(); ++i) points.push_back(i);
    return points;
  }
  const double step = std::log(static_cast<double>(k.size())) / kPointsMax;
  for (std::size_t i = 0; i < k.size();) {
    points.push_back(i);
    i = std::max(i + 1, static_cast<std::size_t>(static_cast<double>(i) * std::exp(step)));
  }
  if (points.back() != k.size() - 1) points.push_back(k.size() - 1);
  return points;
}

template <typename Values>
json pick(const Values& values, const std::vector<std::size_t>& points) {
  json out = json::array();
  for (const std::size_t i : points)
    out.push_back(i < values.size() ? rounded(values[i]) : json(nullptr));
  return out;
}

template <typename Values>
json curve_row(const std::string& name, const std::string& part, const std::vector<int>& k,
               const Values& values, const stats::Band& band) {
  const auto points = drawn_points(k);
  return {{"model", name},
          {"part", part},
          {"k", pick(k, points)},
          {"value", pick(values, points)},
          {"lo", pick(band.lo, points)},
          {"hi", pick(band.hi, points)}};
}

const RatesRow* rates_of(const ReportModel& model, const ModelLimits& limits) {
  for (const RatesRow& row : model.rates)
    if (row.dataset == limits.dataset && row.model == limits.model) return &row;
  return nullptr;
}

// Rows with at least two draws, from the weakest model to the strongest, which is chosen at first
// and lies on top.
std::vector<const ModelLimits*> drawable(const ReportModel& model) {
  std::vector<std::pair<double, const ModelLimits*>> rows;
  for (const ModelLimits& row : model.limits) {
    if (row.n_min < 2 || row.k.size() < 2) continue;
    const RatesRow* rates = rates_of(model, row);
    rows.emplace_back(rates && rates->accuracy.value ? *rates->accuracy.value : 0, &row);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const ModelLimits*> out;
  for (const auto& [accuracy, row] : rows) out.push_back(row);
  return out;
}

/// Models whose curves are not drawn; empty where all are.
std::string without_a_curve(const ReportModel& model, std::size_t drawn) {
  const std::size_t all = model.limits.size();
  if (drawn >= all) return "";
  return fmt::format(
      " {} of {} without a curve: of some problem fewer than two samples are judged.", all - drawn,
      count(static_cast<std::int64_t>(all), "model"));
}

std::vector<std::string> names(const ReportModel& model,
                               const std::vector<const ModelLimits*>& rows) {
  std::vector<std::string> out;
  for (const ModelLimits* row : rows) out.push_back(label(model, row->dataset, row->model));
  return out;
}

int budget_max(const std::vector<const ModelLimits*>& rows, bool with_fitted) {
  int most = 1;
  for (const ModelLimits* row : rows) {
    most = std::max(most, row->k.back());
    if (with_fitted && row->fitted && !row->fitted->k.empty())
      most = std::max(most, row->fitted->k.back());
  }
  return most;
}

/// Of all charts over models: what is chosen at first, and the colours.
json values_of(Chart& chart, const std::vector<std::string>& models) {
  chart.choices = models;
  chart.choice = models.back();
  json values = {{"choice", chart.choice}};
  put_model_colour(models, values);
  return values;
}

/// The ceiling and the bound, which no number of draws exceeds, on a line each.
void add_ceilings(const RatesRow& rates, const std::string& name, json& ceilings) {
  const auto lower = rates.ceiling_lower.value, upper = rates.ceiling_upper.value;
  if (!lower || !upper) return;
  std::string text = "ceiling " + percent(lower);
  if (percent(lower) != percent(upper)) text += ", bound " + percent(upper);
  ceilings.push_back({{"model", name}, {"value", rounded(lower)}, {"text", text}});
  ceilings.push_back({{"model", name}, {"value", rounded(upper)}, {"text", ""}});
}

Chart curves(const ReportModel& model, bool right) {
  const auto rows = drawable(model);
  const auto models = names(model, rows);
  Chart chart;
  json values = values_of(chart, models), curves = json::array(), ceilings = json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ModelLimits& row = *rows[i];
    curves.push_back(curve_row(models[i], "observed", row.k, right ? row.mean.tp : row.mean.fp,
                               right ? row.tp : row.fp));
    if (row.fitted)
      curves.push_back(curve_row(models[i], "extrapolated", row.fitted->k,
                                 right ? row.fitted->mean.tp : row.fitted->mean.fp,
                                 right ? row.fitted->tp : row.fitted->fp));
    const RatesRow* rates = rates_of(model, row);
    if (right && rates) add_ceilings(*rates, models[i], ceilings);
  }
  const std::string what = right ? "right" : "wrong";
  values["values"] = curves;
  values["what"] = what;
  values["share_title"] = "problems answered " + what;
  put_k_axis(0, budget_max(rows, true), "samples drawn at most (K)", values);
  if (!ceilings.empty()) values["ceilings"] = ceilings;
  chart.spec = filled(Spec::resampling, values);
  const ModelLimits& best = *rows.back();
  chart.alt = fmt::format(
      "{} of {} for {} after {} draws.", percent(right ? best.mean.tp.back() : best.mean.fp.back()),
      right ? "problems answered right" : "problems answered wrong", models.back(), best.k.back());
  return chart;
}

}  // namespace

std::vector<Chart> resampling_charts(const ReportModel& model) {
  const auto rows = drawable(model);
  if (rows.empty()) return {};
  const bool fitted = std::any_of(rows.begin(), rows.end(), [](auto* row) { return row->fitted; });
  const std::string extrapolated =
      fitted ? " Dashed: the fitted model, which goes on where the samples end; beyond twice "
               "that, its band is what the samples leave open."
             : "";
  Chart right = curves(model, true);
  right.id = "resampling-right";
  right.title = "Answered right after at most K draws";
  right.explanation =
      "Samples are drawn until one passes the tests, K at most. The dotted lines are the ceiling, which "
      "the curve tends to, and the bound, which no number of draws exceeds. The band is the 95% interval of the chosen "
      "model." +
      extrapolated + without_a_curve(model, rows.size());
  Chart wrong = curves(model, false);
  wrong.id = "resampling-wrong";
  wrong.title = "Answered wrong after at most K draws";
  wrong.explanation =
      "The same draws: problems whose first passing sample is a false positive. More draws solve "
      "harder "
      "problems, and there more of what passes is wrong." +
      extrapolated;
  return {right, wrong};
}

std::vector<Chart> utility_charts(const ReportModel& model) {
  const auto rows = drawable(model);
  if (rows.empty()) return {};
  const auto models = names(model, rows);
  Chart chart;
  chart.id = "utility";
  chart.title = "Worth of drawing at most K samples";
  chart.explanation =
      "Worth per problem = right answers \u2212 \u03bb \u00d7 wrong answers \u2212 \u03ba \u00d7 "
      "samples drawn. "
      "The dot is the best K; shaded, the K of the chosen model within 0.01 of its best.";
  json values = values_of(chart, models), curves = json::array();
  for (std::size_t i = 0; i < rows.size(); ++i)
    // Whole doubles: the page finds the same optimum as `assay limits`.
    curves.push_back({{"model", models[i]},
                      {"k", rows[i]->k},
                      {"tp", rows[i]->mean.tp},
                      {"fp", rows[i]->mean.fp},
                      {"draws", rows[i]->mean.draws}});
  values["values"] = curves;
  put_k_axis(0, budget_max(rows, false), "samples drawn at most (K)", values);
  chart.spec = filled(Spec::utility, values);
  chart.alt = fmt::format(
      "Worth of drawing up to {} samples, one line for each of {}; the best K stands in "
      "the table below.",
      budget_max(rows, false), count(static_cast<std::int64_t>(models.size()), "model"));
  return {chart};
}

std::vector<Chart> attempt_charts(const ReportModel& model) {
  std::vector<const ModelLimits*> rows;
  for (const ModelLimits* row : drawable(model))
    if (std::any_of(row->fdr_by_attempt.begin(), row->fdr_by_attempt.end(),
                    [](const auto& v) { return v.has_value(); }))
      rows.push_back(row);
  if (rows.empty()) return {};
  const auto models = names(model, rows);
  Chart chart;
  chart.id = "attempts";
  chart.title = "Wrong among what passes first at attempt k";
  chart.explanation =
      "If the first passing sample comes only at the k-th draw, how often is it wrong? The later "
      "it "
      "comes, the harder the problem, and the less the pass can be trusted. Towards the right few "
      "problems are left to say so.";
  json values = values_of(chart, models), curves = json::array();
  for (std::size_t i = 0; i < rows.size(); ++i)
    curves.push_back(
        curve_row(models[i], "observed", rows[i]->k, rows[i]->fdr_by_attempt, rows[i]->fdr));
  values["values"] = curves;
  values["what"] = "wrong";
  values["share_title"] = "wrong among first passes";
  put_k_axis(0, budget_max(rows, false), "attempt (k)", values);
  chart.spec = filled(Spec::attempts, values);
  const auto& curve = rows.back()->fdr_by_attempt;
  chart.alt = fmt::format("For {}: {} of first passes are wrong at attempt 1, {} at attempt {}.",
                          models.back(), percent(curve.size() > 1 ? curve[1] : std::nullopt),
                          percent(curve.back()), rows.back()->k.back());
  return {chart};
}

}  // namespace assay::reports
