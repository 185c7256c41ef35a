#include "reports/charts.h"

#include <algorithm>

#include "reports/charts_support.h"

namespace assay::reports {

nlohmann::json rounded(double value) {
  // Nine digits: far below what a chart shows, and half the bytes of a whole double.
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return std::strtod(text, nullptr);
}

nlohmann::json rounded(const std::optional<double>& value) {
  return value ? rounded(*value) : nlohmann::json(nullptr);
}

nlohmann::json chart_frame(int height) {
  nlohmann::json spec = R"({
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "width": "container",
    "autosize": {"type": "fit-x", "contains": "padding"}
  })"_json;
  spec["height"] = height;
  return spec;
}

nlohmann::json model_colour(const std::vector<std::string>& models) {
  // Okabe and Ito's colours, those that hold 3:1 or nearly so on white and on black.
  static const std::vector<std::string> palette = {"#0072B2", "#D55E00", "#009E73",
                                                   "#CC79A7", "#E69F00", "#56B4E9"};
  static_assert(kColoursMax == 6);
  if (models.size() > kColoursMax)
    return {{"condition", {{"test", "datum.model === model"}, {"value", kRight}}},
            {"value", kContext}};
  nlohmann::json scale = {{"domain", models}};
  scale["range"] = std::vector<std::string>(
      palette.begin(), palette.begin() + static_cast<std::ptrdiff_t>(models.size()));
  nlohmann::json colour = {{"field", "model"}, {"type", "nominal"}, {"scale", scale}};
  if (models.size() == 1)
    colour["legend"] = nullptr;
  else
    colour["legend"] = {{"orient", "top"},
                        {"title", nullptr},
                        {"columns", {{"expr", "width < 480 ? 2 : 6"}}},
                        {"symbolType", "circle"},
                        {"symbolOpacity", 1}};
  return colour;
}

nlohmann::json budget_axis(std::int64_t k_max, const std::string& title) {
  nlohmann::json ticks = {0, 1};
  for (std::int64_t decade = 1; decade <= k_max; decade *= 10)
    for (const std::int64_t step : {2, 5, 10})
      if (step * decade <= k_max) ticks.push_back(step * decade);
  // Symlog: the first draws matter most, and K = 0 is a choice too.
  return {{"field", "k"},
          {"type", "quantitative"},
          {"scale", {{"type", "symlog"}, {"constant", 1}, {"domain", {0, k_max}}, {"nice", false}}},
          {"axis",
           {{"values", ticks},
            {"format", ",d"},
            {"title", title},
            {"grid", false},
            {"labelOverlap", true}}}};
}

nlohmann::json interval_steps() {
  return R"([{"calculate": "isValid(datum.lo) ? datum.lo : datum.value", "as": "from"},
             {"calculate": "isValid(datum.hi) ? datum.hi : datum.value", "as": "to"}])"_json;
}

std::vector<Chart> charts(const ReportModel& model) {
  std::vector<Chart> all;
  for (auto make : {accuracy_charts, resampling_charts, utility_charts, rule_charts, attempt_charts,
                    difficulty_charts, suite_size_charts, style_charts})
    for (Chart& chart : make(model)) all.push_back(std::move(chart));
  return all;
}

}  // namespace assay::reports
