// What the JSON of rates and limits share: undefined is null, an interval is [lo, hi].
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "harness/stats/bootstrap.h"

namespace assay::cli {

template <typename T>
nlohmann::json to_json(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}
inline nlohmann::json to_json(const std::optional<stats::Interval>& interval) {
  return interval ? nlohmann::json::array({interval->lo, interval->hi}) : nlohmann::json(nullptr);
}

}  // namespace assay::cli
