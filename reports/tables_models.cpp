// Tables that set models side by side: pass@k, differences, failures, and what is disputed or scored.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/stats/paired.h"
#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

constexpr std::size_t kPairsMax = 6;      // models whose pairs are all shown
constexpr std::size_t kTextMax = 60;      // of an input or an answer
constexpr std::size_t kProgramsMax = 10;  // wrong passes in words; the page has all

Cell words(const std::string& text) { return {text, "", std::nullopt, ""}; }

Cell number(std::int64_t n) { return {count(n), "", static_cast<double>(n), ""}; }

/// So many of all, which there are: no estimate.
Cell part(std::int64_t n, std::int64_t all) {
  Cell cell = number(n);
  if (n > 0 && all > 0) cell.detail = percent(static_cast<double>(n) / static_cast<double>(all));
  return cell;
}

std::int64_t sum(const std::map<std::string, std::int64_t>& kinds) {
  std::int64_t all = 0;
  for (const auto& [kind, n] : kinds) all += n;
  return all;
}

/// Whether this pair is shown: all of a few models, else those with the most accurate one.
bool is_shown(const ReportModel& model, const PairedDifference& pair) {
  const auto models =
      std::count_if(model.rates.begin(), model.rates.end(),
                    [&](const RatesRow& row) { return row.dataset == pair.dataset; });
  if (static_cast<std::size_t>(models) <= kPairsMax) return true;
  const RatesRow* best = strongest(model, pair.dataset);
  return best && (pair.a == best->model || pair.b == best->model);
}

/// The most accurate first.
std::vector<const ModelCounts*> by_accuracy(const ReportModel& model) {
  std::vector<std::pair<double, const ModelCounts*>> order;
  for (std::size_t i = 0; i < model.counts.size(); ++i)
    order.emplace_back(i < model.rates.size() ? model.rates[i].accuracy.value.value_or(0) : 0,
                       &model.counts[i]);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<const ModelCounts*> out;
  for (const auto& [accuracy, counts] : order) out.push_back(counts);
  return out;
}

/// A column for each kind that a row has, most frequent first; cells are parts of the row's sum.
Table kinds_table(
    const std::vector<std::pair<std::string, std::map<std::string, std::int64_t>>>& rows) {
  std::map<std::string, std::int64_t> all;
  for (const auto& [name, kinds] : rows)
    for (const auto& [kind, n] : kinds) all[kind] += n;
  std::vector<std::pair<std::string, std::int64_t>> order(all.begin(), all.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first == "pass", a.second) > std::pair(b.first == "pass", b.second);
  });
  Table table;
  table.columns = {{"model", "", false}, {"samples", ""}};
  for (const auto& [kind, n] : order) table.columns.push_back({kind_in_words(kind), ""});
  for (const auto& [name, kinds] : rows) {
    const std::int64_t samples = sum(kinds);
    std::vector<Cell> cells = {words(name), number(samples)};
    for (const auto& [kind, n] : order) {
      const auto found = kinds.find(kind);
      cells.push_back(part(found == kinds.end() ? 0 : found->second, samples));
    }
    table.rows.push_back(std::move(cells));
  }
  table.rows_shown = 10;
  return table;
}

}  // namespace

Table pass_at_table(const ReportModel& model) {
  std::set<int> known;
  for (const RatesRow& row : model.rates)
    for (const auto& [k, estimate] : row.pass_at_k)
      if (estimate.value) known.insert(k);
  Table table;
  known.erase(1);  // which is the accuracy
  if (known.empty()) return table;
  table.id = "pass-at";
  table.caption = "pass@k: at least one of k samples is right";
  table.columns = {{"model", "", false}, {"pass@1", "the accuracy of one sample"}};
  for (const int k : known) table.columns.push_back({fmt::format("pass@{}", k), ""});
  for (const RatesRow& row : model.rates) {
    std::vector<Cell> cells = {words(label(model, row.dataset, row.model))};
    for (const auto& [k, estimate] : row.pass_at_k)
      if (k == 1 || known.contains(k))
        cells.push_back({percent(estimate.value),
                         estimate.value ? percent_interval(estimate.interval) : "", estimate.value,
                         ""});
    table.rows.push_back(std::move(cells));
  }
  table.note =
      "Right by gold, whichever sample a verifier would choose. A dash: a problem has fewer samples.";
  table.rows_shown = 10;
  return table;
}

Table paired_table(const ReportModel& model) {
  Table table;
  table.id = "paired";
  table.caption = "How far models are apart in accuracy";
  table.columns = {
      {"more accurate", "", false},
      {"than", "", false},
      {"difference",
       "in percentage points, over the problems that both have; the interval is of this pair alone"},
      {"all pairs at once",
       "an interval that holds for every pair of the dataset together: with many pairs some look apart by chance"},
      {"told apart", "the interval of all pairs leaves out zero", false},
      {"problems", "that both have"}};
  for (const PairedDifference& given : model.paired) {
    if (!given.difference.value || !is_shown(model, given)) continue;
    const PairedDifference pair = stats::upward(given);
    const bool is_apart = pair.simultaneous && pair.simultaneous->lo > 0;
    table.rows.push_back(
        {words(label(model, pair.dataset, pair.a)),
         words(label(model, pair.dataset, pair.b)),
         {points(pair.difference.value), points_interval(pair.difference.interval),
          pair.difference.value, "difference"},
         {pair.simultaneous ? points_interval(pair.simultaneous) : kDash, "",
          pair.simultaneous ? std::optional(pair.simultaneous->lo) : std::nullopt, ""},
         words(is_apart ? "yes" : "no"),
         number(pair.problems)});
  }
  std::stable_sort(table.rows.begin(), table.rows.end(),
                   [](const auto& a, const auto& b) { return *a[2].value < *b[2].value; });
  if (table.rows.size() < model.paired.size())
    table.note = fmt::format(
        "The most accurate model against each other one, the nearest first; assay rates --json has all "
        "{}.",
        count(static_cast<std::int64_t>(model.paired.size()), "pair"));
  table.rows_shown = 15;
  return table;
}

