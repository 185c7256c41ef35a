#include "tests/reports/fixture.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "harness/analysis/gather.h"

namespace assay::reports {

namespace {

Estimate around(double value, double width = 0.03) {
  return {value, Interval{std::max(0.0, value - width), std::min(1.0, value + width)}};
}

// Per problem chances of a right and a wrong pass; harder problems let more wrong ones through.
struct Chances {
  double right, wrong;
};

Chances chances(double strength, double difficulty) {
  const double right = 1 / (1 + std::exp(6 * (difficulty - strength)));
  return {right, (1 - right) * 0.15 * difficulty};
}

FalsePositive wrong_program(int index, const std::string& model, const std::string& other) {
  FalsePositive fp;
  fp.dataset = "fixture";
  fp.task_id = fmt::format("Fixture/{:03}", index % 7);
  fp.source = fmt::format(
      "def largest(values, k={0}):\n    \"\"\"The k largest values, in order.\"\"\"\n    # "
      "sorted() is stable\n"
      "    if len(values) < {0}:\n        return []\n    return sorted(values)[-k:]\n",
      index);
  fp.nearest_correct = fmt::format(
      "def largest(values, k={0}):\n    \"\"\"The k largest values, in order.\"\"\"\n    # "
      "sorted() is stable\n"
      "    if k == 0:\n        return []\n    return sorted(values)[-k:]\n",
      index);
  fp.copies = {{model, 1 + index % 4}};
  if (index % 3 == 0) fp.copies.push_back({other, 2});
  fp.kind = index % 5 == 4 ? "error" : index % 5 == 3 ? "timeout" : "fail";
  fp.message = fp.kind == "error" ? "IndexError: list index out of range" : "";
  fp.suite = "plus";
  fp.test = 10 + index;
  fp.input = "([3, 1, 2], 0)";
  fp.expected = "[]";
  fp.actual = fp.kind == "fail" ? "[1, 2, 3]" : "";
  fp.tests_failed = 3 + index;
  fp.tests_judged = 745;
  fp.all_judged = index % 2 == 0;
  return fp;
}

/// Rules of which one is as good as drawing until the first pass, one worse, one better.
simulator::Simulation simulation(const ModelLimits& row) {
  simulator::Simulation s{row.dataset, row.model, row.proxy, row.gold};
  s.k = row.k;
  simulator::CostsWorth& costs = s.worth.emplace_back();
  costs.costs = {1, 0};
  const auto add = [&](simulator::Rule rule, double factor) {
    simulator::RuleMeans& means = s.curves.emplace_back();
    means.rule = rule;
    for (std::size_t k = 0; k < row.k.size(); ++k) {
      means.curve.tp.push_back(row.mean.tp[k] * factor), means.curve.fp.push_back(row.mean.fp[k]);
      means.curve.draws.push_back(row.mean.draws[k]);
    }
    costs.rules.emplace_back().rule = rule;
    costs.rules.back().worth = around(0.4 * factor, 0.05);
    costs.rules.back().k = row.k.back();
  };
  add(simulator::Rule::first, 1), add(simulator::Rule::majority, 0.9);
  costs.best_fixed = costs.rules[0];
  costs.rules.emplace_back().rule = simulator::Rule::rational;
  costs.rules.back().worth = around(0.45, 0.05);
  return s;
}

}  // namespace

ReportModel fixture(const FixtureSize& size) {
  ReportModel m;
  m.title = "fixture";
  m.assay_version = "0.0.0";
  m.notes = {"These numbers are invented, for a test."};
  for (int i = 0; i < size.models; ++i) {
    const double strength = size.models == 1 ? 0.5 : 0.2 + 0.7 * i / (size.models - 1);
    ModelCounts counts{"fixture", fmt::format("model-{:03}", i), "base", "base,plus", {}, {}, 0, 0,
                       0};
    for (int p = 0; p < size.problems; ++p) {
      const Chances c = chances(strength, (p + 0.5) / size.problems);
      stats::Counts problem;
      problem.tp = std::llround(c.right * size.samples);
      problem.fp = std::llround(c.wrong * size.samples);
      problem.tn = size.samples - problem.tp - problem.fp;
      counts.task_ids.push_back(fmt::format("Fixture/{:03}", p));
      counts.problems.push_back(problem);
    }
    m.counts.push_back(counts);
  }
  stats::BootstrapOptions options;
  options.replicates = 100;
  options.seed = 7;
  analysis::analyse(m, options);
  for (ModelLimits& row : m.limits) {
    row.suite_size.emplace();
    for (const int tests : {1, 2, 5, 10, 50, 200}) {
      row.suite_size->tests.push_back(tests);
      row.suite_size->fdr.push_back(around(0.3 / (1 + 0.1 * tests), 0.02));
    }
  }
  for (const ModelLimits& row : m.limits) m.simulations.push_back(simulation(row));
  for (int i = 0; i < size.programs; ++i)
    m.false_positives.push_back(wrong_program(i, m.counts.front().model, m.counts.back().model));
  m.advice = {{"fixture",
               "Fixture/0",
               "plus",
               "largest",
               60,
               9,
               1,
               2,
               {{12, 7, "largest([3, 1, 2], 0)", "[]"}, {40, 1, "largest([], 1)", "[]"}},
               "def check(candidate):\n    assert candidate([3, 1, 2], 0) == []\n    assert "
               "candidate([], 1) == []\n"}};
  for (const char* name : {"all models", "model-000"}) {
    m.style.push_back({"fixture",
                       name,
                       "snake_case",
                       "names in snake_case",
                       "share",
                       around(.91),
                       around(.8),
                       {-.05, Interval{-.09, -.01}},
                       14});
    m.style.push_back({"fixture",
                       name,
                       "PEP 8",
                       "nothing found",
                       "share",
                       around(.4),
                       around(.5),
                       {.02, Interval{-.03, .07}},
                       14});
    m.style.push_back({"fixture",
                       name,
                       "complexity",
                       "of the most complex function",
                       "",
                       {3.1, Interval{2.8, 3.4}},
                       {4.2, Interval{3.9, 4.5}},
                       {.3, Interval{-.1, .7}},
                       14});
  }
  m.style_gaps = {40, 0, {{"tokenize: TokenError", 3}}};
  m.fitted_missing = "Beyond the samples there are, run: assay fit";
  m.facts = {{"assay", "0.0.0", ""},
             {"machine", "2 CPUs", ""},
             {"isolation", "full", "no network, no files"}};
  return m;
}

std::string hostile(const std::string& mark) {
  return "</script><script>document.title='" + mark +
         "'</script><img src=x onerror=\"document.title='" + mark +
         "'\">'\"&<!--<script>]]>{{payload}}${1}`\x01\x1b[31m\xff\xc0\xaf\u202e\u2028\u2029 | # "
         "[a](javascript:1)";
}

ReportModel hostile_fixture() {
  ReportModel m = fixture();
  m.title = hostile("title");
  m.notes = {hostile("note")};
  std::map<std::string, std::string> renamed;
  for (std::size_t i = 0; i < m.rates.size(); ++i)
    renamed[m.rates[i].model] = hostile("model") + std::to_string(i);
  const auto rename = [&](auto& row) {
    row.dataset = hostile("dataset");
    row.model = renamed.at(row.model);
  };
  for (auto& row : m.rates) rename(row);
  for (auto& row : m.counts) {
    rename(row);
    for (auto& task_id : row.task_ids) task_id += hostile("task");
  }
  for (auto& row : m.simulations) rename(row);
  for (auto& row : m.limits) {
    rename(row);
    for (auto& match : row.k_match) match.strong = renamed.at(match.strong);
  }
  for (auto& f : m.false_positives)
    for (auto& c : f.copies) c.model = renamed.at(c.model);
  for (auto& f : m.false_positives) {
    f.dataset = hostile("dataset"), f.task_id += hostile("task"), f.kind = hostile("kind");
    f.source += hostile("source"), f.nearest_correct += hostile("nearest");
    f.input = hostile("input"), f.expected = hostile("expected"), f.actual = hostile("actual");
    f.message = hostile("message"), f.suite = hostile("suite");
  }
  auto& advice = m.advice[0];
  advice.dataset = hostile("dataset"), advice.task_id = hostile("task"),
  advice.code += hostile("code");
  advice.tests[0].call = hostile("call"), advice.tests[0].expected = hostile("expected");
  m.style[0].model = hostile("model"), m.style[0].dataset = hostile("dataset"),
  m.style[0].property = hostile("property"), m.style_gaps.reasons = {{hostile("style note"), 1}};
  m.facts = {{hostile("name"), hostile("value"), hostile("explanation")}};
  return m;
}

}  // namespace assay::reports
