// Charts over models, problems and tests rather than over draws.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "reports/charts_support.h"
#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

using nlohmann::json;

constexpr std::size_t kIntervalsMax = 20;  // more crosses hide the points
constexpr std::size_t kLabelsMax = 8;      // more names than this collide

std::vector<std::string> datasets_of(const ReportModel& model) {
  std::vector<std::string> out;
  for (const RatesRow& row : model.rates)
    if (std::find(out.begin(), out.end(), row.dataset) == out.end()) out.push_back(row.dataset);
  return out;
}

json estimate_row(const std::string& name, const Estimate& x, const Estimate& y) {
  const auto bound = [](const Estimate& e, bool low) -> json {
    if (!e.interval) return rounded(e.value);
    return rounded(low ? e.interval->lo : e.interval->hi);
  };
  return {{"model", name},           {"x", rounded(x.value)}, {"x_lo", bound(x, true)},
          {"x_hi", bound(x, false)}, {"y", rounded(y.value)}, {"y_lo", bound(y, true)},
          {"y_hi", bound(y, false)}};
}

/// The line over models, from the weakest to the strongest; null where there is none to draw.
json regression_line(const ReportModel& model, const std::string& dataset, double from, double to) {
  for (const Regression& line : model.regressions) {
    if (line.dataset != dataset || line.models.size() < 3 || !line.line.slope.value ||
        !line.line.intercept.value)
      continue;
    const auto at = [&](double v) {
      return rounded(*line.line.slope.value * v + *line.line.intercept.value);
    };
    return {{{"x", rounded(from)}, {"y", at(from)}}, {{"x", rounded(to)}, {"y", at(to)}}};
  }
  return nullptr;
}

/// Both rates of one dataset's models, from the weakest to the strongest.
std::vector<const RatesRow*> by_accuracy(const ReportModel& model, const std::string& dataset) {
  std::vector<const RatesRow*> rows;
  for (const RatesRow& row : model.rates)
    if (row.dataset == dataset && row.accuracy.value && row.ceiling_macro.value)
      rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(),
                   [](auto* a, auto* b) { return *a->accuracy.value < *b->accuracy.value; });
  return rows;
}

std::string accuracy_spec(const ReportModel& model, const std::string& dataset,
                          const std::vector<const RatesRow*>& rows, const Chart& chart) {
  const RatesRow& strongest = *rows.back();
  const auto shown = [&](std::size_t at_most) {
    return rows.size() > at_most ? "datum.model === model" : "true";
  };
  json points = json::array();
  for (const RatesRow* row : rows)
    points.push_back(estimate_row(row->model, row->accuracy, row->ceiling_macro));
  json values = {{"values", points},
                 {"choice", chart.choice},
                 {"has_interval", shown(kIntervalsMax)},
                 {"strongest",
                  {{{"y", rounded(strongest.accuracy.value)},
                    {"text", "one draw of " + cut(visible(strongest.model), 40)}}}}};
  put_model_colour(chart.choices, values);
  if (rows.size() > kColoursMax) values["has_name"] = shown(kLabelsMax);
  json line =
      regression_line(model, dataset, *rows.front()->accuracy.value, *strongest.accuracy.value);
  if (!line.is_null()) values["regression"] = std::move(line);
  return filled(Spec::accuracy, values);
}

// The paper's figure 1a for one dataset.
Chart accuracy_chart(const ReportModel& model, const std::string& dataset) {
  const std::vector<const RatesRow*> rows = by_accuracy(model, dataset);
  Chart chart;
  if (rows.size() < 2) return chart;
  const RatesRow &weakest = *rows.front(), &strongest = *rows.back();
  for (const RatesRow* row : rows) chart.choices.push_back(row->model);
  chart.choice = strongest.model;
  chart.id = "accuracy" + (datasets_of(model).size() > 1 ? "-" + dataset : "");
  chart.title = "Accuracy against conditional accuracy";
  chart.explanation =
      "Across: how often one sample is right. Up: how often a pass is right, problem by problem, "
      "over the problems the model passes at all: what drawing until the first pass tends to on "
      "these. Weaker models lower on the chart are the ones whose passes deserve less trust; a "
      "model below the dashed line does not reach one draw of the strongest there by drawing more.";
  if (!model.regressions.empty()) chart.explanation += " The grey line is fitted to the models.";
  chart.spec = accuracy_spec(model, dataset, rows, chart);
  chart.alt = fmt::format(
      "{} from accuracy {}, conditional accuracy {} ({}) to accuracy {}, conditional accuracy {} "
      "({}).",
      count(static_cast<std::int64_t>(rows.size()), "model"), percent(weakest.accuracy.value),
      percent(weakest.ceiling_macro.value), weakest.model, percent(strongest.accuracy.value),
      percent(strongest.ceiling_macro.value), strongest.model);
  return chart;
}

/// Of one model, or of all together: per problem the share of right samples, and whether a wrong
/// program passed.
struct Solved {
  std::vector<double> share;
  std::vector<int> has_wrong;
  void add(const stats::Counts& c) {
    if (c.n() == 0) return;
    share.push_back(c.accuracy());
    has_wrong.push_back(c.fp > 0 ? 1 : 0);
  }
};

constexpr const char* kTogether = "all models together";

