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

/// What became of the samples is that of all problems: it is not said a second time.
static std::vector<analysis::Happened> nothing_said(const Undisputed& undisputed) {
  return std::vector<analysis::Happened>(undisputed.selected.models.size());
}

json undisputed_json(const Undisputed& undisputed) {
  json rates = rates_json(undisputed.table, undisputed.selected, nothing_said(undisputed));
  for (json& row : rates["rows"])
    for (const char* key : {"statuses", "rules", "packages_lacking", "refused_by_sandbox", "hint"})
      row.erase(key);
  return {{"disputed", disputed_json(undisputed.disputes)}, {"undisputed", rates}};
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
         "\nDisputed: distinct programs of two models or more give one other answer, and are more than "
         "those that give the\nreference's. Only what a program first fails is stored: what others "
         "would answer here is not counted. wrong by it:\naccepted samples that gold rejects for "
         "this answer.\n";
}

/// fdr with and without the disputed problems, with time-outs as wrong and as right.
static std::string four_ways_text(const stats::RatesTable& all, const stats::RatesTable& left) {
  Table table({"model", "dataset", "fdr", "time-outs right", "undisputed", "both"});
  table.left_align(1);
  for (const stats::RatesRow& row : all.rows) {
    const auto same = std::find_if(left.rows.begin(), left.rows.end(), [&](const auto& other) {
      return other.model == row.model && other.dataset == row.dataset;
    });
    const stats::RatesRow kept = same == left.rows.end() ? stats::RatesRow{} : *same;
    table.add({row.model, row.dataset, with_interval(row.fdr),
               with_interval(row.fdr_timeouts_right), with_interval(kept.fdr),
               with_interval(kept.fdr_timeouts_right)});
  }
  return table.text();
}

std::string undisputed_text(const stats::RatesTable& all, const Undisputed& undisputed) {
  if (undisputed.disputes.empty()) return "\nNo problem is disputed.\n";
  return fmt::format("\n{} disputed problem{}\n{}\nfdr four ways\n{}\nWithout the disputed\n{}",
                     undisputed.disputes.size(), undisputed.disputes.size() == 1 ? "" : "s",
                     disputes_text(undisputed.disputes), four_ways_text(all, undisputed.table),
                     rates_text(undisputed.table, undisputed.selected, nothing_said(undisputed)));
}

}  // namespace assay::cli
