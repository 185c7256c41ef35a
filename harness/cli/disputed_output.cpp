#include "harness/cli/disputed_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/text.h"
#include "harness/cli/rates_output.h"
#include "harness/cli/terminal.h"

namespace assay::cli {

using nlohmann::json;

static constexpr std::size_t kTextMax = 60;  ///< of an input or an answer in the table

json disputed_json(const std::vector<analysis::Dispute>& disputes) {
  json out = json::array();
  for (const analysis::Dispute& one : disputes)
    out.push_back({{"dataset", one.suite.dataset},
                   {"task_id", one.suite.task_id},
                   {"suite", one.suite.name},
                   {"test", one.test},
                   {"input", one.input},
                   {"expected", one.expected},
                   {"answer", one.answer},
                   {"programs", one.programs},
                   {"models", one.models},
                   {"reference_programs", one.reference_programs},
                   {"reference_models", one.reference_models},
                   {"wrong", one.wrong}});
  return out;
}

Suspicion suspect(store::Database& database, const analysis::Selected& selected,
                  const stats::BootstrapOptions& bootstrap, const std::vector<int>& pass_at) {
  Suspicion out;
  out.selected = selected;
  out.disputes = analysis::disputes(database, selected);
  out.slow = analysis::only_slow(database, selected);
  out.undisputed.selected = analysis::without(selected, out.disputes);
  out.slow_right.selected = analysis::slow_right(selected, out.slow);
  out.both.selected = analysis::without(out.slow_right.selected, out.disputes);
  for (Suspicion::Way* way : {&out.undisputed, &out.slow_right, &out.both})
    way->table = stats::rates(way->selected.counts, bootstrap, pass_at);
  return out;
}

/// What became of the samples is that of all problems: it is not said a second time.
static json way_json(const Suspicion::Way& way) {
  const std::vector<analysis::Happened> nothing(way.selected.models.size());
  json rates = rates_json(way.table, way.selected, nothing);
  for (json& row : rates["rows"])
    for (const char* key : {"statuses", "rules", "packages_lacking", "refused_by_sandbox",
                            "finish_reasons", "cut_rejected", "hint"})
      row.erase(key);
  return rates;
}

static json only_slow_json(const Suspicion& suspicion) {
  json out = json::array();
  for (std::size_t i = 0; i < suspicion.slow.size(); ++i) {
    const analysis::OnlySlow& one = suspicion.slow[i];
    const bool known = one.measured == one.by_time;
    out.push_back({{"dataset", suspicion.selected.models[i].dataset},
                   {"model", suspicion.selected.models[i].model},
                   {"by_time", one.by_time},
                   {"measured", one.measured},
                   {"only_slow", known ? json(one.right) : json()}});
  }
  return out;
}

json suspicion_json(const Suspicion& suspicion) {
  return {{"disputed", disputed_json(suspicion.disputes)},
          {"only_slow", only_slow_json(suspicion)},
          {"undisputed", way_json(suspicion.undisputed)},
          {"slow_right", way_json(suspicion.slow_right)},
          {"undisputed_slow_right", way_json(suspicion.both)}};
}

static std::string disputes_text(const std::vector<analysis::Dispute>& disputes) {
  Table table({"problem", "dataset", "test", "input", "reference", "by programs (models)", "others",
               "by programs (models)", "wrong by it"});
  for (const std::size_t left : {1, 3, 4, 6}) table.left_align(left);
  for (const analysis::Dispute& one : disputes)
    table.add({one.suite.task_id, one.suite.dataset, fmt::format("{} {}", one.suite.name, one.test),
               cut(one.input, kTextMax), cut(one.expected, kTextMax),
               fmt::format("{} ({})", one.reference_programs, one.reference_models),
               cut(one.answer, kTextMax), fmt::format("{} ({})", one.programs, one.models),
               grouped(one.wrong)});
  return table.text() +
         "\nDisputed: distinct programs of two models or more give one other answer, and outnumber "
         "those that give the\nreference's, also with one voice a model. Only what a program first "
         "fails is stored: what others would\nanswer here is not counted. wrong by it: accepted "
         "samples that gold rejects for this answer.\n";
}

static std::string only_slow_text(const Suspicion& suspicion) {
  std::int64_t by_time = 0, measured = 0, right = 0;
  for (const analysis::OnlySlow& one : suspicion.slow) {
    by_time += one.by_time;
    measured += one.measured;
    right += one.right;
  }
  if (by_time == 0) return "No wrong pass is one by time alone.\n";
  if (measured == 0)
    return fmt::format(
        "Gold rejects {} wrong passes for their time alone. Whether they are only slow was not "
        "measured: assay run --only-slow\n",
        grouped(by_time));
  return fmt::format(
      "Gold rejects {} wrong passes for their time alone. {} were judged with more of it, and {} are "
      "only slow: right then.{}\n",
      grouped(by_time), grouped(measured), grouped(right),
      measured < by_time
          ? " A model whose others were not has no rates with them as right: assay run "
            "--only-slow"
          : "");
}

/// Every rate as it is, without what is disputed, with what is only slow as right, and with both. A
/// model that a way leaves out has a dash there.
static std::string four_ways_text(const stats::RatesTable& all, const Suspicion& suspicion) {
  static const std::vector<std::pair<const char*, stats::Estimate stats::RatesRow::*>> kRates = {
      {"accuracy", &stats::RatesRow::accuracy},
      {"acceptance", &stats::RatesRow::acceptance},
      {"fdr", &stats::RatesRow::fdr},
      {"fpr", &stats::RatesRow::fpr},
      {"ceiling, lower", &stats::RatesRow::ceiling_lower},
      {"ceiling, upper", &stats::RatesRow::ceiling_upper}};
  Table table({"model", "dataset", "rate", "as it is", "undisputed", "only slow right", "both"});
  table.left_align(1);
  table.left_align(2);
  for (const stats::RatesRow& row : all.rows) {
    const auto here = [&](const Suspicion::Way& way) {
      const auto& rows = way.table.rows;
      const auto at = std::find_if(rows.begin(), rows.end(), [&](const auto& other) {
        return other.model == row.model && other.dataset == row.dataset;
      });
      return at == rows.end() ? stats::RatesRow{} : *at;
    };
    const stats::RatesRow undisputed = here(suspicion.undisputed),
                          slow_right = here(suspicion.slow_right), both = here(suspicion.both);
    for (const auto& [name, rate] : kRates)
      table.add({row.model, row.dataset, name, with_interval(row.*rate),
                 with_interval(undisputed.*rate), with_interval(slow_right.*rate),
                 with_interval(both.*rate)});
  }
  return table.text();
}

std::string suspicion_text(const stats::RatesTable& all, const Suspicion& suspicion) {
  const std::size_t count = suspicion.disputes.size();
  const std::string disputed =
      count == 0 ? all.rows.size() < 2
                       ? "No problem is disputed; it would take programs of two models.\n"
                       : "No problem is disputed.\n"
                 : fmt::format("{} disputed problem{}\n{}", count, count == 1 ? "" : "s",
                               disputes_text(suspicion.disputes));
  return fmt::format("\n{}\n{}\nRates four ways\n{}", disputed, only_slow_text(suspicion),
                     four_ways_text(all, suspicion));
}

}  // namespace assay::cli
