// The report's tables: every cell is made here, for the page and for Markdown alike.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

bool many_datasets(const ReportModel& model) {
  for (const RatesRow& row : model.rates)
    if (row.dataset != model.rates.front().dataset) return true;
  return false;
}

Cell words(const std::string& text) { return {text, "", std::nullopt, ""}; }

Cell number(std::int64_t n, const char* field = "") {
  return {count(n), "", static_cast<double>(n), field};
}

Cell share(const Estimate& e, const char* field) {
  return {percent(e.value), e.value ? percent_interval(e.interval) : "", e.value, field};
}

Cell amount(std::optional<double> value, const char* field) {
  return {decimal(value), "", value, field};
}

// The best number of samples at one cost ratio.
Cell budget(const Utility& u) {
  if (u.infinite) return {"\u221e", "", 1e300, "k_opt"};
  if (!u.k_opt) return {kDash, "", std::nullopt, "k_opt"};
  Cell cell{(u.censored ? "\u2265 " : "") + count(*u.k_opt), "", static_cast<double>(*u.k_opt),
            "k_opt"};
  if (u.band && u.band->first != u.band->second)
    cell.detail = fmt::format("{}\u2013{}", u.band->first, u.band->second);
  return cell;
}

std::vector<double> lambdas_of(const ReportModel& model) {
  std::set<double> seen;
  for (const LimitsRow& row : model.limits)
    for (const Utility& u : row.utility)
      if (u.kappa == 0) seen.insert(u.lambda);
  return {seen.begin(), seen.end()};
}

}  // namespace

std::string label(const ReportModel& model, const std::string& dataset, const std::string& name) {
  return many_datasets(model) ? fmt::format("{} ({})", name, dataset) : name;
}

Table rates_table(const ReportModel& model) {
  Table table;
  table.id = "rates";
  table.caption = "What the tests accepted, and what of it is wrong";
  table.columns = {
      {"model", "", false},
      {"samples", "programs with a verdict"},
      {"accuracy", "share right: what one sample is worth"},
      {"accepted", "share that passed the tests: the reported pass rate"},
      {"wrong passes", "programs that passed and are wrong"},
      {"fdr", "wrong among passes: how far a pass can be doubted"},
      {"fdr by problem", "the same, averaged over problems"},
      {"fpr", "passes among wrong programs: how much the tests let through"},
      {"ceiling", "right at most, with any number of draws; problems never passed count as wrong"},
      {"conditional", "right among the problems passed at all (the paper's ceiling)"},
      {"not judged", "missing verdicts and suites that were not run; in no rate"}};
  const bool many = many_datasets(model);
  if (many) table.columns.insert(table.columns.begin() + 1, {"dataset", "", false});
  for (const RatesRow& row : model.rates) {
    std::vector<Cell> cells = {words(row.model),
                               number(row.samples, "samples"),
                               share(row.accuracy, "accuracy"),
                               share(row.acceptance, "acceptance"),
                               number(row.fp, "fp"),
                               share(row.fdr, "fdr"),
                               share(row.fdr_macro, "fdr_macro"),
                               share(row.fpr, "fpr"),
                               share(row.ceiling_lower, "ceiling_lower"),
                               share(row.ceiling_macro, "ceiling_macro"),
                               number(row.missing + row.not_run)};
    if (many) cells.insert(cells.begin() + 1, words(row.dataset));
    table.rows.push_back(std::move(cells));
  }
  table.rows_shown = 30;
  return table;
}

Table budget_table(const ReportModel& model) {
  Table table;
  table.id = "budget";
  table.caption = "Best number of samples, by what a wrong answer costs";
  table.columns = {{"model", "", false},
                   {"drawn", "samples per problem there are: the most that can be judged"}};
  const std::vector<double> lambdas = lambdas_of(model);
  for (const double lambda : lambdas) {
    const std::string cost = lambda == 0
                                 ? "a wrong answer costs nothing"
                                 : fmt::format("a wrong answer costs {:g} right ones", lambda);
    table.columns.push_back({fmt::format("K at \u03bb = {:g}", lambda), cost});
    table.columns.push_back({"worth", "per problem, at that K"});
  }
  for (const LimitsRow& row : model.limits) {
    if (row.n_min < 2) continue;
    std::vector<Cell> cells = {words(label(model, row.dataset, row.model)),
                               number(row.n_min, "n_min")};
    for (const double lambda : lambdas) {
      const auto u =
          std::find_if(row.utility.begin(), row.utility.end(), [&](const Utility& candidate) {
            return candidate.lambda == lambda && candidate.kappa == 0;
          });
      const bool there = u != row.utility.end();
      cells.push_back(there ? budget(*u) : words(kDash));
      cells.push_back(there ? amount(u->utility_opt, "utility_opt") : words(kDash));
    }
    table.rows.push_back(std::move(cells));
  }
  table.rows_shown = 30;
  return table;
}

