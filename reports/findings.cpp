// The headline, the three numbers of the first screen, and the answers: sentences made from the numbers,
// each with its interval.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

// Nothing beyond the accepting tests decides. Imported counts bring their own truth.
bool checks_itself(const PooledRow& row) {
  return row.proxy == row.gold && row.proxy != "imported";
}

// "are wrong by base and plus"; imported counts do not say by what.
std::string judge(const PooledRow& row) {
  return row.gold == "imported" ? "" : " by " + suites_in_words(row.gold);
}

constexpr std::size_t kCallBytesMax = 100;  // longer calls break a sentence
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
        count(row.accepted, "program"), row.dataset, suites_in_words(row.gold));
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

// Of the wrong passes, how many only ran out of time: another limit might have let them be right.
std::string too_slow(const ReportModel& model, const std::string& dataset) {
  std::int64_t slow = 0, all = 0;
  for (const RatesRow& row : model.rates)
    if (row.dataset == dataset) slow += row.fp_timeout, all += row.fp;
  if (slow == 0) return "";
  return fmt::format(
      "{} of these {} wrong passes ran out of time; the others gave a wrong value or raised an "
      "exception.",
      count(slow), count(all));
}

// Where the reference may be what is wrong.
std::string disputed(const ReportModel& model, const PooledRow& row) {
  std::vector<const Dispute*> worst;
  for (const Dispute& dispute : model.disputes)
    if (dispute.suite.dataset == row.dataset) worst.push_back(&dispute);
  std::ranges::stable_sort(worst, std::greater<>(), &Dispute::wrong);
  std::vector<std::string> names;
  for (const Dispute* dispute : worst) names.push_back(dispute->suite.task_id);
  if (names.empty()) return "";
  const auto problems = static_cast<std::int64_t>(names.size());
  std::string text = fmt::format(
      "{} disputed ({}): programs of several models agree on another answer than the "
      "reference's and outnumber those that give it.",
      count(problems, "problem") + (problems == 1 ? " is" : " are"), list_in_words(names));
  for (const PooledRow& kept : model.undisputed)
    if (kept.dataset == row.dataset && kept.fdr.value)
      text += fmt::format(" Without {} {} of the passes are wrong.", problems == 1 ? "it" : "them",
                          percent(kept.fdr));
  return text;
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
  const std::string text =
      fmt::format("Drawing from {} until a sample passes tends to its ceiling, {} right", row.model,
                  percent(row.ceiling_lower));
  const bool all_passed = !row.ceiling_upper.value ||
                          *row.ceiling_upper.value - row.ceiling_lower.value.value_or(0) < 0.0005;
  if (all_passed) return text + ".";
  return text +
         fmt::format(
             ", as long as only problems pass that have passed so far; were each of the others to come "
             "out right, to its bound, {}.",
             percent(row.ceiling_upper));
}

// Of the best number beside the smallest that does as well.
std::string adds_little(const stats::UtilityCurve& u, std::int64_t n) {
  return fmt::format("{}, the best number up to {}, would add less than 0.01", *u.k_opt, n);
}

constexpr std::size_t kMostPasses = 3;  // models that are named where they have most of the passes
struct Share {
  double passes = 0;  ///< of all passes
  std::vector<std::string> models;
};
/// The models with most passes, where there are more than twice as many and these have over half: what is
/// said of all is then said of them.
std::optional<Share> most_passes(const ReportModel& model, const PooledRow& row) {
  std::vector<const RatesRow*> rows;
  for (const RatesRow& one : model.rates)
    if (one.dataset == row.dataset) rows.push_back(&one);
  if (rows.size() <= 2 * kMostPasses || row.accepted == 0) return std::nullopt;
  const auto passes = [](const RatesRow* one) { return one->tp + one->fp; };
  std::ranges::stable_sort(rows, std::greater<>(), passes);
  Share out;
  for (std::size_t i = 0; i < kMostPasses; ++i) {
    out.models.push_back(rows[i]->model);
    out.passes += static_cast<double>(passes(rows[i])) / static_cast<double>(row.accepted);
  }
  if (out.passes <= 0.5) return std::nullopt;
  return out;
}

