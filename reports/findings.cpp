// The headline and the findings: sentences made from the numbers, each with its interval.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

// "base,plus" in words.
std::string suites(const std::string& names) {
  std::string out = names;
  for (std::size_t at = out.find(','); at != std::string::npos; at = out.find(',', at + 1))
    out.replace(at, 1, " and ");
  return out;
}

// Nothing beyond the accepting tests decides. Imported counts bring their own truth.
bool checks_itself(const PooledRow& row) {
  return row.proxy == row.gold && row.proxy != "imported";
}

// "are wrong by base and plus"; imported counts do not say by what.
std::string judge(const PooledRow& row) {
  return row.gold == "imported" ? "" : " by " + suites(row.gold);
}

constexpr std::size_t kCallBytesMax = 100;  // longer calls break a sentence
constexpr double kCostRatio = 4;  // the headline's lambda: a wrong answer costs four right ones

std::string lower_bound_text(const stats::UtilityCurve& u) {
  return u.censored || u.infinite ? "at least " : "";
}

std::string models_in_words(std::int64_t models) {
  return models > 1 ? fmt::format(" from {}", count(models, "model")) : "";
}

std::string trust(const PooledRow& row) {
  if (row.accepted == 0)
    return fmt::format("No program passed the {} tests of {}, so there is no pass to doubt.",
                       row.proxy, row.dataset);
  if (checks_itself(row))
    return fmt::format(
        "{} of {} passed; the tests that accept are also those that decide ({}), so nothing "
        "here can show a false positive.",
        count(row.accepted, "program"), row.dataset, suites(row.gold));
  const std::string who = fmt::format("{}{} that passed {}'s {}tests",
                                      count(row.accepted, "program"), models_in_words(row.models),
                                      row.dataset, row.proxy == "imported" ? "" : row.proxy + " ");
  if (row.fp == 0) {
    std::string text = fmt::format("Of {}, none was found wrong{}", who, judge(row));
    if (row.fdr.interval)
      text += fmt::format("; as many as {} may be (95% bound)", percent(row.fdr.interval->hi));
    return text + ".";
  }
  return fmt::format("Of {}, {} are wrong{}.", who, percent(row.fdr), judge(row));
}

const RatesRow* strongest(const ReportModel& model, const std::string& dataset) {
  const RatesRow* best = nullptr;
  for (const RatesRow& row : model.rates)
    if (row.dataset == dataset && row.accuracy.value &&
        (!best || *row.accuracy.value > *best->accuracy.value))
      best = &row;
  return best;
}

// Of the wrong passes, how many only ran out of time: another limit might have let them be right.
std::string too_slow(const ReportModel& model, const std::string& dataset) {
  std::int64_t slow = 0, all = 0;
  for (const FalsePositive& program : model.false_positives) {
    if (program.dataset != dataset) continue;
    for (const Copies& copies : program.copies) {
      all += copies.count;
      if (program.kind == "timeout") slow += copies.count;
    }
  }
  if (slow == 0 || model.false_positives_left_out > 0) return "";
  return fmt::format(
      "{} of these {} wrong passes ran out of time; the others gave a wrong answer "
      "or raised an exception.",
      count(slow), count(all));
}

// By the lower end of the interval: one wrong pass of three is no evidence yet.
const RatesRow* least_trusted(const ReportModel& model, const std::string& dataset) {
  const auto sure = [](const RatesRow& row) { return row.fdr.interval ? row.fdr.interval->lo : 0; };
  const RatesRow* worst = nullptr;
  for (const RatesRow& row : model.rates)
    if (row.dataset == dataset && row.fdr.value && sure(row) > (worst ? sure(*worst) : 0))
      worst = &row;
  return worst;
}

std::string not_judged(const ReportModel& model, const std::string& dataset) {
  std::int64_t left = 0, judged = 0;
  for (const RatesRow& row : model.rates)
    if (row.dataset == dataset) left += row.missing + row.not_run, judged += row.samples;
  if (left == 0) return "";
  return fmt::format("{} of {} {} no verdict of all these tests and {} in no rate.", count(left),
                     count(left + judged, "sample"), left == 1 ? "has" : "have",
                     left == 1 ? "is" : "are");
}

