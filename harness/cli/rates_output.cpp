#include "harness/cli/rates_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/stats/paired.h"
#include "harness/store/scores.h"

namespace assay::cli {

using nlohmann::json;

static json row_json(const stats::RatesRow& row, const store::StoredModel& model) {
  json out = {{"dataset", row.dataset},
              {"model", row.model},
              {"proxy", row.proxy},
              {"gold", row.gold},
              {"problems", row.problems},
              {"samples", row.samples},
              {"missing", row.missing},
              {"not_run", row.not_run},
              {"forgeable", row.forgeable},
              {"tp", row.tp},
              {"fp", row.fp},
              {"fp_timeout", row.fp_timeout},
              {"fn", row.fn},
              {"tn", row.tn},
              {"comparison", model.comparison},
              {"isolation", model.level},
              {"run", model.run_id}};
  json intervals = json::object(), effective = json::object();
  for (const auto& [name, field] : stats::rate_fields()) {
    out[name] = to_json((row.*field).value);
    intervals[name] = to_json((row.*field).interval);
    const auto& basis = (row.*field).basis;
    effective[name] = basis ? json(basis->effective) : json();
  }
  json pass_at_k = json::object(), pass_intervals = json::object();
  for (const auto& [k, estimate] : row.pass_at_k) {
    pass_at_k[std::to_string(k)] = to_json(estimate.value);
    pass_intervals[std::to_string(k)] = to_json(estimate.interval);
  }
  out["pass_at_k"] = pass_at_k;
  intervals["pass_at_k"] = pass_intervals;
  out["intervals"] = intervals;
  out["effective_problems"] = effective;
  out["notes"] = row.notes;
  return out;
}

json doubts_json(const std::vector<store::Doubt>& doubts) {
  json out = json::array();
  for (const store::Doubt& doubt : doubts) {
    out.push_back({{"task_id", doubt.task_id}, {"suite", doubt.suite}, {"what", doubt.what}});
  }
  return out;
}

json rates_json(const stats::RatesTable& table, const analysis::Selected& selected,
                const std::vector<analysis::Happened>& happened) {
  json rows = json::array(), paired = json::array();
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    rows.push_back(row_json(table.rows[i], selected.models[i]));
    const analysis::Happened& one = happened[i];
    rows.back().update({{"statuses", one.statuses},
                        {"not_scored", store::not_scored(selected.counts[i])},
                        {"not_judged", selected.counts[i].not_judged},
                        {"undecided", selected.counts[i].undecided},
                        {"rules", one.rules},
                        {"packages_lacking", one.packages},
                        {"refused_by_sandbox", one.refused},
                        {"finish_reasons", one.finishes},
                        {"cut_rejected", one.cut_rejected},
                        {"doubts", doubts_json(selected.doubts[i])},
                        {"hint", one.hint.empty() ? json() : json(one.hint)}});
    if (!selected.unjudged[i].empty()) rows.back()["notes"].push_back(selected.unjudged[i]);
  }
  for (const stats::PairedDifference& difference : table.paired) {
    paired.push_back({{"dataset", difference.dataset},
                      {"quantity", difference.quantity},
                      {"a", difference.a},
                      {"b", difference.b},
                      {"problems", difference.problems},
                      {"difference", to_json(difference.difference.value)},
                      {"interval", to_json(difference.difference.interval)},
                      {"simultaneous", to_json(difference.simultaneous)}});
  }
  return {{"rows", rows}, {"paired", paired}, {"left_out", selected.left_out}};
}

static std::string csv_estimate(const stats::Estimate& estimate) {
  const auto show = [](const std::optional<double>& x) { return x ? fmt::format("{}", *x) : ""; };
  const auto lo = estimate.interval ? std::optional(estimate.interval->lo) : std::nullopt;
  const auto hi = estimate.interval ? std::optional(estimate.interval->hi) : std::nullopt;
  return fmt::format(",{},{},{}", show(estimate.value), show(lo), show(hi));
}