// "85.2% of these passes are from a, b and c; of the passes of the median model 9.1% are wrong."
std::string whose_passes(const ReportModel& model, const PooledRow& row) {
  const auto share = most_passes(model, row);
  if (!share) return "";
  std::vector<double> fdrs;
  for (const RatesRow& one : model.rates)
    if (one.dataset == row.dataset && one.fdr.value) fdrs.push_back(*one.fdr.value);
  std::ranges::sort(fdrs);
  std::string text = fmt::format("{} of these passes are from {}", percent(share->passes),
                                 list_in_words(share->models));
  if (!fdrs.empty() && row.fp > 0) {
    const std::size_t half = fdrs.size() / 2;
    const double median = fdrs.size() % 2 ? fdrs[half] : (fdrs[half - 1] + fdrs[half]) / 2;
    text += fmt::format("; of the median model's passes {} are wrong", percent(median));
  }
  return text + ".";
}

// The one that decides: the smallest number of samples that does as well as the best.
std::string budget(const ModelLimits& row) {
  const stats::UtilityCurve* u = worth_curve(row);
  if (!u || !(u->k_opt || u->infinite)) return "";
  const std::string price =
      fmt::format("Where a wrong answer costs as much as {:g} right ones bring", kCostRatio);
  if (u->k_opt == 0 || u->loses())
    return fmt::format("{}, {} is best not used at all.", price, row.model);
  const int enough = u->regret_lo;
  if (enough == 0)
    return fmt::format("{}, drawing from {} brings less than 0.01 a problem, however often.", price,
                       row.model);
  std::string text = fmt::format("Draw at most {} of a problem from {}, until one passes. ",
                                 count(enough, "sample"), row.model);
  // One worth, that of the table: of the best number, each problem at the one that is best for the others.
  if (u->k_opt && enough < *u->k_opt)
    return text + fmt::format(
                      "{}, {} is the best number up to {}, worth {} a problem, and {} {} "
                      "less than 0.01 below it.",
                      price, *u->k_opt, row.n_min, decimal(u->worth), enough,
                      enough == 1 ? "is" : "are");
  text += fmt::format("{}, that is worth {} a problem", price, decimal(u->worth));
  if (u->censored)
    text += fmt::format("; whether more than these {} would add to it is not known", row.n_min);
  else
    text += "; more would add nothing";
  return text + ".";
}

// Which models the most accurate one is not told apart from.
std::string told_apart(const ReportModel& model, const RatesRow& best) {
  std::vector<std::string> alike;
  std::int64_t others = 0;
  for (const PairedDifference& pair : model.paired) {
    if (pair.dataset != best.dataset || (pair.a != best.model && pair.b != best.model)) continue;
    ++others;
    const auto& interval = pair.simultaneous;
    if (!interval || (interval->lo <= 0 && interval->hi >= 0))
      alike.push_back(pair.a == best.model ? pair.b : pair.a);
  }
  if (others == 0) return "";
  if (alike.empty())
    return others == 1
               ? " It is ahead of the other one by more than chance."
               : " It is ahead of every other one by more than chance, all pairs compared at "
                 "once.";
  return fmt::format(" It is not told apart from {}{}.", list_in_words(alike),
                     others == 1 ? "" : ", all pairs compared at once");
}

std::string which_model(const ReportModel& model, const RatesRow& best, std::int64_t models) {
  if (models == 1)
    return fmt::format("{} is right with one sample on {} of the problems.", best.model,
                       percent(best.accuracy));
  return fmt::format(
             "{} is right with one sample on {} of the problems, more than any other of {}.",
             best.model, percent(best.accuracy), count(models, "model")) +
         told_apart(model, best);
}

// "40 wrong passes; add f([1, 2]), which catches 27".
std::string test_to_add(const SuiteAdvice& advice) {
  std::string text = fmt::format("{} wrong {}", count(advice.false_positives),
                                 advice.false_positives == 1 ? "pass" : "passes");
  // A test of speed is not what many expect of this advice.
  if (advice.too_slow > 0)
    text += fmt::format(", {} of them only too slow",
                        advice.too_slow == advice.false_positives ? "all" : count(advice.too_slow));
  if (advice.tests.empty()) return text;
  const AdvisedTest& first = advice.tests.front();
  text += first.call.empty() || first.call.size() > kCallBytesMax
              ? fmt::format("; add test {} of suite {}", first.test, advice.suite)
              : "; add " + first.call;
  return text + (first.catches == advice.false_positives
                     ? ", which catches all"
                     : fmt::format(", which catches {}", count(first.catches)));
}

