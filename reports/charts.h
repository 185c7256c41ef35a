// The report's charts as Vega-Lite specifications with their data. Pure functions of the model;
// what has no data is not in the list. What a chart looks like stands in charts/NAME.vl.json. The page sets fonts and colours of paper and ink by
// theme.js; the specifications carry the colours that mean something (right, wrong, one model
// against the others).
#pragma once

#include <string>
#include <vector>

#include "reports/model.h"

namespace assay::reports {

struct Chart {
  std::string id;  ///< file name and anchor: "resampling-right"
  std::string title;
  std::string explanation;           ///< how to read it, in one or two plain sentences
  std::string alt;                   ///< what it shows, in numbers, for those who do not see it
  std::vector<std::string> choices;  ///< values of the parameter `model`; empty: it has none
  std::string choice;                ///< the one chosen at first
  std::string spec;                  ///< JSON
};

/// A model's line is coloured where at most this many models share a chart; else only the chosen
/// one.
inline constexpr std::size_t kColoursMax = 6;

std::vector<Chart> passes_charts(const ReportModel& model);
std::vector<Chart> score_charts(const ReportModel& model);
std::vector<Chart> accuracy_charts(const ReportModel& model);
std::vector<Chart> resampling_charts(const ReportModel& model);
std::vector<Chart> utility_charts(const ReportModel& model);
std::vector<Chart> rule_charts(const ReportModel& model);
std::vector<Chart> search_charts(const ReportModel& model);
std::vector<Chart> learning_charts(const ReportModel& model);
std::vector<Chart> attempt_charts(const ReportModel& model);
std::vector<Chart> difficulty_charts(const ReportModel& model);
std::vector<Chart> suite_size_charts(const ReportModel& model);
std::vector<Chart> style_charts(const ReportModel& model);

/// All of the above, in the report's order: what `assay report --charts DIR` writes.
std::vector<Chart> charts(const ReportModel& model);

}  // namespace assay::reports
