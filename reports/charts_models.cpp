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

json share_channel(const char* field, const char* title) {
  return {{"field", field},
          {"type", "quantitative"},
          {"scale", {{"zero", false}, {"nice", true}}},
          {"axis", {{"format", ".0%"}, {"title", title}, {"tickCount", 6}}}};
}

// The paper's figure 1a for one dataset.
Chart accuracy_chart(const ReportModel& model, const std::string& dataset) {
  std::vector<const RatesRow*> rows;
  for (const RatesRow& row : model.rates)
    if (row.dataset == dataset && row.accuracy.value && row.ceiling_macro.value)
      rows.push_back(&row);
  Chart chart;
  if (rows.size() < 2) return chart;
  std::stable_sort(rows.begin(), rows.end(),
                   [](auto* a, auto* b) { return *a->accuracy.value < *b->accuracy.value; });
  const RatesRow& strongest = *rows.back();
  json values = json::array();
  for (const RatesRow* row : rows) {
    values.push_back(estimate_row(row->model, row->accuracy, row->ceiling_macro));
    chart.choices.push_back(row->model);
  }
  chart.choice = strongest.model;
  chart.id = "accuracy" + (datasets_of(model).size() > 1 ? "-" + dataset : "");
  chart.title = "Accuracy against conditional accuracy";
  chart.explanation =
      "Across: how often one sample is right. Up: how often a pass is right, problem by problem, "
      "over the "
      "problems the model passes at all: what drawing until the first pass tends to on these. "
      "Weaker models lower on the chart are the ones whose passes deserve less trust; a model "
      "below the dashed line does not reach one draw of the strongest there by drawing more.";
  chart.spec = chart_frame(340);
  chart.spec["data"] = {{"values", values}};
  chart.spec["params"] = {{{"name", "model"}, {"value", chart.choice}}};
  const json x = share_channel("x", "accuracy of one sample"),
             y = share_channel("y", "conditional accuracy");
  const json colour = model_colour(chart.choices);
  const auto rule = [&](const char* field, const char* to, bool across) {
    json moved = across ? x : y;
    moved["field"] = field;
    const char* primary = across ? "x" : "y";
    const char* shown = rows.size() > kIntervalsMax ? "datum.model === model" : "true";
    return json{{"transform", {{{"filter", shown}}}},
                {"mark", {{"type", "rule"}, {"opacity", 0.55}, {"strokeWidth", 1.25}}},
                {"encoding",
                 {{primary, moved},
                  {across ? "x2" : "y2", {{"field", to}}},
                  {across ? "y" : "x", across ? y : x},
                  {"color", colour}}}};
  };
  json layers = json::array();
  for (const Regression& line : model.regressions) {
    if (line.dataset != dataset || line.models.size() < 3 || !line.line.slope.value ||
        !line.line.intercept.value)
      continue;
    const auto at = [&](double v) {
      return rounded(*line.line.slope.value * v + *line.line.intercept.value);
    };
    const double from = *rows.front()->accuracy.value, to = *strongest.accuracy.value;
    layers.push_back(
        {{"data",
          {{"values",
            {{{"x", rounded(from)}, {"y", at(from)}}, {{"x", rounded(to)}, {"y", at(to)}}}}}},
         {"mark", {{"type", "line"}, {"color", kContext}, {"strokeWidth", 2}}},
         {"encoding", {{"x", x}, {"y", y}}}});
  }
  const json strong = {{"values",
                        {{{"y", rounded(strongest.accuracy.value)},
                          {"text", "one draw of " + cut(visible(strongest.model), 40)}}}}};
  layers.push_back({{"data", strong},
                    {"mark", {{"type", "rule"}, {"strokeDash", {5, 4}}, {"color", kContext}}},
                    {"encoding", {{"y", y}}}});
  layers.push_back(
      {{"data", strong},
       {"mark",
        {{"type", "text"}, {"align", "left"}, {"baseline", "bottom"}, {"x", 4}, {"dy", -3}}},
       {"encoding", {{"y", y}, {"text", {{"field", "text"}}}}}});
  layers.push_back(rule("x_lo", "x_hi", true));
  layers.push_back(rule("y_lo", "y_hi", false));
  layers.push_back({{"mark", {{"type", "point"}, {"filled", true}, {"size", 80}, {"opacity", 1}}},
                    {"encoding",
                     {{"x", x},
                      {"y", y},
                      {"color", colour},
                      {"tooltip",
                       {{{"field", "model"}},
                        {{"field", "x"}, {"title", "accuracy"}, {"format", ".1%"}},
                        {{"field", "y"}, {"title", "conditional accuracy"}, {"format", ".1%"}},
                        {{"field", "y_lo"}, {"title", "from"}, {"format", ".1%"}},
                        {{"field", "y_hi"}, {"title", "to"}, {"format", ".1%"}}}}}}});
  if (rows.size() > kColoursMax) {
    const char* shown = rows.size() > kLabelsMax ? "datum.model === model" : "true";
    layers.push_back({{"transform", {{{"filter", shown}}}},
                      {"mark", {{"type", "text"}, {"baseline", "top"}, {"dy", 9}, {"limit", 160}}},
                      {"encoding", {{"x", x}, {"y", y}, {"text", {{"field", "model"}}}}}});
  }
  chart.spec["layer"] = layers;
  chart.alt = fmt::format(
      "{} from accuracy {}, conditional accuracy {} ({}) to accuracy {}, conditional accuracy {} "
      "({}).",
      count(static_cast<std::int64_t>(rows.size()), "model"), percent(rows.front()->accuracy.value),
      percent(rows.front()->ceiling_macro.value), rows.front()->model,
      percent(strongest.accuracy.value), percent(strongest.ceiling_macro.value), strongest.model);
  return chart;
}