const ModelLimits* limits_of(const ReportModel& model, const RatesRow& rates) {
  for (const ModelLimits& row : model.limits)
    if (row.dataset == rates.dataset && row.model == rates.model) return &row;
  return nullptr;
}

std::string ceiling(const RatesRow& row) {
  const bool all_passed = !row.ceiling_upper.value ||
                          *row.ceiling_upper.value - row.ceiling_lower.value.value_or(0) < 0.0005;
  if (all_passed)
    return fmt::format("No number of samples lifts {} above {} of the problems.", row.model,
                       percent(row.ceiling_lower));
  return fmt::format(
      "No number of samples lifts {} above {} of the problems, even if every problem it has not "
      "passed yet came out right; counting those as wrong, {}.",
      row.model, percent(row.ceiling_upper), percent(row.ceiling_lower));
}

std::string budget(const ModelLimits& row) {
  for (const stats::UtilityCurve& u : row.utility) {
    if (u.costs.lambda != kCostRatio || u.costs.kappa != 0) continue;
    const std::string price =
        fmt::format("If a wrong answer costs {:g} times what a right one brings", kCostRatio);
    if (u.infinite)
      return fmt::format("{}, more samples from {} are always better.", price, row.model);
    if (!u.k_opt) continue;
    if (*u.k_opt == 0) return fmt::format("{}, {} is best not used at all.", price, row.model);
    std::string text =
        fmt::format("{}, draw {}{} from {}, worth {} a problem", price, lower_bound_text(u),
                    count(*u.k_opt, "sample"), row.model, decimal(u.worth));
    if (u.regret_hi && u.regret_lo != *u.regret_hi)
      text +=
          fmt::format(" (any K from {} to {} does within 0.01 as well)", u.regret_lo, *u.regret_hi);
    return text + ".";
  }
  return "";
}

// "At λ = 2 draw 3 samples of it": for those who can only use the weak model.
std::string budget_of_weak(const ReportModel& model, const RatesRow& worst) {
  const ModelLimits* row = limits_of(model, worst);
  if (!row || row->n_min < 2) return "";
  constexpr double kWeakRatio = 2;
  for (const stats::UtilityCurve& u : row->utility) {
    if (u.costs.lambda != kWeakRatio || u.costs.kappa != 0 || !u.k_opt) continue;
    const std::string price =
        fmt::format(" If a wrong answer costs {:g} times what a right one brings,", kWeakRatio);
    if (*u.k_opt == 0) return price + " it is best not used at all.";
    std::string text =
        fmt::format("{} draw {}{} of it", price, lower_bound_text(u), count(*u.k_opt, "sample"));
    if (u.regret_lo < *u.k_opt)
      text += fmt::format(" ({} {} within 0.01 as well)", u.regret_lo,
                          u.regret_lo == 1 ? "does" : "do");
    return text + ".";
  }
  return "";
}

// "40 wrong passes; add f([1, 2])".
std::string test_to_add(const SuiteAdvice& advice) {
  std::string text = fmt::format("{} wrong {}", count(advice.false_positives),
                                 advice.false_positives == 1 ? "pass" : "passes");
  if (advice.tests.empty()) return text;
  const AdvisedTest& first = advice.tests.front();
  return text + (first.call.empty() || first.call.size() > kCallBytesMax
                     ? fmt::format("; add test {} of suite {}", first.test, advice.suite)
                     : "; add " + first.call);
}

// The problems whose tests let most wrong programs through; the advice names the tests.
std::string weakest_problems(const ReportModel& model, const std::string& dataset) {
  std::vector<const SuiteAdvice*> worst;
  for (const SuiteAdvice& advice : model.advice)
    if (advice.dataset == dataset && worst.size() < 3) worst.push_back(&advice);
  if (worst.empty()) return "";
  std::string names;
  for (std::size_t i = 0; i < worst.size(); ++i) {
    names += i == 0 ? "" : i + 1 == worst.size() ? " and " : ", ";
    names += fmt::format("{} ({})", worst[i]->task_id, test_to_add(*worst[i]));
  }
  return fmt::format("Better tests are needed most by {}.", names);
}

