#include "harness/cli/unseen_output.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "harness/base/text.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"

namespace assay::cli {

using nlohmann::json;

static std::vector<std::pair<const char*, stats::Estimate>> fields(const stats::Unseen& unseen) {
  return {{"fdr", unseen.fdr},
          {"missed_lower", unseen.missed_lower},
          {"missed_upper", unseen.missed_upper},
          {"fdr_lower", unseen.fdr_lower},
          {"fdr_upper", unseen.fdr_upper},
          {"next_test", unseen.next_test},
          {"as_many_more_lower", unseen.more_lower},
          {"as_many_more_upper", unseen.more_upper}};
}

json unseen_json(const std::vector<analysis::UnseenRow>& rows) {
  json out = json::array();
  for (const analysis::UnseenRow& row : rows) {
    json one = {{"dataset", row.dataset}, {"proxy", row.proxy}, {"gold", row.gold}};
    one["model"] = row.model.empty() ? json() : json(row.model);
    one["why_not"] = row.missing.empty() ? json() : json(row.missing);
    one["note"] = row.note.empty() ? json() : json(row.note);
    const stats::Unseen unseen = row.unseen.value_or(stats::Unseen{});
    one.update({{"accepted", unseen.accepted},
                {"wrong", unseen.wrong},
                {"programs", unseen.programs},
                {"problems_with_wrong", unseen.problems},
                {"bounded", unseen.bounded}});
    json caught = json::object(), intervals = json::object();
    for (std::size_t i = 0; i < stats::kCaughtBy.size(); ++i)
      caught[stats::kCaughtBy[i]] = unseen.caught_by[i];
    one["caught_by_tests"] = caught;
    for (const auto& [name, estimate] : fields(unseen)) {
      one[name] = to_json(estimate.value);
      intervals[name] = to_json(estimate.interval);
    }
    one["intervals"] = intervals;
    out.push_back(one);
  }
  return out;
}

/// From the lower to the upper estimate, and an interval that covers both of theirs.
static std::string range(const stats::Estimate& lower, const stats::Estimate& upper) {
  if (!lower.value || !upper.value) return number(std::nullopt);
  std::string text = fmt::format("{} to {}", number(lower.value), number(upper.value));
  if (upper.interval)
    text += fmt::format(" [{:.3f}, {:.3f}]", lower.interval ? lower.interval->lo : *lower.value,
                        upper.interval->hi);
  return text;
}

std::string unseen_text(const std::vector<analysis::UnseenRow>& rows) {
  std::vector<std::string> header = {"model", "dataset", "wrong"};
  for (const char* by : stats::kCaughtBy) header.push_back(fmt::format("by {}", by));
  for (const char* name :
       {"fdr seen", "missed, of accepted", "fdr with these", "as many tests more"})
    header.emplace_back(name);
  Table table(header);
  table.left_align(1);
  std::set<std::string> notes;
  for (const analysis::UnseenRow& row : rows) {
    const std::string name = row.model.empty() ? "all together" : row.model;
    for (const std::string& said : {row.missing, row.note})
      if (!said.empty()) notes.insert(name + " on " + row.dataset + ": " + said);
    if (!row.unseen) continue;
    const stats::Unseen& unseen = *row.unseen;
    std::vector<std::string> cells = {name, row.dataset, grouped(unseen.wrong)};
    for (const std::int64_t samples : unseen.caught_by) cells.push_back(grouped(samples));
    cells.push_back(with_interval(unseen.fdr));
    cells.push_back(range(unseen.missed_lower, unseen.missed_upper));
    cells.push_back(range(unseen.fdr_lower, unseen.fdr_upper));
    cells.push_back(range(unseen.more_lower, unseen.more_upper));
    table.add(cells);
  }
  return "\nWhat gold still misses\n" + table.text() +
         "\nwrong: accepted samples that gold rejects; by 1, by 2: so many tests of gold catch them. "
         "missed: wrong though no test\ncatches them, from Chao's lower bound (Chao2) to a Beta of "
         "the tests' catches, in shares of the accepted; the interval\ncovers both. as many tests "
         "more: the share that they would newly catch. All of it is about tests like those there "
         "are\nand the same reference (docs/method.md).\n" +
         notes_text(notes);
}

}  // namespace assay::cli