Table match_table(const ReportModel& model) {
  Table table;
  table.id = "match";
  table.caption = "Samples a weaker model needs to match one draw of a stronger one";
  table.columns = {{"weaker model", "", false},
                   {"stronger model", "", false},
                   {"samples", "\u221e: its ceiling lies below, so never"},
                   {"probability", "share of bootstrap replicates in which it gets there"}};
  for (const LimitsRow& row : model.limits)
    for (const Match& match : row.k_match) {
      Cell k{kDash, "", std::nullopt, "k"};
      if (match.infinite) k = {"\u221e", "never", 1e300, "k"};
      if (match.k) k = number(*match.k, "k");
      if (!match.infinite && !match.k) k.detail = fmt::format("not within {} draws", row.n_min);
      table.rows.push_back({words(label(model, row.dataset, row.model)),
                            words(match.strong),
                            k,
                            {percent(match.probability), "", match.probability, "probability"}});
    }
  table.rows_shown = 20;
  return table;
}

Table weakest_table(const ReportModel& model) {
  struct Sum {
    std::int64_t accepted = 0, wrong = 0, models = 0;
  };
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (const ProblemCounts& c : model.problems) {
    Sum& sum = sums[{c.dataset, c.task_id}];
    sum.accepted += c.tp + c.fp;
    sum.wrong += c.fp;
    sum.models += c.fp > 0;
  }
  std::vector<std::pair<std::pair<std::string, std::string>, Sum>> rows;
  for (const auto& row : sums)
    if (row.second.wrong > 0) rows.push_back(row);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second.wrong > b.second.wrong; });
  Table table;
  table.id = "weakest";
  table.caption = "Problems whose tests let most wrong programs through";
  table.columns = {{"problem", "", false},
                   {"wrong passes", "samples that passed and are wrong"},
                   {"passes", "samples that passed"},
                   {"fdr", "wrong among its passes"},
                   {"models", "with at least one wrong pass on it"},
                   {"tests to add", "smallest set found that catches them; see the advice below"}};
  for (const auto& [key, sum] : rows) {
    Cell advice = words(kDash);
    for (const SuiteAdvice& candidate : model.advice)
      if (candidate.dataset == key.first && candidate.task_id == key.second)
        advice = number(static_cast<std::int64_t>(candidate.tests.size()));
    const double fdr = static_cast<double>(sum.wrong) / static_cast<double>(sum.accepted);
    table.rows.push_back({words(label(model, key.first, key.second)),
                          number(sum.wrong),
                          number(sum.accepted),
                          {percent(fdr), "", fdr, ""},
                          number(sum.models),
                          advice});
  }
  table.rows_shown = 10;
  return table;
}

Table style_table(const ReportModel& model) {
  Table table;
  table.id = "style-table";
  table.caption = "Style of correct programs and of false positives";
  table.columns = {{"model", "", false},
                   {"property", "", false},
                   {"correct", "mean over correct programs"},
                   {"false positive", "mean over false positives"},
                   {"paired difference", "false positive minus correct within the same problem"},
                   {"problems", "with both"}};
  for (const StyleRow& row : model.style) {
    const auto value = [&](const Estimate& e) {
      return row.unit == "share" ? share(e, "") : Cell{decimal(e), "", e.value, ""};
    };
    table.rows.push_back({words(label(model, row.dataset, row.model)),
                          {row.property, row.explanation, std::nullopt, ""},
                          value(row.correct),
                          value(row.false_positive),
                          value(row.paired),
                          number(row.paired_problems)});
  }
  return table;
}

}  // namespace assay::reports
