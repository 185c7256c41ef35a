// Charts of code style: shares among right and wrong passes, and what differs within problems.
#include <fmt/format.h>

#include <algorithm>

#include "reports/charts_support.h"
#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

using nlohmann::json;

json bound(const Estimate& e, bool low) {
  if (!e.interval) return nullptr;
  return rounded(low ? e.interval->lo : e.interval->hi);
}

json value_row(const std::string& name, const std::string& property, const char* passes,
               const Estimate& e) {
  return {{"model", name},        {"property", property},
          {"passes", passes},     {"value", rounded(e.value)},
          {"lo", bound(e, true)}, {"hi", bound(e, false)}};
}

json value_axis(const char* format, const char* title) {
  return {{"field", "value"},
          {"type", "quantitative"},
          {"axis", {{"format", format}, {"title", title}, {"tickCount", 5}}}};
}

/// The same axis, for the marks of an interval.
json interval_axis(json axis) {
  axis["field"] = "from";
  return axis;
}

constexpr const char* kRightPasses = "right passes";
constexpr const char* kWrongPasses = "wrong passes";

/// The properties in the order of the table, not of the alphabet.
json property_axis(const std::vector<std::string>& properties) {
  return {{"field", "property"},
          {"type", "nominal"},
          {"sort", nullptr},
          {"scale", {{"domain", properties}}},
          {"axis", {{"title", nullptr}, {"labelLimit", 150}, {"ticks", false}, {"domain", false}}}};
}

json tooltip(const char* format) {
  return {{{"field", "model"}, {"title", "model"}},
          {{"field", "property"}, {"title", "property"}},
          {{"field", "passes"}, {"title", "among"}},
          {{"field", "value"}, {"title", "share"}, {"type", "quantitative"}, {"format", format}},
          {{"field", "lo"}, {"title", "from"}, {"type", "quantitative"}, {"format", format}},
          {{"field", "hi"}, {"title", "to"}, {"type", "quantitative"}, {"format", format}}};
}

struct Shares {
  std::vector<std::string> models, properties;
  json values = json::array(), differences = json::array();
  const StyleRow* widest = nullptr;  ///< of the model chosen at first
};

Shares shares_of(const ReportModel& model) {
  Shares out;
  const auto once = [](std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  };
  for (const StyleRow& row : model.style) {
    if (row.unit != "share") continue;
    const std::string name = label(model, row.dataset, row.model);
    once(out.models, name), once(out.properties, row.property);
    out.values.push_back(value_row(name, row.property, kRightPasses, row.correct));
    out.values.push_back(value_row(name, row.property, kWrongPasses, row.false_positive));
    if (!row.paired.value) continue;
    out.differences.push_back(value_row(name, row.property, "wrong minus right", row.paired));
    const auto size = [](const StyleRow* r) { return r ? std::abs(*r->paired.value) : -1; };
    if (name == out.models.front() && std::abs(*row.paired.value) > size(out.widest))
      out.widest = &row;
  }
  return out;
}

Chart frame(const Shares& shares, const json& values) {
  Chart chart;
  chart.choices = shares.models;
  chart.choice = shares.models.front();
  chart.spec = chart_frame(static_cast<int>(40 * shares.properties.size()));
  chart.spec["data"] = {{"values", values}};
  chart.spec["params"] = {{{"name", "model"}, {"value", chart.choice}}};
  chart.spec["transform"] = {{{"filter", "datum.model === model && isValid(datum.value)"}}};
  return chart;
}

Chart share_chart(const Shares& shares) {
  Chart chart = frame(shares, shares.values);
  chart.id = "style-shares";
  chart.title = "Style of right and of wrong passes";
  chart.explanation =
      "Share of programs, or of their names, that keep to each rule; what the rules say stands in "
      "the table below. Bars side by side mix easy and hard problems.";
  chart.spec["encoding"] = {{"y", property_axis(shares.properties)},
                            {"yOffset",
                             {{"field", "passes"},
                              {"type", "nominal"},
                              {"sort", nullptr},
                              {"scale", {{"domain", {kRightPasses, kWrongPasses}}}}}}};
  json x = value_axis(".0%", "share that keeps to it");
  x["scale"] = {{"domain", {0, 1}}};
  const json colour = {
      {"field", "passes"},
      {"type", "nominal"},
      {"scale", {{"domain", {kRightPasses, kWrongPasses}}, {"range", {kRight, kWrong}}}},
      {"legend", {{"orient", "top"}, {"title", nullptr}, {"symbolType", "square"}}}};
  chart.spec["layer"] =
      json::array({{{"mark", {{"type", "bar"}, {"opacity", 0.85}}},
                    {"encoding", {{"x", x}, {"color", colour}, {"tooltip", tooltip(".1%")}}}},
                   {{"transform", interval_steps()},
                    {"mark", {{"type", "rule"}, {"strokeWidth", 1.5}}},
                    {"encoding", {{"x", interval_axis(x)}, {"x2", {{"field", "to"}}}}}}});
  chart.alt = fmt::format(
      "Bars for {}, each for right and for wrong passes; the numbers stand in "
      "the table below.",
      count(static_cast<std::int64_t>(shares.properties.size()), "rule"));
  return chart;
}

Chart difference_chart(const Shares& shares) {
  Chart chart = frame(shares, shares.differences);
  chart.id = "style-differences";
  chart.title = "The same within problems";
  chart.explanation =
      "Wrong minus right passes of the same model on the same problem, mean over problems, with "
      "95% interval. Left of the line: wrong passes keep to the rule less often.";
  const json x = value_axis("+.0%", "difference within problems");
  const json y = property_axis(shares.properties);
  chart.spec["height"] = 28 * shares.properties.size();
  chart.spec["layer"] = json::array(
      {{{"data", {{"values", json::array({json::object()})}}},
        {"transform", json::array()},
        {"mark", {{"type", "rule"}, {"strokeDash", {2, 3}}, {"color", kContext}}},
        {"encoding", {{"x", {{"datum", 0}}}}}},
       {{"transform", interval_steps()},
        {"mark", {{"type", "rule"}, {"strokeWidth", 1.5}}},
        {"encoding", {{"y", y}, {"x", interval_axis(x)}, {"x2", {{"field", "to"}}}}}},
       {{"mark",
         {{"type", "point"}, {"filled", true}, {"size", 80}, {"opacity", 1}, {"color", kWrong}}},
        {"encoding", {{"y", y}, {"x", x}, {"tooltip", tooltip("+.1%")}}}}});
  // The line at zero has no model: the filter belongs to the layers with data.
  const json transform = chart.spec["transform"];
  chart.spec.erase("transform");
  for (std::size_t i : {1u, 2u}) {
    json& own = chart.spec["layer"][i]["transform"];
    if (own.is_null()) own = json::array();
    own.insert(own.begin(), transform.begin(), transform.end());
  }
  chart.spec["layer"][0].erase("transform");
  chart.alt = shares.widest ? fmt::format("Furthest from zero for {}: {}, {} percentage points.",
                                          chart.choice, shares.widest->property,
                                          decimal(100 * *shares.widest->paired.value))
                            : "No problem has both right and wrong passes.";
  return chart;
}

}  // namespace

std::vector<Chart> style_charts(const ReportModel& model) {
  const Shares shares = shares_of(model);
  if (shares.models.empty()) return {};
  std::vector<Chart> out = {share_chart(shares)};
  if (!shares.differences.empty()) out.push_back(difference_chart(shares));
  return out;
}

}  // namespace assay::reports