// The problems whose tests let most wrong programs through; the advice names the tests.
std::string weakest_problems(const ReportModel& model, const std::string& dataset) {
  std::vector<const SuiteAdvice*> worst;
  for (const SuiteAdvice& advice : model.advice)
    if (advice.dataset == dataset && worst.size() < 3) worst.push_back(&advice);
  if (worst.empty()) return "";
  std::vector<std::string> names;
  for (const SuiteAdvice* advice : worst)
    names.push_back(fmt::format("{} ({})", advice->task_id, test_to_add(*advice)));
  const bool disputes = std::ranges::any_of(
      model.disputes, [&](const Dispute& one) { return one.suite.dataset == dataset; });
  return fmt::format(
      "{} needed most by {}.",
      disputes ? "Leaving disputed problems aside, better tests are" : "Better tests are",
      list_in_words(names));
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

std::vector<std::string> about_trust(const ReportModel& model, const PooledRow& row) {
  std::vector<std::string> out = {trust(row), whose_passes(model, row),
                                  too_slow(model, row.dataset), not_judged(model, row.dataset),
                                  disputed(model, row)};
  const RatesRow* worst = least_trusted(model, row.dataset);
  if (worst && row.models > 1)
    out.push_back(fmt::format(
        "Least to be trusted, by the lower end of the interval, are the passes "
        "of {}: {} are wrong, {} of {}.",
        worst->model, percent(worst->fdr), count(worst->fp), count(worst->tp + worst->fp)));
  return out;
}

std::vector<std::string> about_samples(const ReportModel& model, const PooledRow& row) {
  const ModelLimits* drawn = strongest_drawn(model, row.dataset);
  if (!drawn)
    return {
        "With one sample of a problem nothing can be said on drawing again: it takes at least "
        "two."};
  if (checks_itself(row))
    return {"Where nothing checks the passes, every further sample seems to pay."};
  std::vector<std::string> out;
  for (const RatesRow& rates : model.rates)
    if (rates.dataset == row.dataset && rates.model == drawn->model && rates.ceiling_lower.value)
      out.push_back(ceiling(rates));
  out.push_back(budget(*drawn));
  const RatesRow* worst = least_trusted(model, row.dataset);
  const ModelLimits* of_worst = worst ? limits_of(model, *worst) : nullptr;
  if (of_worst && of_worst != drawn && of_worst->n_min >= 2) out.push_back(budget(*of_worst));
  if (const RatesRow* best = strongest(model, row.dataset))
    out.push_back(catching_up(model, *best));
  return out;
}

std::string about_tests(const ReportModel& model, const PooledRow& row) {
  if (checks_itself(row)) return "No stronger suite has judged the passes, so none can be named.";
  if (row.fp == 0) return "None: no pass was found wrong.";
  if (model.programs_left_out) return "Not looked for (--no-programs).";
  const std::string text = weakest_problems(model, row.dataset);
  if (!text.empty()) return text;
  return row.proxy == "imported" ? "Imported counts carry no single test, so none can be named."
                                 : "No single test of the stronger suites is known to catch them.";
}

void add(Answer answer, std::vector<Answer>& answers) {
  std::erase(answer.sentences, "");
  if (!answer.sentences.empty()) answers.push_back(std::move(answer));
}

/// "0.312 of what a right answer brings" and so on are sentences; this is the number of the first screen.
Number samples_number(const ReportModel& model, const PooledRow& row) {
  Number out{"samples to draw", kDash, "", ""};
  const ModelLimits* drawn = strongest_drawn(model, row.dataset);
  const stats::UtilityCurve* u = drawn && !checks_itself(row) ? worth_curve(*drawn) : nullptr;
  if (!drawn) {
    out.explanation = "not known: there is one sample of a problem";
  } else if (u && u->k_opt) {
    out.value = count(u->loses() ? 0 : u->regret_lo);
    const RatesRow* best = strongest(model, row.dataset);
    out.explanation = fmt::format(
        "from {}{}, where a wrong answer costs {:g} right ones", drawn->model,
        best && best->model != drawn->model ? ", the most accurate that was drawn more than once"
                                            : "",
        kCostRatio);
    if (u->regret_lo < *u->k_opt && u->regret_lo > 0)
      out.explanation += "; " + adds_little(*u, drawn->n_min);
  } else {
    out.explanation = "not known: nothing checks the passes";
  }
  return out;
}

}  // namespace

std::string suites_in_words(const std::string& names) {
  std::string out = names;
  for (std::size_t at = out.find(','); at != std::string::npos; at = out.find(',', at + 1))
    out.replace(at, 1, " and ");
  return out;
}