Table failures_table(const ReportModel& model) {
  std::vector<std::pair<std::string, std::map<std::string, std::int64_t>>> rows;
  std::set<std::string> suites;
  for (const ModelCounts* given : by_accuracy(model)) {
    const ModelCounts& counts = *given;
    const std::string suite = counts.proxy.substr(0, counts.proxy.find_first_of(",|+"));
    const auto found = counts.statuses.find(suite);
    if (found == counts.statuses.end() || found->second.empty()) continue;
    suites.insert(suite);
    rows.emplace_back(label(model, counts.dataset, counts.model), found->second);
  }
  if (rows.empty()) return {};
  Table table = kinds_table(rows);
  table.id = "failures";
  std::string names;
  for (const std::string& suite : suites) names += (names.empty() ? "" : ",") + suite;
  table.caption = fmt::format("How samples end by {}", suites_in_words(names));
  return table;
}

Table wrong_kinds_table(const ReportModel& model) {
  std::vector<std::pair<std::string, std::map<std::string, std::int64_t>>> rows;
  for (std::size_t i = 0; i < model.wrong_kinds.size(); ++i)
    if (!model.wrong_kinds[i].empty())
      rows.emplace_back(label(model, model.counts[i].dataset, model.counts[i].model),
                        model.wrong_kinds[i]);
  if (rows.empty()) return {};
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return sum(a.second) > sum(b.second); });
  Table table = kinds_table(rows);
  table.id = "wrong-kinds";
  table.caption = "How wrong passes fail by gold";
  table.columns[1] = {"wrong passes", ""};
  return table;
}

Table disputed_table(const ReportModel& model) {
  Table table;
  table.id = "disputed-problems";
  table.caption = "Disputed problems";
  table.columns = {
      {"problem", "", false},
      {"input", "", false},
      {"the reference's answer", "with the number of distinct programs that give it", false},
      {"the other answer",
       "with the number of distinct programs, of two or more models, that give it", false},
      {"wrong passes", "samples that gold calls wrong for this answer"}};
  const auto by = [](std::int64_t programs, std::int64_t models) {
    return fmt::format("{} of {}", count(programs, "program"), count(models, "model"));
  };
  for (const Dispute& dispute : model.disputes)
    table.rows.push_back(
        {words(label(model, dispute.suite.dataset, dispute.suite.task_id)),
         {cut(dispute.input, kTextMax),
          fmt::format("test {} of {}", dispute.test, dispute.suite.name), std::nullopt, ""},
         {cut(dispute.expected, kTextMax), by(dispute.reference_programs, dispute.reference_models),
          std::nullopt, ""},
         {cut(dispute.answer, kTextMax), by(dispute.programs, dispute.models), std::nullopt, ""},
         number(dispute.wrong)});
  std::stable_sort(table.rows.begin(), table.rows.end(),
                   [](const auto& a, const auto& b) { return *a[4].value > *b[4].value; });
  table.note =
      "Only what a program first fails is stored: what the others would answer here is not counted.";
  table.rows_shown = 10;
  return table;
}

Table wrong_passes_table(const ReportModel& model) {
  std::vector<const FalsePositive*> programs;
  for (const FalsePositive& program : model.false_positives) programs.push_back(&program);
  std::stable_sort(programs.begin(), programs.end(), [](const auto* a, const auto* b) {
    return analysis::copies_of(*a) > analysis::copies_of(*b);
  });
  Table table;
  table.id = "wrong-passes";
  table.caption = "The wrong programs that passed most often";
  table.columns = {{"problem", "", false},  {"samples", ""},
                   {"failure", "", false},  {"input", "", false},
                   {"expected", "", false}, {"returned instead", "", false}};
  for (std::size_t i = 0; i < programs.size() && i < kProgramsMax; ++i) {
    const FalsePositive& program = *programs[i];
    table.rows.push_back(
        {words(label(model, program.dataset, program.task_id)),
         number(analysis::copies_of(program)), words(kind_in_words(program.kind)),
         words(cut(program.input, kTextMax)), words(cut(program.expected, kTextMax)),
         words(cut(program.actual.empty() ? program.message : program.actual, kTextMax))});
  }
  if (programs.size() > kProgramsMax)
    table.note = fmt::format("{} more distinct programs: assay show TASK --false-positives.",
                             count(static_cast<std::int64_t>(programs.size() - kProgramsMax)));
  return table;
}

}  // namespace assay::reports
