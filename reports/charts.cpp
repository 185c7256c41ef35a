#include "reports/charts.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "harness/base/error.h"
#include "reports/charts_support.h"

#define ASSAY_SPEC(name) \
  extern "C" const char assay_chart_##name##_begin[], assay_chart_##name##_end[]
ASSAY_SPEC(common);
ASSAY_SPEC(accuracy);
ASSAY_SPEC(attempts);
ASSAY_SPEC(difficulty);
ASSAY_SPEC(learning);
ASSAY_SPEC(learning_difficulty);
ASSAY_SPEC(learning_filter);
ASSAY_SPEC(passes);
ASSAY_SPEC(resampling);
ASSAY_SPEC(roc);
ASSAY_SPEC(rules);
ASSAY_SPEC(search);
ASSAY_SPEC(style_differences);
ASSAY_SPEC(style_shares);
ASSAY_SPEC(suite_size);
ASSAY_SPEC(utility);

namespace assay::reports {

namespace {

using nlohmann::json;

#define ASSAY_TEXT(name) std::string_view(assay_chart_##name##_begin, assay_chart_##name##_end)

std::string_view text_of(Spec spec) {
  switch (spec) {
    case Spec::accuracy:
      return ASSAY_TEXT(accuracy);
    case Spec::attempts:
      return ASSAY_TEXT(attempts);
    case Spec::difficulty:
      return ASSAY_TEXT(difficulty);
    case Spec::learning:
      return ASSAY_TEXT(learning);
    case Spec::learning_difficulty:
      return ASSAY_TEXT(learning_difficulty);
    case Spec::learning_filter:
      return ASSAY_TEXT(learning_filter);
    case Spec::passes:
      return ASSAY_TEXT(passes);
    case Spec::roc:
      return ASSAY_TEXT(roc);
    case Spec::resampling:
      return ASSAY_TEXT(resampling);
    case Spec::rules:
      return ASSAY_TEXT(rules);
    case Spec::search:
      return ASSAY_TEXT(search);
    case Spec::style_differences:
      return ASSAY_TEXT(style_differences);
    case Spec::style_shares:
      return ASSAY_TEXT(style_shares);
    case Spec::suite_size:
      return ASSAY_TEXT(suite_size);
    case Spec::utility:
      return ASSAY_TEXT(utility);
  }
  return {};
}

/// Fills the gaps of one specification.
class Filling {
 public:
  Filling(json parts, const json& values) : parts_(std::move(parts)), values_(values) {}

  json operator()(const json& given) const {
    if (given.is_string()) {
      const auto& text = given.get_ref<const std::string&>();
      return text.starts_with('@') ? named(text.substr(1)) : given;
    }
    if (given.is_object()) return object(given);
    if (!given.is_array()) return given;
    json out = json::array();
    for (const json& item : given)
      if (!item.is_object() || !item.contains("@if") ||
          values_.contains(item["@if"].get<std::string>()))
        out.push_back((*this)(item));
    return out;
  }

 private:
  json named(const std::string& name) const {
    if (const auto value = values_.find(name); value != values_.end()) return *value;
    ASSAY_INVARIANT(parts_.contains(name));
    return (*this)(parts_[name]);
  }
  json object(const json& given) const {
    json out = given.contains("@") ? named(given["@"].get<std::string>()) : json::object();
    for (const auto& [key, value] : given.items())
      if (!key.starts_with('@')) out[key] = (*this)(value);
    return out;
  }

  json parts_;
  const json& values_;
};

}  // namespace

std::string filled(Spec spec, const json& values) {
  json parts = json::parse(ASSAY_TEXT(common));
  const json given = json::parse(text_of(spec));
  if (given.contains("@parts")) parts.update(given["@parts"]);
  // Names that are no UTF-8 become text that is: nothing here may fail for a name.
  return Filling(std::move(parts), values)(given).dump(-1, ' ', false,
                                                       json::error_handler_t::replace);
}

json rounded(double value) {
  // Nine digits: far below what a chart shows, and half the bytes of a whole double.
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return std::strtod(text, nullptr);
}

json rounded(const std::optional<double>& value) { return value ? rounded(*value) : json(nullptr); }

void put_colours(const std::vector<std::string>& names, const std::string& field, json& values) {
  // Okabe and Ito's colours, those that hold 3:1 or nearly so on white and on black.
  static const std::vector<std::string> palette = {"#0072B2", "#D55E00", "#009E73",
                                                   "#CC79A7", "#E69F00", "#56B4E9"};
  static_assert(kColoursMax == 6);
  std::vector<std::string> colours;
  for (std::size_t i = 0; i < names.size(); ++i)
    colours.push_back(i < palette.size() ? palette[i] : "#9A9FA5");
  json scale = {{"field", field}, {"names", names}, {"colours", colours}};
  if (names.size() == 1) scale["legend"] = nullptr;
  values["colour"] = Filling(json::parse(ASSAY_TEXT(common)), scale)("@one_colour_each");
}

void put_model_colour(const std::vector<std::string>& models, json& values) {
  values["others_opacity"] =
      models.size() <= kColoursMax ? 1 : 0.35;  // else one sees no line for lines
  if (models.size() <= kColoursMax) return put_colours(models, "model", values);
  values["colour"] = Filling(json::parse(ASSAY_TEXT(common)), values)("@many_models_colour");
}

void put_k_axis(std::int64_t from, std::int64_t to, const std::string& title, json& values) {
  json ticks = {0, 1};
  for (std::int64_t decade = 1; decade <= to; decade *= 10)
    for (const std::int64_t step : {2, 5, 10})
      if (step * decade <= to) ticks.push_back(step * decade);
  values["k_ticks"] = ticks;
  values["k_domain"] = {from, to};
  values["k_title"] = title;
}

std::vector<Chart> charts(const ReportModel& model) {
  std::vector<Chart> all;
  for (auto make : {passes_charts, score_charts, accuracy_charts, resampling_charts, utility_charts,
                    rule_charts, attempt_charts, difficulty_charts, suite_size_charts, style_charts,
                    search_charts, learning_charts})
    for (Chart& chart : make(model)) all.push_back(std::move(chart));
  return all;
}

}  // namespace assay::reports