/// What the first suite that accepts says of the samples, a column each.
static std::vector<std::string> status_columns() {
  std::vector<std::string> names(store::kStatusNames.begin(), store::kStatusNames.end());
  names.emplace_back("not judged");
  return names;
}

std::string rates_csv(const stats::RatesTable& table,
                      const std::vector<analysis::Happened>& happened) {
  std::string out =
      "dataset,model,proxy,gold,problems,samples,missing,not_run,forgeable,tp,fp,fn,tn";
  for (const auto& [name, field] : stats::rate_fields()) {
    out += fmt::format(",{0},{0}_lo,{0}_hi", name);
  }
  if (!table.rows.empty()) {
    for (const auto& [k, estimate] : table.rows.front().pass_at_k)
      out += fmt::format(",pass_at_{0},pass_at_{0}_lo,pass_at_{0}_hi", k);
  }
  out += ",fp_timeout";
  for (std::string name : status_columns()) {
    std::replace(name.begin(), name.end(), ' ', '_');
    out += ",samples_" + name;
  }
  out += "\n";
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const stats::RatesRow& row = table.rows[i];
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}", csv_text(row.dataset),
                       csv_text(row.model), csv_text(row.proxy), csv_text(row.gold), row.problems,
                       row.samples, row.missing, row.not_run, row.forgeable, row.tp, row.fp, row.fn,
                       row.tn);
    for (const auto& [name, field] : stats::rate_fields()) out += csv_estimate(row.*field);
    for (const auto& [k, estimate] : row.pass_at_k) out += csv_estimate(estimate);
    out += fmt::format(",{}", row.fp_timeout);
    const auto& by_suite = happened[i].statuses;
    const auto statuses = by_suite.find(happened[i].suite);
    for (const std::string& name : status_columns()) {
      out += ",";
      if (statuses == by_suite.end()) continue;
      const auto found = statuses->second.find(name);
      out += std::to_string(found == statuses->second.end() ? 0 : found->second);
    }
    out += "\n";
  }
  return out;
}

std::string pass_at_text(const stats::RatesTable& table) {
  if (table.rows.empty()) return "";
  std::vector<std::string> header = {"model", "dataset"};
  for (const auto& [k, estimate] : table.rows.front().pass_at_k)
    header.push_back(fmt::format("pass@{}", k));
  Table out(header);
  out.left_align(1);
  for (const stats::RatesRow& row : table.rows) {
    std::vector<std::string> cells = {row.model, row.dataset};
    for (const auto& [k, estimate] : row.pass_at_k) cells.push_back(with_interval(estimate));
    out.add(cells);
  }
  return "\n" + out.text() +
         "\npass@k: at least one of k samples is correct. A dash: some problem has fewer "
         "samples.\n";
}

/// Verdicts that are there and count for nothing: those of the newest run's conditions count.
static std::string otherwise_text(const analysis::Selected& selected) {
  if (selected.otherwise == 0) return "";
  return fmt::format(
      "{} of these were judged under other conditions than the newest run's (limits, packages, --tmp, "
      "comparison or Python), which never mix: the command of that time counts them again\n",
      selected.otherwise);
}

std::vector<std::string> nothing_rated(const std::string& path,
                                       const analysis::Selected& selected) {
  if (selected.left_out.empty()) return {path + " holds no verdicts yet; `assay run` makes some"};
  std::vector<std::string> lines = {path + " holds no model that these suites judged:"};
  for (const std::string& sentence : selected.left_out) lines.push_back("  " + sentence);
  const std::string otherwise = otherwise_text(selected);
  if (!otherwise.empty()) lines.push_back("  " + otherwise.substr(0, otherwise.size() - 1));
  return lines;
}

