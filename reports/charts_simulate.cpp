// The chart of stopping rules: what each is worth at every budget.
#include <fmt/format.h>

#include "reports/charts_support.h"
#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

using nlohmann::json;
using simulator::Simulation;

/// The budget for which the chart's worth is computed: a wrong answer costs what a right one brings.
constexpr stats::Costs kCosts{1, 0};

std::vector<double> worth(const simulator::RuleCurve& curve) {
  std::vector<double> out;
  for (std::size_t i = 0; i < curve.tp.size(); ++i)
    out.push_back(curve.tp[i] - kCosts.lambda * curve.fp[i] - kCosts.kappa * curve.draws[i]);
  return out;
}

json row(const std::string& model, const char* rule, const std::vector<int>& k,
         const std::vector<double>& values) {
  json out = {{"model", model}, {"rule", rule}, {"k", k}, {"value", json::array()}};
  for (const double v : values) out["value"].push_back(rounded(v));
  return out;
}

/// The costs of the chart among those simulated; null where they are not.
const simulator::CostsWorth* at_costs(const Simulation& s) {
  for (const simulator::CostsWorth& c : s.worth)
    if (c.costs.lambda == kCosts.lambda && c.costs.kappa == kCosts.kappa) return &c;
  return nullptr;
}

/// In words: what each rule is worth at its best.
std::string in_words(const std::string& model, const simulator::CostsWorth& costs) {
  std::string out;
  for (const simulator::RuleWorth& w : costs.rules) {
    if (!w.worth.value) continue;
    const std::string where = w.k ? fmt::format(" at K = {}", *w.k) : "";
    out += fmt::format("{}{} is worth {:.3f}{}", out.empty() ? "" : ", ",
                       simulator::name_of(w.rule), *w.worth.value, where);
  }
  return out.empty() ? "" : fmt::format("For {}: {}.", model, out);
}

}  // namespace

std::vector<Chart> rule_charts(const ReportModel& model) {
  Chart chart;
  json values = json::array();
  int last = 0;
  for (const Simulation& s : model.simulations) {
    const simulator::CostsWorth* costs = at_costs(s);
    if (!costs || s.k.size() < 3) continue;
    last = std::max(last, s.k.back());
    chart.choices.push_back(label(model, s.dataset, s.model));
    chart.choice = chart.choices.back();
    for (const simulator::RuleMeans& m : s.curves)
      values.push_back(row(chart.choice, simulator::name_of(m.rule), s.k, worth(m.curve)));
    for (const simulator::RuleWorth& w : costs->rules)
      if (w.rule == simulator::Rule::rational && w.worth.value)
        values.push_back(
            row(chart.choice, "rational", {0, s.k.back()}, {*w.worth.value, *w.worth.value}));
    chart.alt = in_words(chart.choice, *costs);
  }
  if (chart.choices.empty()) return {};
  chart.id = "rules";
  chart.title = "Worth of other ways to choose among K samples";
  chart.explanation =
      "Worth per problem = right answers \u2212 wrong answers. first: the first sample that passes; "
      "best-of: of K samples the one that passes most tests, which always answers; majority: of "
      "those that pass, one of the most common behaviour; rational: gives up on a problem when "
      "the fitted model says that going on does not pay. Intervals: assay simulate.";
  json filling = {{"values", values}, {"choice", chart.choice}};
  put_k_axis(0, last, "samples drawn at most (K)", filling);
  chart.spec = filled(Spec::rules, filling);
  return {chart};
}

}  // namespace assay::reports
