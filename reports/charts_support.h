// What the charts share: the filling in of their specifications, rounding, colours of models. For
// charts*.cpp only.
//
// charts/NAME.vl.json is a Vega-Lite specification with gaps:
//   "@name"                      the value of that name, else the part of that name
//   {"@": "name", ...}           the part, with these members put over its own
//   {"@if": "name", ...}         in an array: left out where there is no such value
// Parts are those under "@parts" of the same file, and those of charts/common.json.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/charts.h"

namespace assay::reports {

/// A name of charts/.
enum class Spec {
  accuracy,
  attempts,
  difficulty,
  learning,
  learning_difficulty,
  learning_filter,
  passes,
  resampling,
  roc,
  rules,
  search,
  style_differences,
  style_shares,
  suite_size,
  utility,
};

/// The specification with its gaps filled, as JSON text. Values are put in as they are: a text of
/// theirs is never looked up, whatever it looks like. A gap that nothing fills breaks an invariant.
std::string filled(Spec spec, const nlohmann::json& values);

nlohmann::json rounded(double value);
nlohmann::json rounded(const std::optional<double>& value);

/// "colour" of the field `model`: one colour each, or the chosen one against grey.
void put_model_colour(const std::vector<std::string>& models, nlohmann::json& values);

/// "colour" of that field: one colour each, and grey for those beyond the palette.
void put_colours(const std::vector<std::string>& names, const std::string& field,
                 nlohmann::json& values);

/// The axis of the field `k`, a number of samples or tests: its ends, ticks and title.
void put_k_axis(std::int64_t from, std::int64_t to, const std::string& title,
                nlohmann::json& values);

}  // namespace assay::reports