std::string catching_up(const ReportModel& model, const RatesRow& strong) {
  std::int64_t never = 0, known = 0, reach = 0;
  bool same_problems = true;
  for (const ModelLimits& row : model.limits) {
    if (row.n_min < 2) continue;  // one sample a problem: nothing to draw again
    for (const stats::Match& match : row.k_match) {
      if (row.dataset != strong.dataset || match.strong != strong.model) continue;
      ++known;
      same_problems &= match.problems == strong.problems;
      never += match.infinite;
      reach += match.k.has_value();
    }
  }
  if (known == 0) return "";
  const std::string target =
      same_problems ? percent(strong.accuracy) : "on the problems that both have";
  if (never == 0)
    return fmt::format(
        "Within the samples there are, {} of {} drawn from more than once {} what {} does in one "
        "draw ({}); {}.",
        count(reach), count(known, "weaker model"), reach == 1 ? "reaches" : "reach", strong.model,
        target,
        reach == known
            ? "the table of samples to match says from where on"
            : "whether more draws would depends on problems that were never passed so far");
  return fmt::format("{} of {} never {} what {} does in one draw ({}), with any number of samples.",
                     count(never), count(known, "weaker model"), never == 1 ? "reaches" : "reach",
                     strong.model, percent(strong.accuracy));
}

}  // namespace

std::string headline(const ReportModel& model) {
  if (model.pooled.empty() && !model.searches.empty())
    return fmt::format("What search reached on {}", model.searches.front().task);
  if (model.pooled.empty() && !model.learning.rows.empty())
    return fmt::format("What was learned on {}", model.learning.rows.front().task);
  if (model.pooled.empty()) return "This database holds nothing to rate yet";
  const PooledRow& row = model.pooled.front();
  if (row.accepted == 0) return fmt::format("{}: no program passed", row.dataset);
  if (checks_itself(row))
    return fmt::format("{}: {} passed, and nothing checks the passes", row.dataset,
                       count(row.accepted, "program"));
  if (row.fp == 0)
    return fmt::format("{}: no pass of {} was found wrong", row.dataset, count(row.accepted));
  return fmt::format("{}: {} of the passes are wrong", row.dataset, percent(row.fdr.value));
}

std::vector<std::string> findings(const ReportModel& model) {
  std::vector<std::string> out;
  for (const PooledRow& row : model.pooled) {
    out.push_back(trust(row));
    if (std::string text = too_slow(model, row.dataset); !text.empty()) out.push_back(text);
    if (std::string text = not_judged(model, row.dataset); !text.empty()) out.push_back(text);
    const RatesRow* worst = least_trusted(model, row.dataset);
    if (worst && row.models > 1 && worst->fp > 0)
      out.push_back(fmt::format("Least to be trusted, by the lower end of the interval, are the "
                                "passes of {}: {} are wrong, {} of {}.",
                                worst->model, percent(worst->fdr), count(worst->fp),
                                count(worst->tp + worst->fp)) +
                    budget_of_weak(model, *worst));
    const RatesRow* best = strongest(model, row.dataset);
    if (!best || row.fp == 0) continue;
    const ModelLimits* limits = limits_of(model, *best);
    if (limits && limits->n_min >= 2 && best->ceiling_lower.value) {
      out.push_back(ceiling(*best));
      if (std::string text = budget(*limits); !text.empty()) out.push_back(text);
    }
    if (std::string text = catching_up(model, *best); !text.empty()) out.push_back(text);
    if (std::string text = weakest_problems(model, row.dataset); !text.empty()) out.push_back(text);
  }
  if (out.empty())
    for (const analysis::Searched& search : model.searches) out.push_back(search_finding(search));
  if (out.empty()) out = learning_findings(model);
  if (out.empty())
    out.push_back(
        "Fill it with: assay run --dataset humaneval --samples FILE, or try: assay demo.");
  return out;
}

}  // namespace assay::reports