/// By name of the model; with several models also all together.
std::map<std::string, Solved> solved_by_model(const ReportModel& model) {
  std::map<std::pair<std::string, std::string>, stats::Counts> together;
  std::map<std::string, Solved> out;
  std::set<std::pair<std::string, std::string>> sources;
  for (const ModelCounts& m : model.counts) {
    sources.emplace(m.dataset, m.model);
    for (std::size_t i = 0; i < m.problems.size(); ++i) {
      const stats::Counts& c = m.problems[i];
      stats::Counts& sum = together[{m.dataset, m.task_ids[i]}];
      sum.tp += c.tp, sum.fp += c.fp, sum.fn += c.fn, sum.tn += c.tn;
      out[label(model, m.dataset, m.model)].add(c);
    }
  }
  if (sources.size() > 1)
    for (const auto& [key, sum] : together) out[kTogether].add(sum);
  std::erase_if(out, [](const auto& entry) { return entry.second.share.empty(); });
  return out;
}

/// The rates by suite size of one model, as rows of the chart.
void add_sizes(const std::string& name, const stats::SuiteSize& sizes, json& values) {
  for (std::size_t i = 0; i < sizes.tests.size(); ++i) {
    const Estimate& fdr = sizes.fdr[i];
    values.push_back({{"model", name},
                      {"k", sizes.tests[i]},
                      {"value", rounded(fdr.value)},
                      {"lo", fdr.interval ? rounded(fdr.interval->lo) : json(nullptr)},
                      {"hi", fdr.interval ? rounded(fdr.interval->hi) : json(nullptr)}});
  }
}

}  // namespace

std::vector<Chart> accuracy_charts(const ReportModel& model) {
  std::vector<Chart> out;
  for (const std::string& dataset : datasets_of(model))
    if (Chart chart = accuracy_chart(model, dataset); !chart.id.empty())
      out.push_back(std::move(chart));
  return out;
}

std::vector<Chart> difficulty_charts(const ReportModel& model) {
  const std::map<std::string, Solved> solved = solved_by_model(model);
  if (solved.empty()) return {};
  Chart chart;
  chart.choice = solved.contains(kTogether) ? kTogether : solved.begin()->first;
  chart.id = "difficulty";
  chart.title = "Problems by difficulty, and where wrong programs pass";
  chart.explanation =
      "How many problems there are at each share of right samples: on the left the hard ones. "
      "Orange: problems on which at least one wrong program passed.";
  json rows = json::array();
  for (const auto& [name, of] : solved) {
    chart.choices.push_back(name);
    json share = json::array();
    for (const double s : of.share) share.push_back(rounded(std::round(s * 1e4) / 1e4));
    rows.push_back({{"model", name}, {"share", share}, {"wrong", of.has_wrong}});
  }
  chart.spec = filled(Spec::difficulty, {{"values", rows}, {"choice", chart.choice}});
  const Solved& chosen = solved.at(chart.choice);
  chart.alt = fmt::format(
      "{}: {} of {} problems had a wrong program pass; {} problems had no right sample at all.",
      chart.choice, std::count(chosen.has_wrong.begin(), chosen.has_wrong.end(), 1),
      chosen.has_wrong.size(), std::count(chosen.share.begin(), chosen.share.end(), 0.0));
  return {chart};
}

std::vector<Chart> suite_size_charts(const ReportModel& model) {
  Chart chart;
  json rows = json::array();
  int most = 1;
  const stats::SuiteSize* chosen = nullptr;
  // Shown first is the model with most samples of a problem, among equals the most accurate.
  std::pair<int, double> most_of = {0, -1};
  for (const ModelLimits& row : model.limits) {
    if (!row.suite_size || row.suite_size->tests.empty()) continue;
    const stats::SuiteSize& sizes = *row.suite_size;
    if (std::none_of(sizes.fdr.begin(), sizes.fdr.end(),
                     [](const Estimate& e) { return e.value.has_value(); }))
      continue;
    chart.choices.push_back(label(model, row.dataset, row.model));
    double accuracy = 0;
    for (const RatesRow& rates : model.rates)
      if (rates.dataset == row.dataset && rates.model == row.model)
        accuracy = rates.accuracy.value.value_or(0);
    if (std::pair(row.n_min, accuracy) > most_of)
      most_of = {row.n_min, accuracy}, chart.choice = chart.choices.back(), chosen = &sizes;
    for (const int tests : sizes.tests) most = std::max(most, tests);
    add_sizes(chart.choices.back(), sizes, rows);
  }
  if (!chosen) return {};
  chart.id = "suite-size";
  chart.title = "Wrong among passes, by number of tests";
  chart.explanation =
      "If acceptance rested on that many tests of the suite, drawn at random: how many of the "
      "accepted programs would be wrong?";
  json values = {{"values", rows}, {"choice", chart.choice}, {"share_title", "wrong among passes"}};
  put_model_colour(chart.choices, values);
  put_k_axis(most > 1 ? 1 : 0, most, "tests per problem", values);
  chart.spec = filled(Spec::suite_size, values);
  chart.alt =
      fmt::format("For {}: {} of accepted programs are wrong with {}, {} with {}.", chart.choice,
                  percent(chosen->fdr.front().value), count(chosen->tests.front(), "test"),
                  percent(chosen->fdr.back().value), count(chosen->tests.back(), "test"));
  return {chart};
}

}  // namespace assay::reports
