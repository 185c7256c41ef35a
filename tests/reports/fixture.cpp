#include "tests/reports/fixture.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

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

LimitsRow limits_of(const std::string& name, const std::vector<Chances>& problems, int samples) {
  LimitsRow row;
  row.dataset = "fixture";
  row.model = name;
  row.n_min = samples;
  double before_wrong = 0, before = 0;
  for (int k = 0; k <= samples; ++k) {
    double tp = 0, fp = 0, draws = 0;
    for (const Chances& c : problems) {
      const double p = c.right + c.wrong;
      const double accepted = p > 0 ? 1 - std::pow(1 - p, k) : 0;
      tp += p > 0 ? c.right / p * accepted : 0;
      fp += p > 0 ? c.wrong / p * accepted : 0;
      draws += p > 0 ? accepted / p : k;
    }
    const double n = static_cast<double>(problems.size());
    row.k.push_back(k);
    row.tp.value.push_back(tp / n), row.fp.value.push_back(fp / n);
    row.tp.lo.push_back(tp / n * 0.9), row.tp.hi.push_back(std::min(1.0, tp / n * 1.1));
    row.fp.lo.push_back(fp / n * 0.7), row.fp.hi.push_back(fp / n * 1.3);
    row.draws.value.push_back(draws / n), row.accepted.value.push_back((tp + fp) / n);
    const double now = tp + fp - before;
    row.fdr_by_attempt.value.push_back(
        k > 0 && now > 1e-12 ? std::optional((fp - before_wrong) / now) : std::nullopt);
    const std::optional<double> share = row.fdr_by_attempt.value.back();
    row.fdr_by_attempt.lo.push_back(share ? std::optional(*share * .8) : share);
    row.fdr_by_attempt.hi.push_back(share ? std::optional(*share * 1.2) : share);
    before = tp + fp, before_wrong = fp;
  }
  for (const double lambda : {0.0, 1.0, 2.0, 4.0, 8.0}) {
    std::size_t best = 0;
    const auto worth = [&](std::size_t k) { return *row.tp.value[k] - lambda * *row.fp.value[k]; };
    for (std::size_t k = 1; k < row.k.size(); ++k)
      if (worth(k) > worth(best)) best = k;
    std::size_t lo = best, hi = best;
    while (lo > 0 && worth(lo - 1) >= worth(best) - .01) --lo;
    while (hi + 1 < row.k.size() && worth(hi + 1) >= worth(best) - .01) ++hi;
    row.utility.push_back({lambda, 0, row.k[best], worth(best), best + 1 == row.k.size(), false,
                           std::pair(row.k[lo], row.k[hi])});
  }
  return row;
}

FalsePositive wrong_program(int index, const std::string& model, const std::string& other) {
  FalsePositive fp;
  fp.dataset = "fixture";
  fp.task_id = fmt::format("Fixture/{}", index % 7);
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

}  // namespace