/// What became of the samples, and how many wrong passes are only slow; for a few models.
static std::string happened_text(const stats::RatesTable& table,
                                 const std::vector<analysis::Happened>& happened) {
  static constexpr std::size_t kModelsMax = 3;
  if (table.rows.size() > kModelsMax) return "";
  std::string text;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const stats::RatesRow& row = table.rows[i];
    std::vector<std::string> said = analysis::sentences(happened[i]);
    if (row.fp_timeout > 0) {
      said.push_back(fmt::format(
          "{} of {} wrong passes only ran out of time by {}; fdr with those as right: {}",
          row.fp_timeout, row.fp, row.gold, with_interval(row.fdr_timeouts_right)));
    }
    if (said.empty()) continue;
    text += "what became of the samples of " + visible_line(row.model) + "\n";
    for (const std::string& sentence : said) text += "  " + visible_line(sentence) + "\n";
  }
  return text;
}

/// From the lower to the upper ceiling, and an interval that covers both of theirs.
static std::string ceiling_text(const stats::RatesRow& row) {
  const stats::Estimate &lower = row.ceiling_lower, &upper = row.ceiling_upper;
  std::string text = fmt::format("{} to {}", number(lower.value), number(upper.value));
  if (lower.interval && upper.interval)
    text += fmt::format(" [{:.3f}, {:.3f}]", lower.interval->lo, upper.interval->hi);
  return text;
}

/// How many evenly weighing problems an estimate rests on.
static std::string effective_text(const stats::Estimate& estimate) {
  return estimate.basis ? fmt::format("{:.0f}", estimate.basis->effective) : number(std::nullopt);
}

/// "+0.041 [+0.010, +0.072]", a difference that is at least 0.
static std::string signed_text(const std::optional<stats::Interval>& interval) {
  return interval ? fmt::format("[{:+.3f}, {:+.3f}]", interval->lo, interval->hi)
                  : number(std::nullopt);
}

/// The differences in accuracy of a few models, or of many those with the most accurate one.
static std::string paired_text(const stats::RatesTable& table) {
  static constexpr std::size_t kAllPairsMax = 6, kShownMax = 10;  // models, differences
  std::vector<stats::PairedDifference> shown;
  std::map<std::string, std::pair<double, std::string>> best;  // by dataset
  std::map<std::string, std::size_t> models;
  for (const stats::RatesRow& row : table.rows) {
    ++models[row.dataset];
    const double accuracy = row.accuracy.value.value_or(-1);
    const auto [at, is_new] = best.try_emplace(row.dataset, accuracy, row.model);
    if (!is_new && accuracy > at->second.first) at->second = {accuracy, row.model};
  }
  for (stats::PairedDifference pair : table.paired) {
    const std::string& strongest = best[pair.dataset].second;
    const bool is_shown =
        models[pair.dataset] <= kAllPairsMax || pair.a == strongest || pair.b == strongest;
    if (is_shown && pair.difference.value) shown.push_back(stats::upward(std::move(pair)));
  }
  if (shown.empty()) return "";
  std::stable_sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) {
    return *a.difference.value < *b.difference.value;
  });
  const std::size_t all = shown.size();
  if (all > kShownMax && models.size() == 1 && table.rows.size() > kAllPairsMax)
    shown.resize(kShownMax);
  Table out({"more accurate", "than", "difference", "interval", "all pairs at once", "problems"});
  out.left_align(1);
  for (const stats::PairedDifference& pair : shown)
    out.add({pair.a, pair.b, fmt::format("{:+.3f}", *pair.difference.value),
             signed_text(pair.difference.interval), signed_text(pair.simultaneous),
             std::to_string(pair.problems)});
  std::string text =
      "\n" + out.text() +
      "\nDifferences in accuracy over the problems that both have; all pairs at once: "
      "an interval that holds for every pair\nof the dataset together.";
  if (shown.size() < table.paired.size())
    text +=
        fmt::format(" {} of {} pairs, those nearest to the most accurate model; --json has all.",
                    shown.size(), grouped(static_cast<std::int64_t>(table.paired.size())));
  return text + "\n";
}