struct Solved {
  std::vector<double> share;
  std::vector<int> has_wrong;
};

}  // namespace

std::vector<Chart> accuracy_charts(const ReportModel& model) {
  std::vector<Chart> out;
  for (const std::string& dataset : datasets_of(model))
    if (Chart chart = accuracy_chart(model, dataset); !chart.id.empty())
      out.push_back(std::move(chart));
  return out;
}

std::vector<Chart> difficulty_charts(const ReportModel& model) {
  std::map<std::pair<std::string, std::string>, stats::Counts> together;
  std::map<std::string, Solved> by_model;
  const auto add = [&](const std::string& name, const stats::Counts& c) {
    const double n = static_cast<double>(c.n());
    if (n == 0) return;
    by_model[name].share.push_back(static_cast<double>(c.correct()) / n);
    by_model[name].has_wrong.push_back(c.fp > 0 ? 1 : 0);
  };
  std::set<std::pair<std::string, std::string>> sources;
  for (const ModelCounts& m : model.counts) {
    sources.emplace(m.dataset, m.model);
    for (std::size_t i = 0; i < m.problems.size(); ++i) {
      const stats::Counts& c = m.problems[i];
      stats::Counts& sum = together[{m.dataset, m.task_ids[i]}];
      sum.tp += c.tp, sum.fp += c.fp, sum.fn += c.fn, sum.tn += c.tn;
      add(label(model, m.dataset, m.model), c);
    }
  }
  if (by_model.empty()) return {};
  Chart chart;
  chart.choice = by_model.begin()->first;
  if (sources.size() > 1) {
    chart.choice = "all models together";
    for (const auto& [key, sum] : together) add(chart.choice, sum);
  }
  chart.id = "difficulty";
  chart.title = "Problems by difficulty, and where wrong programs pass";
  chart.explanation =
      "How many problems there are at each share of right samples: on the left the hard ones. "
      "Vermilion: problems on which at least one wrong program passed.";
  chart.spec = chart_frame(260);
  json values = json::array();
  for (const auto& [name, solved] : by_model) {
    chart.choices.push_back(name);
    json share = json::array();
    for (const double s : solved.share) share.push_back(rounded(std::round(s * 1e4) / 1e4));
    values.push_back({{"model", name}, {"share", share}, {"wrong", solved.has_wrong}});
  }
  chart.spec["data"] = {{"values", values}};
  chart.spec["params"] = {{{"name", "model"}, {"value", chart.choice}}};
  chart.spec["transform"] = R"([
    {"filter": "datum.model === model"}, {"flatten": ["share", "wrong"]},
    {"calculate": "datum.wrong ? 'a wrong program passed' : 'none did'", "as": "kind"},
    {"calculate": "min(9, floor(datum.share * 10 + 1e-9)) / 10", "as": "from"},
    {"calculate": "datum.from + 0.1", "as": "to"},
    {"aggregate": [{"op": "count", "as": "problems"}], "groupby": ["from", "to", "kind"]}])"_json;
  chart.spec["mark"] = {{"type", "bar"}, {"tooltip", true}};
  chart.spec["encoding"] = R"({
    "x": {"field": "from", "type": "quantitative", "bin": {"binned": true, "step": 0.1},
          "scale": {"domain": [0, 1]},
          "axis": {"title": "share of samples that are right", "format": ".0%", "tickCount": 10}},
    "x2": {"field": "to"},
    "y": {"field": "problems", "type": "quantitative",
          "axis": {"title": "problems", "tickMinStep": 1, "format": "d"}},
    "order": {"field": "kind"},
    "tooltip": [{"field": "kind", "title": "of these"}, {"field": "problems", "type": "quantitative"},
      {"field": "from", "format": ".0%", "type": "quantitative", "title": "right from"},
      {"field": "to", "format": ".0%", "type": "quantitative", "title": "up to"}]})"_json;
  chart.spec["encoding"]["color"] = {
      {"field", "kind"},
      {"type", "nominal"},
      {"scale", {{"domain", {"a wrong program passed", "none did"}}, {"range", {kWrong, kRight}}}},
      {"legend",
       {{"orient", "top"}, {"title", nullptr}, {"columns", {{"expr", "width < 360 ? 1 : 2"}}}}}};
  const Solved& chosen = by_model[chart.choice];
  chart.alt = fmt::format(
      "{}: {} of {} problems had a wrong program pass; {} problems had no right sample at all.",
      chart.choice, std::count(chosen.has_wrong.begin(), chosen.has_wrong.end(), 1),
      chosen.has_wrong.size(), std::count(chosen.share.begin(), chosen.share.end(), 0.0));
  return {chart};
}

