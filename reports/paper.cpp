// What can stand in a paper as it is.
#include <fmt/format.h>

#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

std::string who(const ReportModel& model, const PooledRow& row) {
  std::int64_t samples = 0;
  for (const RatesRow& rates : model.rates)
    if (rates.dataset == row.dataset) samples += rates.samples;
  return fmt::format("We judged {} of {} on {} of {} with assay {}.", count(samples, "sample"),
                     count(row.models, "model"), count(row.problems, "problem"), row.dataset,
                     model.assay_version);
}

std::string wrong(const PooledRow& row) {
  if (!row.fdr.value)
    return fmt::format("{} passed the tests that accept ({}); no stronger tests judged them.",
                       count(row.accepted, "program"), suites_in_words(row.proxy));
  return fmt::format(
      "Of {} that passed the tests that accept ({}), {} are wrong by those that decide "
      "({}).",
      count(row.accepted, "program"), suites_in_words(row.proxy), percent(row.fdr),
      suites_in_words(row.gold));
}

std::string right(const ReportModel& model, const PooledRow& row) {
  const RatesRow* best = strongest(model, row.dataset);
  if (!best) return "";
  return fmt::format(" One sample of {}{} is right on {} of the problems.", best->model,
                     row.models > 1 ? ", the most accurate model," : "", percent(best->accuracy));
}

std::string reach(const ReportModel& model, const PooledRow& row) {
  const ModelLimits* drawn = strongest_drawn(model, row.dataset);
  if (!drawn) return "";
  std::string text;
  for (const RatesRow& rates : model.rates)
    if (rates.dataset == row.dataset && rates.model == drawn->model && rates.ceiling_lower.value)
      text = fmt::format(
          " Drawing from {} until a sample passes tends to {} right, where problems that "
          "it never passed count as wrong (Stroebl et al., 2024).",
          drawn->model, percent(rates.ceiling_lower));
  const stats::UtilityCurve* u = worth_curve(*drawn);
  if (text.empty() || !u || !u->k_opt) return text;
  return text + fmt::format(
                    " Where a wrong answer costs as much as {:g} right ones bring, the best "
                    "number of samples is {}{}; {} are within 0.01 of its worth.",
                    kCostRatio, u->censored ? "at least " : "", count(*u->k_opt),
                    count(u->regret_lo));
}

}  // namespace

std::vector<std::string> paper_paragraphs(const ReportModel& model) {
  std::vector<std::string> out;
  for (const PooledRow& row : model.pooled)
    out.push_back(who(model, row) + " " + wrong(row) + right(model, row) + reach(model, row) +
                  " In brackets: 95% intervals over problems (Student's t, jackknife).");
  return out;
}

std::string method_bibtex() {
  return R"(@misc{stroebl2024limits,
  title = {The Limits of Inference Scaling Through Resampling},
  author = {Stroebl, Benedikt and Kapoor, Sayash and Narayanan, Arvind},
  year = {2024},
  eprint = {2411.17501},
  archivePrefix = {arXiv}
}
@misc{chen2021evaluating,
  title = {Evaluating Large Language Models Trained on Code},
  author = {Chen, Mark and Tworek, Jerry and Jun, Heewoo and Yuan, Qiming and others},
  year = {2021},
  eprint = {2107.03374},
  archivePrefix = {arXiv}
}
)";
}

}  // namespace assay::reports
