// The report's tables: every cell is made here, for the page and for Markdown alike.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

constexpr std::size_t kPairsMax = 6;  ///< models whose pairs are all shown

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

// A difference of shares in percentage points, signed.
Cell difference(const Estimate& e) {
  return {points(e.value), e.value ? points_interval(e.interval) : "", e.value, ""};
}

// The best number of samples at one cost ratio.
Cell budget(const stats::UtilityCurve& u) {
  Cell cell{"\u221e", "", 1e300, "k_opt"};
  if (!u.infinite && !u.k_opt) return {kDash, "", std::nullopt, "k_opt"};
  if (!u.infinite) {
    cell.text = u.loses() ? "do not draw" : (u.censored ? "\u2265 " : "") + count(*u.k_opt);
    cell.value = *u.k_opt;
  }
  if (u.regret_hi && u.regret_lo != *u.regret_hi)
    cell.detail = fmt::format("{}\u2013{}; ", u.regret_lo, *u.regret_hi);
  cell.detail += "worth " + decimal(u.worth);
  return cell;
}

// What the fit says where the samples end before the best K.
void add_fitted(const ModelLimits& row, const stats::UtilityCurve& exact, Cell& cell) {
  if (!row.fitted || !(exact.censored || exact.infinite)) return;
  for (const stats::UtilityCurve& u : row.fitted->utility)
    if (u.costs.lambda == exact.costs.lambda && u.costs.kappa == exact.costs.kappa)
      cell.detail += u.infinite ? "; fit: \u221e"
                     : u.k_opt
                         ? fmt::format("; fit: {}{}", u.censored ? "\u2265 " : "", count(*u.k_opt))
                         : "";
}

std::vector<double> lambdas_of(const ReportModel& model) {
  std::set<double> seen;
  for (const ModelLimits& row : model.limits)
    for (const stats::UtilityCurve& u : row.utility)
      if (u.costs.kappa == 0) seen.insert(u.costs.lambda);
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
      {"fdr", "wrong among passes: how far a pass can be doubted"},
      {"wrong passes", "programs that passed and are wrong"},
      {"pass rate", "share that passed the tests, as it is reported"},
      {"accuracy", "share right: what one sample is worth"},
      {"fdr by problem", "wrong among passes, averaged over problems"},
      {"fpr", "passes among wrong programs: how much the tests let through"},
      {"ceiling",
       "share right that drawing until the first pass tends to; problems never passed count as "
       "wrong"},
      {"bound", "the same if every problem never passed came out right"},
      {"conditional accuracy", "the same over the problems passed at all (the paper's ceiling)"},
      {"samples", "programs with a verdict"},
      {"not judged", "missing verdicts and suites that were not run; in no rate"}};
  const bool all_judged = std::all_of(model.rates.begin(), model.rates.end(), [](const auto& row) {
    return row.missing + row.not_run == 0;
  });
  if (all_judged) table.columns.pop_back();
  const bool many = many_datasets(model);
  if (many) table.columns.insert(table.columns.begin() + 1, {"dataset", "", false});
  // Least to be trusted first, as the headline has it: by the lower end of the interval.
  std::vector<const RatesRow*> rows;
  for (const RatesRow& row : model.rates) rows.push_back(&row);
  const auto surely_wrong = [](const RatesRow* row) {
    return row->fdr.interval ? row->fdr.interval->lo : -1;
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const RatesRow* a, const RatesRow* b) {
    return surely_wrong(a) > surely_wrong(b);
  });
  for (const RatesRow* const at : rows) {
    const RatesRow& row = *at;
    std::vector<Cell> cells = {words(row.model),
                               share(row.fdr, "fdr"),
                               number(row.fp, "fp"),
                               share(row.acceptance, "acceptance"),
                               share(row.accuracy, "accuracy"),
                               share(row.fdr_macro, "fdr_macro"),
                               share(row.fpr, "fpr"),
                               share(row.ceiling_lower, "ceiling_lower"),
                               share(row.ceiling_upper, "ceiling_upper"),
                               share(row.ceiling_macro, "ceiling_macro"),
                               number(row.samples, "samples"),
                               number(row.missing + row.not_run)};
    if (all_judged) cells.pop_back();
    if (many) cells.insert(cells.begin() + 1, words(row.dataset));
    table.rows.push_back(std::move(cells));
  }
  table.note =
      "Least to be trusted first, by the lower end of fdr's interval: a few wrong among few passes "
      "are no evidence yet.";
  table.rows_shown = 15;
  return table;
}

