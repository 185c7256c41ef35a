#include "harness/cli/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/analysis/scored.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/stats/plan.h"
#include "harness/stats/rates.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;

namespace {

struct Options {
  analysis::Selection selection;
  std::vector<std::string> rates = {"accuracy", "fdr", "fpr"};
  stats::PlanOptions plan;
};

struct Planned {
  std::string dataset, model;
  stats::Plan plan;
};

json row_json(const Planned& one) {
  json rows = json::array();
  for (const stats::PlanRow& row : one.plan.rows)
    rows.push_back({{"samples", row.samples},
                    {"problems", to_json(row.problems)},
                    {"problems_interval", to_json(row.interval)},
                    {"width_here", row.width}});
  return {{"dataset", one.dataset},
          {"model", one.model},
          {"rate", one.plan.rate},
          {"value", to_json(one.plan.now.value)},
          {"interval", to_json(one.plan.now.interval)},
          {"width", to_json(one.plan.width)},
          {"problems", one.plan.problems},
          {"variance_between", one.plan.between},
          {"variance_within", to_json(one.plan.within)},
          {"width_without_end", to_json(one.plan.width_without_end)},
          {"samples_here", to_json(one.plan.samples_here)},
          {"rows", rows},
          {"notes", one.plan.notes}};
}

std::string problems_text(const stats::PlanRow& row) {
  if (!row.problems) return fmt::format("over {}", stats::kPlannedProblemsMax);
  if (!row.interval) return std::to_string(*row.problems);
  return fmt::format("{} [{:.0f}, {:.0f}]", *row.problems, row.interval->lo, row.interval->hi);
}

std::string text_of(const std::vector<Planned>& all, const stats::PlanOptions& options) {
  std::vector<std::string> head = {"model",    "dataset", "rate",       "now",
                                   "problems", "width",   "without end"};
  for (const int samples : options.samples) head.push_back(fmt::format("problems at {}", samples));
  Table table(head);
  table.left_align(1), table.left_align(2);
  std::string notes;
  for (const Planned& one : all) {
    const stats::Plan& plan = one.plan;
    std::vector<std::string> cells = {one.model,
                                      one.dataset,
                                      plan.rate,
                                      with_interval(plan.now),
                                      std::to_string(plan.problems),
                                      number(plan.width),
                                      number(plan.width_without_end)};
    for (const int samples : options.samples) {
      cells.push_back(number(std::optional<double>()));
      for (const stats::PlanRow& row : plan.rows)
        if (row.samples == samples) cells.back() = problems_text(row);
    }
    table.add(cells);
    if (plan.samples_here)
      notes += fmt::format("{}, {}: {} sample{} of each of these problems would do\n",
                           visible_line(one.model), plan.rate, *plan.samples_here,
                           *plan.samples_here == 1 ? "" : "s");
    else if (plan.width_without_end && *plan.width_without_end > options.width)
      notes += fmt::format("{}, {}: with these problems no number of samples does\n",
                           visible_line(one.model), plan.rate);
    for (const std::string& note : plan.notes)
      notes += fmt::format("{}, {}: {}\n", visible_line(one.model), plan.rate, note);
  }
  return table.text() +
         fmt::format(
             "\nFor a 95% interval of width {:g}, from end to end: how many problems it takes at so many "
             "samples of each, in brackets\nthe 95% interval of that number. width: of the interval now; "
             "without end: with these problems and ever more samples.\nProblems are taken to be like "
             "those there are.\n",
             options.width) +
         notes;
}

int plan(const Common& common, const Options& options) {
  const auto database = store::open_to_read(common.db);
  const analysis::Selected selected = analysis::select_with_scores(*database, options.selection);
  std::vector<Planned> all;
  std::vector<std::string> left_out = selected.left_out;
  for (const stats::ModelCounts& counts : selected.counts)
    for (const std::string& rate : options.rates) {
      if (rate.starts_with("f") && stats::fp_impossible(counts)) {
        left_out.push_back(fmt::format(
            "{}: {} accepts and decides, so that no {} can show; --gold names what decides",
            counts.model, counts.proxy, rate));
        continue;
      }
      all.push_back({counts.dataset, counts.model, stats::plan(counts, rate, options.plan)});
    }
  if (common.json) {
    json rows = json::array();
    for (const Planned& one : all) rows.push_back(row_json(one));
    print_json({{"width", options.plan.width}, {"rows", rows}});
  } else if (!all.empty()) {
    print_text(text_of(all, options.plan));
  } else {
    remark(common.quiet, common.db + " has no judged samples to plan from; `assay run` makes them");
  }
  for (const std::string& sentence : left_out) remark(common.quiet, "left out: " + sentence);
  return 0;
}

}  // namespace

Act add_plan(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  add_selection(command, options->selection);
  command
      .add_option("--width", options->plan.width,
                  "The width wanted of each 95% interval, from end to end")
      ->capture_default_str();
  command
      .add_option("--rate", options->rates,
                  fmt::format("Rates to plan for: {}", fmt::join(stats::planned_rates(), ", ")))
      ->delimiter(',')
      ->check(CLI::IsMember(stats::planned_rates()))
      ->capture_default_str();
  command.add_option("--samples", options->plan.samples, "Samples of a problem to plan with")
      ->delimiter(',')
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command.add_option("--seed", options->plan.seed, "Seed of the bootstrap")->capture_default_str();
  command.footer(
      "Plans from the samples of a first, small run.\n"
      "Example: assay plan --dataset humaneval --width 0.05 --rate fdr --samples 1,10,100");
  return [&common, options] { return plan(common, *options); };
}

}  // namespace assay::cli
