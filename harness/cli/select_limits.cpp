#include "harness/cli/select_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/analysis/generated.h"
#include "harness/analysis/scored.h"
#include "harness/base/error.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/stats/selecting.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;

namespace {

constexpr std::string_view kFirst = "first>=";

stats::Selecting way_named(const std::string& name) {
  if (name == "best") return stats::Selecting::best;
  if (name == "weighted") return stats::Selecting::weighted;
  if (name == "vote") return stats::Selecting::vote;
  if (name == "codet") return stats::Selecting::codet;
  throw Error(fmt::format("--select {}: it is best, weighted, vote, codet or first>=x", name),
              ExitCode::usage);
}

json band_json(const stats::Band& band) {
  if (band.lo.empty()) return nullptr;
  json lo = json::array(), hi = json::array();
  for (const auto& x : band.lo) lo.push_back(to_json(x));
  for (const auto& x : band.hi) hi.push_back(to_json(x));
  return {{"lo", lo}, {"hi", hi}};
}

json limit_json(const std::optional<stats::OriginLimit>& limit) {
  if (!limit) return nullptr;
  return {{"accuracy", to_json(limit->accuracy.value)},
          {"interval", to_json(limit->accuracy.interval)},
          {"slope", to_json(limit->slope)},
          {"threshold", limit->threshold},
          {"accepted", limit->accepted}};
}

json row_json(const stats::ScoredSamples& scored, const std::string& how,
              const stats::SelectingRow& row) {
  return {{"dataset", scored.dataset},
          {"model", scored.model},
          {"proxy", scored.verifier},
          {"select", how},
          {"gold", scored.gold},
          {"problems", row.problems},
          {"samples", row.samples},
          {"not_scored", row.not_scored},
          {"n_min", row.n_min},
          {"k", row.k},
          {"accuracy", row.accuracy},
          {"bands", {{"accuracy", band_json(row.band)}}},
          {"error", row.error.empty() ? json(nullptr) : json(row.error)},
          {"oracle", row.oracle},
          {"limit", limit_json(row.limit)},
          {"notes", row.notes}};
}

/// 1, 2, 5, 10, 20, ... and the last.
std::vector<std::size_t> shown(std::size_t k_max) {
  std::vector<std::size_t> out;
  for (std::size_t power = 1; power <= k_max; power *= 10)
    for (const std::size_t factor : {1, 2, 5})
      if (power * factor < k_max) out.push_back(power * factor);
  out.push_back(k_max);
  return out;
}

stats::Estimate at(const stats::SelectingRow& row, std::size_t k) {
  return {row.accuracy[k - 1], row.band.at(k - 1)};
}

std::string limit_text(const stats::OriginLimit& limit) {
  if (!limit.accuracy.value && limit.right == 0)
    return "without end: not known, since no sample is right";
  if (!limit.accuracy.value && limit.accepted == 0)
    return "without end: not known, since no sample has a score";
  if (!limit.accuracy.value && limit.accepted == limit.scored)
    return fmt::format(
        "without end: not known, since {} samples with a score are too few to look at the best of them",
        limit.scored);
  if (!limit.accuracy.value)
    return fmt::format(
        "without end: not known, since no wrong sample of a problem that has right ones is "
        "among the {} that score {} or more",
        limit.accepted, limit.threshold);
  return fmt::format(
      "without end, were the ROC the same in every problem: {} (a right sample scores {} or "
      "more {:.2f} times as often as a wrong one)",
      with_interval(limit.accuracy), limit.threshold, *limit.slope);
}

std::string text_of(const analysis::ScoredModels& models, const std::string& how,
                    const std::vector<stats::SelectingRow>& rows) {
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const stats::ScoredSamples& scored = models.rows[i];
    const stats::SelectingRow& row = rows[i];
    text += fmt::format("{} on {}: one of K, {} by {}; right by {}; {} problems\n",
                        visible_line(scored.model), visible_line(scored.dataset), how,
                        visible_line(scored.verifier), visible_line(scored.gold), row.problems);
    if (!row.k.empty()) {
      Table table({"K", "accuracy", "a right one is among them"});
      for (const std::size_t k : shown(row.k.size()))
        table.add({std::to_string(k), with_interval(at(row, k)), number(row.oracle[k - 1])});
      text += table.text();
    }
    if (!row.error.empty())
      text +=
          fmt::format("by seeded orders of the samples; their standard error is at most {:.4f}\n",
                      *std::max_element(row.error.begin(), row.error.end()));
    if (row.limit) text += limit_text(*row.limit) + "\n";
    for (const std::string& note : row.notes) text += visible_line(note) + "\n";
    text += "\n";
  }
  return text +
         "95% intervals over problems: Student's t, and by bootstrap without end; K samples of a "
         "problem's n, drawn without replacement;\nties share.\n";
}

/// Votes need to know who answers alike.
void refuse_without_programs(const analysis::ScoredModels& models, const std::string& how) {
  for (const stats::ScoredSamples& row : models.rows) {
    const bool any = std::any_of(row.samples.begin(), row.samples.end(),
                                 [](const auto& sample) { return sample.behaviour.has_value(); });
    if (!any)
      throw Error(
          fmt::format("--select {}: nothing is known of how the samples of {} on {} answer, so "
                      "that none agree; --select best needs scores alone",
                      how, row.model, row.dataset));
  }
}

}  // namespace

bool is_first(const std::string& how, analysis::Selection& selection) {
  if (selection.proxy.size() != 1)
    throw Error("--select chooses by one verifier: --proxy NAME", ExitCode::usage);
  if (!how.starts_with(kFirst)) {
    way_named(how);
    return false;
  }
  selection.proxy.front() += ">=" + how.substr(kFirst.size());
  return true;
}

int select_limits(const Common& common, const SelectOptions& options) {
  const stats::Selecting way = way_named(options.how);
  analysis::ScoredSelection wanted;
  wanted.selection = options.selection;
  wanted.verifiers = options.selection.proxy;
  const bool by_sets = way == stats::Selecting::codet;
  wanted.behaviours = !by_sets && way != stats::Selecting::best;
  const auto database = store::open_to_read(common.db);
  const analysis::ScoredModels models =
      by_sets ? analysis::consensus_models(*database, wanted.selection)
              : analysis::scored_models(*database, wanted);
  if (wanted.behaviours) refuse_without_programs(models, options.how);
  stats::SelectingOptions how;
  how.k_max = options.k_max, how.orders = options.orders;
  how.bootstrap.seed = options.seed, how.bootstrap.replicates = options.replicates;
  std::vector<stats::SelectingRow> rows;
  for (const stats::ScoredSamples& row : models.rows)
    rows.push_back(stats::selecting(row, way, how));
  if (common.json) {
    json out = json::array();
    for (std::size_t i = 0; i < rows.size(); ++i)
      out.push_back(row_json(models.rows[i], options.how, rows[i]));
    print_json({{"rows", out}});
  } else if (!rows.empty()) {
    print_text(text_of(models, options.how, rows));
  }
  for (const std::string& sentence : models.left_out) remark(common.quiet, "left out: " + sentence);
  return 0;
}

}  // namespace assay::cli