const RatesRow* strongest(const ReportModel& model, const std::string& dataset) {
  const RatesRow* best = nullptr;
  for (const RatesRow& row : model.rates)
    if (row.dataset == dataset && row.accuracy.value &&
        (!best || *row.accuracy.value > *best->accuracy.value))
      best = &row;
  return best;
}

const ModelLimits* strongest_drawn(const ReportModel& model, const std::string& dataset) {
  const ModelLimits* best = nullptr;
  double most = -1;
  for (const RatesRow& row : model.rates) {
    const ModelLimits* limits = row.dataset == dataset ? limits_of(model, row) : nullptr;
    if (limits && limits->n_min >= 2 && row.accuracy.value.value_or(-1) > most)
      best = limits, most = *row.accuracy.value;
  }
  return best;
}

const stats::UtilityCurve* worth_curve(const ModelLimits& row) {
  for (const stats::UtilityCurve& u : row.utility)
    if (u.costs.lambda == kCostRatio && u.costs.kappa == 0) return &u;
  return nullptr;
}

std::string headline(const ReportModel& model) {
  if (model.pooled.empty() && !model.searches.empty())
    return fmt::format("What search reached on {}", model.searches.front().task);
  if (model.pooled.empty() && !model.learning.rows.empty())
    return fmt::format("What was learned on {}", model.learning.rows.front().task);
  if (model.pooled.empty() && !model.scored.empty())
    return fmt::format("How far the scores of {} can be trusted",
                       list_in_words(verifiers_of(model), 2));
  if (model.pooled.empty()) return "This database holds nothing to rate yet";
  const PooledRow& row = model.pooled.front();
  if (row.accepted == 0) return fmt::format("{}: no program passed", row.dataset);
  if (checks_itself(row))
    return fmt::format("{}: {} passed, and nothing checks the passes", row.dataset,
                       count(row.accepted, "program"));
  if (row.fp == 0)
    return fmt::format("{}: no pass of {} was found wrong", row.dataset, count(row.accepted));
  return fmt::format("{}: {} of the passes{} are wrong", row.dataset, percent(row.fdr.value),
                     row.models > 1 ? fmt::format(" of all {} models", row.models) : "");
}

std::vector<Number> numbers(const ReportModel& model) {
  if (model.pooled.empty()) return {};
  const PooledRow& row = model.pooled.front();
  Number wrong{"wrong among passes", percent(row.fdr.value), percent_interval(row.fdr.interval),
               checks_itself(row)
                   ? fmt::format("not known: nothing but {} judged them", suites_in_words(row.gold))
                   : fmt::format("{} passed{}{}", count(row.accepted, "program"),
                                 models_in_words(row.models), row.models > 1 ? " together" : "")};
  if (const auto share = most_passes(model, row))
    wrong.explanation +=
        fmt::format(", {} of them from {} models", percent(share->passes), share->models.size());
  const RatesRow* best = strongest(model, row.dataset);
  Number right{"right with one sample", kDash, "", "no model has an accuracy"};
  if (best)
    right = {right.name, percent(best->accuracy.value), percent_interval(best->accuracy.interval),
             row.models > 1 ? fmt::format("{}, the most accurate of {}", best->model,
                                          count(row.models, "model"))
                            : best->model};
  return {wrong, right, samples_number(model, row)};
}

std::vector<Answer> answers(const ReportModel& model) {
  std::vector<Answer> out;
  for (const PooledRow& row : model.pooled) {
    const std::string of = model.pooled.size() > 1 ? row.dataset + ": " : "";
    add({of + "How far can I trust this pass rate?", "trust", about_trust(model, row)}, out);
    if (const RatesRow* best = strongest(model, row.dataset))
      add({of + "Which model?",
           row.models > 1 ? "models" : "trust",
           {which_model(model, *best, row.models)}},
          out);
    add({of + "How many samples?", "samples", about_samples(model, row)}, out);
    add({of + "Which tests should I add?", "advice", {about_tests(model, row)}}, out);
  }
  if (!out.empty()) return out;
  Answer found{"What was found?", "search", {}};
  for (const analysis::Searched& search : model.searches)
    found.sentences.push_back(search_finding(search));
  if (found.sentences.empty()) found = {found.question, "learning", learning_findings(model)};
  if (found.sentences.empty() && !model.scored.empty())
    found = {found.question, "scores", score_findings(model)};
  if (found.sentences.empty())
    found = {"How is it filled?",
             "",
             {"Fill it with: assay run --dataset humaneval --samples FILE, or try: assay demo."}};
  return {found};
}

}  // namespace assay::reports