/// "80", or "80 of 100" where 20 are not judged by all that were asked for.
static std::string samples_text(std::int64_t counted, std::int64_t not_judged) {
  if (not_judged == 0) return std::to_string(counted);
  return fmt::format("{} of {}", counted, counted + not_judged);
}

std::string rates_text(const stats::RatesTable& table, const analysis::Selected& selected,
                       const std::vector<analysis::Happened>& happened) {
  Table out({"model", "dataset", "problems", "samples", "accuracy", "acceptance",
             "fdr: wrong of accepted", "problems behind fdr", "fpr: accepted of wrong", "ceiling"});
  out.left_align(1);
  std::set<std::string> judges, notes;
  std::int64_t missing = 0, not_run = 0, not_judged = 0, not_scored = 0, lacking = 0;
  std::int64_t forgeable = 0;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const stats::RatesRow& row = table.rows[i];
    // Where the accepting tests decide, these are 0 and 1 by definition; a reader would take them
    // for measured.
    const bool measured = !stats::fp_impossible(selected.counts[i]);
    const auto shown = [&](const stats::Estimate& rate) {
      return with_interval(measured ? rate : stats::Estimate{});
    };
    out.add({row.model, row.dataset, std::to_string(row.problems),
             samples_text(row.samples, selected.counts[i].not_judged), with_interval(row.accuracy),
             with_interval(row.acceptance), shown(row.fdr),
             measured ? effective_text(row.fdr) : number(std::nullopt), shown(row.fpr),
             measured ? ceiling_text(row) : number(std::nullopt)});
    missing += row.missing;
    not_run += row.not_run;
    not_judged += selected.counts[i].not_judged;
    not_scored += store::not_scored(selected.counts[i]);
    lacking = std::max(lacking, selected.counts[i].lacking);
    forgeable += row.forgeable;
    judges.insert(fmt::format(
        "accepted by: {}; correct by: {}{}", row.proxy, row.gold,
        row.proxy == row.gold
            ? ": the same tests, by which no pass is wrong; a second, stronger suite would tell which are"
            : ""));
    for (const std::string& note : row.notes)
      if (!note.starts_with("pass@")) notes.insert(row.model + ": " + note);
  }
  std::string text = out.text();
  text +=
      "\n95% t intervals over problems. accuracy, acceptance and ceiling are means over "
      "problems; fdr and fpr are over\nall samples. problems behind fdr: so many, weighing evenly, would tell as much of it. ceiling: the "
      "accuracy that\nresampling tends to, with unsolved problems counted as wrong and as right; its interval "
      "covers both.\n";
  text += notes_text(judges);
  if (!selected.unused.empty())
    text += fmt::format(
        "judged by {0} too, which these rates leave aside: --proxy or --gold takes it\n",
        fmt::join(selected.unused, ","));
  text += happened_text(table, happened);
  if (missing > 0)
    text += fmt::format("{} samples have no verdict for a fault of ours (run again)\n", missing);
  for (const std::string& sentence : analysis::unjudged_by_name(selected))
    text += visible_line(sentence) + "\n";
  text += otherwise_text(selected);
  if (not_scored > 0)
    text += fmt::format("{} samples have no score by a verifier asked for and are left out\n",
                        not_scored);
  not_run -= not_scored;
  if (not_run > not_judged)
    text += fmt::format("{} samples are of problems that lack a suite asked for ({} problem{})\n",
                        not_run - not_judged, lacking, lacking == 1 ? "" : "s");
  if (forgeable > 0)
    text += fmt::format("{} samples were judged in their own process: forgeable\n", forgeable);
  text += notes_text(notes);
  for (const std::string& sentence : selected.left_out) text += "left out: " + sentence + "\n";
  return text + paired_text(table);
}

}  // namespace assay::cli