Table budget_table(const ReportModel& model) {
  Table table;
  table.id = "budget";
  table.caption = "Best number of samples K, by what a wrong answer costs";
  table.columns = {
      {"model", "", false},
      {"drawn", "samples of each problem there are; \u2265 says the best K may lie beyond"}};
  const std::vector<double> lambdas = lambdas_of(model);
  for (const double lambda : lambdas)
    table.columns.push_back({fmt::format("\u03bb = {:g}", lambda), ""});
  table.note =
      "\u03bb: a wrong answer costs this many right ones. Small: the K that do as well (within "
      "0.01), what the best K is worth per problem, each at "
      "the K that is best for the others, and where the samples end too early, the best "
      "K of the fitted model.";
  for (const ModelLimits& row : model.limits) {
    if (row.n_min < 2) continue;
    std::vector<Cell> cells = {words(label(model, row.dataset, row.model)),
                               number(row.n_min, "n_min")};
    for (const double lambda : lambdas) {
      const auto u =
          std::find_if(row.utility.begin(), row.utility.end(), [&](const auto& candidate) {
            return candidate.costs.lambda == lambda && candidate.costs.kappa == 0;
          });
      cells.push_back(u == row.utility.end() ? words(kDash) : budget(*u));
      if (u != row.utility.end()) add_fitted(row, *u, cells.back());
    }
    table.rows.push_back(std::move(cells));
  }
  table.rows_shown = 15;
  return table;
}

Table match_table(const ReportModel& model) {
  Table table;
  table.id = "match";
  table.caption = "Samples a weaker model needs to match one draw of a stronger one";
  table.columns = {
      {"weaker model", "", false},
      {"stronger model", "", false},
      {"samples", "\u221e: its ceiling lies below, so never"},
      {"probability", "confidence that it gets there, by a t interval over the problems"}};
  // Pairs grow with the square of the models: beyond a few, the strongest one is what matters.
  std::map<std::string, const RatesRow*> strongest;
  if (model.rates.size() > kPairsMax) {
    for (const RatesRow& row : model.rates) {
      const RatesRow*& best = strongest[row.dataset];
      if (row.accuracy.value && (!best || *row.accuracy.value > *best->accuracy.value)) best = &row;
    }
    table.caption = "Samples a weaker model needs to match one draw of the strongest";
  }
  std::int64_t drawn_once = 0;
  for (const ModelLimits& row : model.limits)
    for (const stats::Match& match : row.k_match) {
      const auto only = strongest.find(row.dataset);
      if (only != strongest.end() && only->second && only->second->model != match.strong) continue;
      if (row.n_min < 2 && !match.infinite && !match.k) {
        ++drawn_once;
        continue;
      }
      Cell k{kDash, "", std::nullopt, "k"};
      if (match.infinite) k = {"\u221e", "never", 1e300, "k"};
      if (match.k) k = number(*match.k, "k");
      if (!match.infinite && !match.k) k.detail = fmt::format("not within {} draws", row.n_min);
      Cell strong = words(match.strong);
      if (match.problems < row.problems)
        strong.detail = fmt::format("on the {} both have", count(match.problems, "problem"));
      table.rows.push_back({words(label(model, row.dataset, row.model)),
                            strong,
                            k,
                            {percent(match.probability), "", match.probability, "probability"}});
    }
  if (drawn_once > 0)
    table.note = fmt::format(
        "{} of models with one sample of a problem {} left out: what more samples would bring is "
        "not known.",
        count(drawn_once, "pair"), drawn_once == 1 ? "is" : "are");
  table.rows_shown = 20;
  return table;
}

Table weakest_table(const ReportModel& model) {
  struct Sum {
    std::int64_t accepted = 0, wrong = 0, models = 0;
  };
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (const ModelCounts& m : model.counts)
    for (std::size_t i = 0; i < m.problems.size(); ++i) {
      Sum& sum = sums[{m.dataset, m.task_ids[i]}];
      sum.accepted += m.problems[i].accepted();
      sum.wrong += m.problems[i].fp;
      sum.models += m.problems[i].fp > 0;
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
  table.caption = "How right and wrong passes are written";
  table.columns = {
      {"property", "", false},
      {"models", "", false},
      {"right passes", "share or mean over correct programs that passed"},
      {"wrong passes", "the same over false positives"},
      {"difference",
       "wrong minus right, within the same problem and model, so it is not the two columns' "
       "difference; pp: percentage points"},
      {"problems", "with both"}};
  for (const StyleRow& row : model.style) {
    const bool is_share = !row.unit.empty();
    const auto value = [&](const Estimate& e) {
      const bool is_difference = &e == &row.paired;
      if (is_share) return is_difference ? difference(e) : share(e, "");
      const auto digits = [&](double v) {
        const int after = std::abs(v) >= 10 ? 1 : 2;
        return with_sign(is_difference ? fmt::format("{:+.{}f}", v, after)
                                       : fmt::format("{:.{}f}", v, after));
      };
      Cell cell{e.value ? digits(*e.value) : kDash, "", e.value, ""};
      if (e.value && e.interval)
        cell.detail = fmt::format("[{}, {}]", digits(e.interval->lo), digits(e.interval->hi));
      return cell;
    };
    table.rows.push_back({{row.property, row.explanation, std::nullopt, ""},
                          words(label(model, row.dataset, row.model)),
                          value(row.correct),
                          value(row.false_positive),
                          value(row.paired),
                          number(row.paired_problems)});
  }
  const bool one_model = std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) {
    return row[1].text == table.rows.front()[1].text;
  });
  if (one_model) {
    table.columns.erase(table.columns.begin() + 1);
    for (auto& row : table.rows) row.erase(row.begin() + 1);
  }
  table.rows_shown = 12;
  return table;
}

}  // namespace assay::reports
