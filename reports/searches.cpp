// The part on searches: what each strategy reached at each budget under its verifier.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reports/charts_support.h"
#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

using analysis::Searched;
using nlohmann::json;

std::string name_of(const Searched& search) {
  return fmt::format("{}: {} under {}{}", search.task, search.policy, search.verifier,
                     search.distinction.empty() ? "" : " (" + search.distinction + ")");
}

const std::string& strategy_of(const Searched& search, const explore::Row& row) {
  return search.strategies[row.strategy];
}

/// The most generations that a strategy was tried at.
int last_of(const Searched& search, std::size_t strategy) {
  int last = 0;
  for (const explore::Row& row : search.rows)
    if (row.strategy == strategy) last = std::max(last, row.n);
  return last;
}

/// The row of the greatest accuracy among those at the most generations of each strategy.
const explore::Row& best_at_last(const Searched& search) {
  const explore::Row* best = nullptr;
  for (const explore::Row& row : search.rows)
    if (row.n == last_of(search, row.strategy) &&
        (!best || *row.accuracy.value > *best->accuracy.value))
      best = &row;
  return *best;
}

/// Strategies whose accuracy at the most generations lies below an earlier one, the two intervals
/// apart.
std::vector<std::string> falling(const Searched& search) {
  std::vector<std::string> out;
  for (const explore::Row& last : search.rows) {
    if (last.n != last_of(search, last.strategy) || !last.accuracy.interval) continue;
    for (const explore::Row& before : search.rows) {
      if (before.strategy != last.strategy || before.n >= last.n || !before.accuracy.interval)
        continue;
      if (before.accuracy.interval->lo > last.accuracy.interval->hi) {
        out.push_back(strategy_of(search, last));
        break;
      }
    }
  }
  return out;
}

}  // namespace

std::string search_finding(const Searched& search) {
  const explore::Row& best = best_at_last(search);
  std::set<std::size_t> strategies;
  for (const explore::Row& row : search.rows) strategies.insert(row.strategy);
  std::string text = fmt::format(
      "On {} of {}, {} is right in {} at {} generations, the most of {}",
      count(search.problems, "problem"), search.task, strategy_of(search, best),
      percent(best.accuracy), count(best.n),
      strategies.size() == 1 ? "one strategy" : fmt::format("{} strategies", strategies.size()));
  text += fmt::format(" under {}", search.verifier);
  if (!search.distinction.empty()) text += fmt::format(" ({})", search.distinction);
  if (search.fidelity && search.fidelity->auc_within.value)
    text += fmt::format(", whose AUC within problems is {}", decimal(search.fidelity->auc_within));
  if (search.fidelity && search.fidelity->tpr.value && search.fidelity->fpr.value)
    text += fmt::format("{} accepts {} of the right samples and {} of the wrong ones",
                        search.fidelity->auc_within.value ? " and which" : ", which",
                        percent(search.fidelity->tpr), percent(search.fidelity->fpr));
  text += ".";
  const std::vector<std::string> worse = falling(search);
  for (std::size_t i = 0; i < worse.size(); ++i)
    text +=
        fmt::format("{}{}", i == 0 ? " With more generations these got worse: " : ", ", worse[i]);
  return worse.empty() ? text : text + ".";
}

std::vector<Chart> search_charts(const ReportModel& model) {
  Chart chart;
  json values = json::array();
  int last = 1;
  for (const Searched& search : model.searches) {
    if (search.n.size() < 2) continue;
    chart.choices.push_back(name_of(search));
    if (chart.choice.empty()) {
      chart.choice = chart.choices.back();
      chart.alt = search_finding(search);
    }
    last = std::max(last, search.n.back());
    for (const explore::Row& row : search.rows) {
      json one = {{"model", chart.choices.back()},
                  {"strategy", strategy_of(search, row)},
                  {"k", row.n},
                  {"value", rounded(row.accuracy.value)},
                  {"fdr", percent(row.fdr)},
                  {"tokens", rounded(row.tokens)},
                  {"calls", rounded(row.calls)}};
      if (row.accuracy.interval) {
        one["lo"] = rounded(row.accuracy.interval->lo);
        one["hi"] = rounded(row.accuracy.interval->hi);
      }
      values.push_back(std::move(one));
    }
  }
  if (chart.choices.empty()) return {};
  chart.id = "search";
  chart.title = "Right answers by budget";
  chart.explanation =
      "Each line is a way of spending generations; the band is its 95% interval over problems. Where a "
      "line falls, more search finds answers that fool the verifier.";
  json filling = {{"values", values}, {"choice", chart.choice}, {"share_title", "right answers"}};
  put_k_axis(1, last, "generations", filling);
  chart.spec = filled(Spec::search, filling);
  return {chart};
}

Table search_table(const ReportModel& model) {
  Table table{"search",
              "What each strategy reached with the most generations",
              {{"strategy", "a way of spending generations", false},
               {"search", "task, policy and verifier", false},
               {"generations", "answers begun per problem"},
               {"right", "share of problems answered rightly"},
               {"fdr", "wrong among the answers that the verifier accepts"},
               {"no answer", "share of problems left unanswered"},
               {"tokens", "made per problem"},
               {"verifier calls", "prefixes and answers scored per problem"}},
              {},
              "",
              12};
  for (const Searched& search : model.searches) {
    for (const explore::Row& row : search.rows) {
      if (row.n != last_of(search, row.strategy)) continue;
      const auto share = [](const Estimate& e) {
        return Cell{percent(e.value), e.value ? percent_interval(e.interval) : "", e.value, ""};
      };
      const auto mean = [](double value) {
        return Cell{fmt::format("{:.1f}", value), "", value, ""};
      };
      table.rows.push_back({Cell{strategy_of(search, row), "", std::nullopt, ""},
                            Cell{name_of(search), "", std::nullopt, ""}, mean(row.generations),
                            share(row.accuracy), share(row.fdr), share(row.abstained),
                            mean(row.tokens), mean(row.calls)});
    }
    if (search.trials > 0)
      table.note += fmt::format(
          "{}{}: {} of a strategy at a budget on less than half of the problems {} left out.",
          table.note.empty() ? "" : " ", name_of(search), count(search.trials, "trial"),
          search.trials == 1 ? "is" : "are");
    if (search.unfinished > 0)
      table.note +=
          fmt::format("{}{}: {} not answered by every strategy {} left out.",
                      table.note.empty() ? "" : " ", name_of(search),
                      count(search.unfinished, "problem"), search.unfinished == 1 ? "is" : "are");
  }
  return table;
}

}  // namespace assay::reports