ReportModel fixture(const FixtureSize& size) {
  ReportModel m;
  m.title = "fixture";
  m.assay_version = "0.0.0";
  m.notes = {"These numbers are invented, for a test."};
  m.replicates = 1000;
  m.seed = 7;
  PooledRow pooled{"fixture", "base", "base,plus", size.models, size.problems, 0, 0, {}};
  std::vector<double> strengths;
  for (int i = 0; i < size.models; ++i) {
    const double strength = size.models == 1 ? 0.5 : 0.2 + 0.7 * i / (size.models - 1);
    const std::string name = fmt::format("model-{}", i);
    std::vector<Chances> problems;
    RatesRow row;
    row.dataset = "fixture", row.model = name, row.proxy = "base", row.gold = "base,plus";
    double ceiling = 0;
    for (int p = 0; p < size.problems; ++p) {
      const Chances c = chances(strength, (p + 0.5) / size.problems);
      problems.push_back(c);
      ProblemCounts counts{"fixture", name, fmt::format("Fixture/{}", p), 0, 0, 0, 0};
      counts.tp = std::llround(c.right * size.samples),
      counts.fp = std::llround(c.wrong * size.samples);
      counts.tn = size.samples - counts.tp - counts.fp;
      row.tp += counts.tp, row.fp += counts.fp, row.tn += counts.tn;
      if (c.right + c.wrong > 0) ceiling += c.right / (c.right + c.wrong) / size.problems;
      m.problems.push_back(counts);
    }
    const double n = static_cast<double>(size.samples) * size.problems;
    const double accepted = static_cast<double>(row.tp + row.fp);
    row.problems = size.problems, row.samples = static_cast<std::int64_t>(n);
    row.accuracy = around(static_cast<double>(row.tp) / n);
    row.acceptance = around(accepted / n);
    if (accepted > 0) row.fdr = row.fdr_macro = around(static_cast<double>(row.fp) / accepted);
    if (row.fp + row.tn > 0)
      row.fpr = row.fpr_macro =
          around(static_cast<double>(row.fp) / static_cast<double>(row.fp + row.tn));
    row.fp_mass = row.fp_mass_macro = around(static_cast<double>(row.fp) / n);
    row.fnr = {0.0, std::nullopt};
    row.ceiling_lower = around(ceiling * 0.97), row.ceiling_macro = around(ceiling);
    row.ceiling_upper = around(std::min(1.0, ceiling * 1.02));
    pooled.accepted += row.tp + row.fp, pooled.fp += row.fp;
    m.rates.push_back(row);
    m.limits.push_back(limits_of(name, problems, size.samples));
    for (int t : {1, 2, 5, 10, 50, 200})
      m.suite_size.push_back({"fixture", name, t, around(0.3 / (1 + 0.1 * t), 0.02)});
  }
  for (int i = 0; i + 1 < size.models && i < 10; ++i)
    m.limits[static_cast<std::size_t>(i)].k_match.push_back(
        i % 2 ? Match{m.rates.back().model, 17, false, 0.83}
              : Match{m.rates.back().model, std::nullopt, true, 0.02});
  pooled.fdr = around(static_cast<double>(pooled.fp) /
                      static_cast<double>(std::max<std::int64_t>(1, pooled.accepted)));
  m.pooled = {pooled};
  m.regressions = {{"fixture",
                    size.models,
                    {0.2183, std::nullopt},
                    {0.7247, std::nullopt},
                    {0.9444, std::nullopt},
                    {0.8918, std::nullopt}}};
  for (int i = 0; i < size.programs; ++i)
    m.false_positives.push_back(wrong_program(i, m.rates.front().model, m.rates.back().model));
  m.advice = {{"fixture",
               "Fixture/0",
               "plus",
               "largest",
               60,
               9,
               1,
               {{12, 7, "largest([3, 1, 2], 0)", "[]"}, {40, 1, "largest([], 1)", "[]"}},
               "def check(candidate):\n    assert candidate([3, 1, 2], 0) == []\n    assert "
               "candidate([], 1) == []\n"}};
  m.style = {{"fixture", m.rates.front().model, "snake_case", "names in snake_case", "share",
              around(.91), around(.8), around(.05), 14}};
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
  for (std::size_t i = 0; i < m.rates.size(); ++i) {
    const std::string name = m.rates[i].model, bad = hostile("model") + std::to_string(i);
    for (auto& p : m.problems)
      if (p.model == name)
        p.model = bad, p.dataset = hostile("dataset"), p.task_id += hostile("task");
    for (auto& s : m.suite_size)
      if (s.model == name) s.model = bad, s.dataset = hostile("dataset");
    for (auto& l : m.limits)
      for (auto& match : l.k_match)
        if (match.strong == name) match.strong = bad;
    for (auto& f : m.false_positives)
      for (auto& c : f.copies)
        if (c.model == name) c.model = bad;
    m.limits[i].model = m.rates[i].model = bad;
    m.limits[i].dataset = m.rates[i].dataset = hostile("dataset");
  }
  m.pooled[0].dataset = m.regressions[0].dataset = hostile("dataset");
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
  m.style[0].property = hostile("property");
  m.facts = {{hostile("name"), hostile("value"), hostile("explanation")}};
  return m;
}

}  // namespace assay::reports