std::vector<Chart> suite_size_charts(const ReportModel& model) {
  Chart chart;
  json values = json::array();
  int most = 1;
  const stats::SuiteSize* chosen = nullptr;
  int drawn = 0;  // the model with most samples is shown first
  for (const LimitsRow& row : model.limits) {
    if (!row.suite_size || row.suite_size->tests.empty()) continue;
    if (std::none_of(row.suite_size->fdr.begin(), row.suite_size->fdr.end(),
                     [](const Estimate& e) { return e.value.has_value(); }))
      continue;
    const stats::SuiteSize& sizes = *row.suite_size;
    chart.choices.push_back(label(model, row.dataset, row.model));
    if (row.n_min > drawn) drawn = row.n_min, chart.choice = chart.choices.back(), chosen = &sizes;
    for (std::size_t i = 0; i < sizes.tests.size(); ++i) {
      most = std::max(most, sizes.tests[i]);
      const Estimate& fdr = sizes.fdr[i];
      values.push_back({{"model", chart.choices.back()},
                        {"k", sizes.tests[i]},
                        {"value", rounded(fdr.value)},
                        {"lo", fdr.interval ? rounded(fdr.interval->lo) : json(nullptr)},
                        {"hi", fdr.interval ? rounded(fdr.interval->hi) : json(nullptr)}});
    }
  }
  if (!chosen) return {};
  chart.id = "suite-size";
  chart.title = "Wrong among passes, by number of tests";
  chart.explanation =
      "If acceptance rested on that many tests of the suite, drawn at random: how many of the "
      "accepted programs would be wrong?";
  chart.spec = chart_frame(280);
  chart.spec["data"] = {{"values", values}};
  chart.spec["params"] = {{{"name", "model"}, {"value", chart.choice}}};
  json x = budget_axis(most, "tests per problem");
  if (most > 1) x["scale"]["domain"] = {1, most};
  const json y = {{"field", "value"},
                  {"type", "quantitative"},
                  {"axis", {{"format", ".0%"}, {"title", "wrong among passes"}, {"tickCount", 5}}}};
  const json colour = model_colour(chart.choices);
  json y_lo = y;
  y_lo["field"] = "from";
  json steps = interval_steps();
  steps.insert(steps.begin(), json{{"filter", "datum.model === model"}});
  chart.spec["layer"] = json::array(
      {{{"transform", steps},
        {"mark", {{"type", "area"}, {"opacity", 0.2}}},
        {"encoding", {{"x", x}, {"y", y_lo}, {"y2", {{"field", "to"}}}, {"color", colour}}}},
       {{"mark", {{"type", "line"}, {"point", true}, {"tooltip", true}}},
        {"encoding", {{"x", x}, {"y", y}, {"color", colour}, {"detail", {{"field", "model"}}}}}}});
  chart.alt =
      fmt::format("For {}: {} of accepted programs are wrong with {}, {} with {}.", chart.choice,
                  percent(chosen->fdr.front().value), count(chosen->tests.front(), "test"),
                  percent(chosen->fdr.back().value), count(chosen->tests.back(), "test"));
  return {chart};
}

}  // namespace assay::reports
