#include "harness/cli/roc.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/analysis/scored.h"
#include "harness/base/error.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;

namespace {

struct Options {
  analysis::ScoredSelection wanted;
  stats::RocOptions roc;
};

/// Of many thresholds the table shows so many; --json has all.
constexpr std::size_t kThresholdsShown = 12;

json point_json(const stats::RocPoint& point) {
  return {{"threshold", point.threshold},
          {"accepted", point.accepted},
          {"tpr", to_json(point.tpr.value)},
          {"fpr", to_json(point.fpr.value)},
          {"fdr", to_json(point.fdr.value)},
          {"intervals",
           {{"tpr", to_json(point.tpr.interval)},
            {"fpr", to_json(point.fpr.interval)},
            {"fdr", to_json(point.fdr.interval)}}}};
}

json best_json(const stats::BestThreshold& best) {
  return {{"lambda", best.lambda},
          {"threshold", to_json(best.threshold)},
          {"thresholds_of_halves", {to_json(best.of_half[0]), to_json(best.of_half[1])}},
          {"worth", to_json(best.worth.value)},
          {"worth_interval", to_json(best.worth.interval)},
          {"worth_seen", best.worth_seen}};
}

json row_json(const stats::ScoredSamples& scored, const stats::Roc& roc) {
  json points = json::array(), best = json::array(), reliability = json::array();
  for (const stats::RocPoint& point : roc.points) points.push_back(point_json(point));
  for (const stats::BestThreshold& one : roc.best) best.push_back(best_json(one));
  for (const stats::ReliabilityBin& bin : roc.reliability) {
    if (bin.samples > 0)
      reliability.push_back(
          {{"samples", bin.samples}, {"chance", bin.chance}, {"right", bin.right}});
  }
  return {{"dataset", scored.dataset},
          {"model", scored.model},
          {"verifier", scored.verifier},
          {"gold", scored.gold},
          {"problems", roc.problems},
          {"samples", roc.samples},
          {"right", roc.right},
          {"not_scored", roc.not_scored},
          {"auc", to_json(roc.auc.value)},
          {"auc_within", to_json(roc.auc_within.value)},
          {"ece", to_json(roc.ece.value)},
          {"brier", to_json(roc.brier.value)},
          {"ece_raw", to_json(roc.ece_raw.value)},
          {"brier_raw", to_json(roc.brier_raw.value)},
          {"reliability", reliability},
          {"points", points},
          {"best", best},
          {"intervals",
           {{"auc", to_json(roc.auc.interval)},
            {"auc_within", to_json(roc.auc_within.interval)},
            {"ece", to_json(roc.ece.interval)},
            {"brier", to_json(roc.brier.interval)},
            {"ece_raw", to_json(roc.ece_raw.interval)},
            {"brier_raw", to_json(roc.brier_raw.interval)}}},
          {"notes", roc.notes}};
}

std::string points_text(const stats::Roc& roc) {
  Table table({"accepted from", "samples", "tpr: accepted of right", "fpr: accepted of wrong",
               "fdr: wrong of accepted"});
  const std::size_t shown = std::min(roc.points.size(), kThresholdsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const std::size_t at = shown < 2 ? 0 : i * (roc.points.size() - 1) / (shown - 1);
    const stats::RocPoint& point = roc.points[at];
    table.add({fmt::format("{}", point.threshold), std::to_string(point.accepted),
               with_interval(point.tpr), with_interval(point.fpr), with_interval(point.fdr)});
  }
  return table.text();
}

std::string best_text(const stats::Roc& roc) {
  Table table({"a wrong one costs", "accept from", "worth on other problems", "by its own choice"});
  for (const stats::BestThreshold& best : roc.best)
    table.add({fmt::format("{:g}", best.lambda),
               best.threshold ? fmt::format("{}", *best.threshold) : "none",
               with_interval(best.worth), number(best.worth_seen)});
  return table.text();
}

std::string text_of(const analysis::ScoredModels& models, const std::vector<stats::Roc>& rocs) {
  Table table({"model", "dataset", "verifier", "samples", "right", "AUC", "within problems", "ECE",
               "Brier"});
  table.left_align(1), table.left_align(2);
  for (std::size_t i = 0; i < rocs.size(); ++i) {
    const stats::ScoredSamples& row = models.rows[i];
    const stats::Roc& roc = rocs[i];
    table.add({row.model, row.dataset, row.verifier, std::to_string(roc.samples),
               std::to_string(roc.right), with_interval(roc.auc), with_interval(roc.auc_within),
               with_interval(roc.ece), with_interval(roc.brier)});
  }
  std::string text = table.text();
  text +=
      "\n95% intervals over problems: of ECE by bootstrap, of all others Student's t (of AUC by the jackknife). AUC: a right "
      "sample scores higher than a wrong one,\nties half; within problems: both of one problem. ECE and "
      "Brier are of chances that isotonic regression makes of the scores on the\nother half of the "
      "problems.\n";
  for (std::size_t i = 0; i < rocs.size(); ++i) {
    const stats::ScoredSamples& row = models.rows[i];
    text +=
        fmt::format("\n{} on {} by {}; right by {}\n", visible_line(row.model),
                    visible_line(row.dataset), visible_line(row.verifier), visible_line(row.gold));
    if (rocs[i].points.empty()) {
      for (const std::string& note : rocs[i].notes) text += note + "\n";
      continue;
    }
    text += points_text(rocs[i]) + "\n" + best_text(rocs[i]);
    if (rocs[i].not_scored > 0)
      text += fmt::format("{} samples have no score and are left out\n", rocs[i].not_scored);
    for (const std::string& note : rocs[i].notes) text += visible_line(note) + "\n";
  }
  text +=
      "\nWorth: mean over problems of right minus cost times wrong among the accepted, of all samples. Each "
      "half of the problems is\njudged by the threshold that is best on the other; the one shown is best on "
      "all, where its worth is optimistic.\n";
  return text;
}

int roc(const Common& common, const Options& options) {
  const auto database = store::open_to_read(common.db);
  const analysis::ScoredModels models = analysis::scored_models(*database, options.wanted);
  std::vector<stats::Roc> rocs;
  for (const stats::ScoredSamples& row : models.rows) rocs.push_back(stats::roc(row, options.roc));
  if (common.json) {
    json rows = json::array();
    for (std::size_t i = 0; i < rocs.size(); ++i) rows.push_back(row_json(models.rows[i], rocs[i]));
    print_json({{"rows", rows}});
  } else if (!rocs.empty()) {
    print_text(text_of(models, rocs));
  } else {
    remark(common.quiet, common.db +
                             " holds no scores of judged samples; `assay import scores` takes "
                             "them in, and `assay run` those in sample files");
  }
  for (const std::string& sentence : models.left_out) remark(common.quiet, "left out: " + sentence);
  return 0;
}

}  // namespace

Act add_roc(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  analysis::Selection& selection = options->wanted.selection;
  command.add_option("--dataset", selection.dataset, "Only this dataset");
  command.add_option("--model", selection.models, "Only this model; again for more")
      ->allow_extra_args(false);
  command
      .add_option("--verifier", options->wanted.verifiers,
                  "Only this verifier, or a suite in its place; again for more (default: all with "
                  "scores)")
      ->allow_extra_args(false);
  command.add_option("--gold", selection.gold, "Suites that decide the truth (default: base,plus)")
      ->delimiter(',');
  command
      .add_option("--lambda", options->roc.lambdas,
                  "What a wrong answer costs, where a right one is worth 1")
      ->delimiter(',')
      ->capture_default_str();
  command
      .add_option("--seed", options->roc.bootstrap.seed, "Seed of the bootstrap and of the halves")
      ->capture_default_str();
  command.add_option("--replicates", options->roc.bootstrap.replicates, "Bootstrap replicates")
      ->capture_default_str();
  command.footer(
      "Scores come with `assay import scores`, or under \"scores\" in sample files.\n"
      "Example: assay roc --verifier judge --gold base,plus --lambda 0,1,4");
  return [&common, options] { return roc(common, *options); };
}

}  // namespace assay::cli
