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

constexpr const char* kRightPasses = "right passes";
constexpr const char* kWrongPasses = "wrong passes";

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

/// What both charts are filled with; `height` is of one property.
json values_of(const Shares& shares, const json& rows, std::size_t height, const char* format) {
  return {{"values", rows},
          {"choice", shares.models.front()},
          {"properties", shares.properties},
          {"height", height * shares.properties.size()},
          {"style_format", format}};
}

Chart share_chart(const Shares& shares) {
  Chart chart;
  chart.choices = shares.models;
  chart.choice = shares.models.front();
  chart.id = "style-shares";
  chart.title = "Style of right and of wrong passes";
  chart.explanation =
      "Share of programs, or of their names, that keep to each rule; what the rules say stands in "
      "the table below. Bars side by side mix easy and hard problems.";
  chart.spec = filled(Spec::style_shares, values_of(shares, shares.values, 40, ".1%"));
  chart.alt = fmt::format(
      "Bars for {}, each for right and for wrong passes; the numbers stand in the table below.",
      count(static_cast<std::int64_t>(shares.properties.size()), "rule"));
  return chart;
}

Chart difference_chart(const Shares& shares) {
  Chart chart;
  chart.choices = shares.models;
  chart.choice = shares.models.front();
  chart.id = "style-differences";
  chart.title = "The same within problems";
  chart.explanation =
      "Wrong minus right passes of the same model on the same problem, mean over problems, with "
      "95% interval. Left of the line: wrong passes keep to the rule less often.";
  chart.spec = filled(Spec::style_differences, values_of(shares, shares.differences, 28, "+.1%"));
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
