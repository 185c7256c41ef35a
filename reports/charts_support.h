// What the charts share: colours with a meaning, axes, rounding. For charts*.cpp only.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reports/charts.h"

namespace assay::reports {

// Okabe and Ito's blue and vermilion, apart for every kind of colour vision; grey for what is there
// only to compare with.
inline constexpr const char* kRight = "#0072B2";
inline constexpr const char* kWrong = "#D55E00";
inline constexpr const char* kContext = "#9A9FA5";

nlohmann::json rounded(double value);
nlohmann::json rounded(const std::optional<double>& value);

/// Schema, width of its container, height.
nlohmann::json chart_frame(int height);

/// Channel `color` over the field `model`: one colour each, or the chosen one against grey.
nlohmann::json model_colour(const std::vector<std::string>& models);

/// Channel `x` over the field `k`, the number of samples drawn.
nlohmann::json budget_axis(std::int64_t k_max, const std::string& title);

/// Steps that make `from` and `to` of an interval `lo` to `hi` around `value`; without an interval
/// both are the value, so that a layer of intervals is never without extent.
nlohmann::json interval_steps();

}  // namespace assay::reports
