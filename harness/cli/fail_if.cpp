#include "harness/cli/fail_if.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "harness/base/error.h"
#include "harness/base/numbers.h"

namespace assay::cli {

using Figures = std::map<std::string, std::optional<double>>;

static void add(Figures& figures, const std::string& name, const stats::Estimate& estimate) {
  figures[name] = estimate.value;
  figures[name + "_lo"] = estimate.interval ? std::optional(estimate.interval->lo) : std::nullopt;
  figures[name + "_hi"] = estimate.interval ? std::optional(estimate.interval->hi) : std::nullopt;
}

/// By the names that they have in --csv.
static Figures figures_of(const stats::RatesRow& row) {
  Figures figures;
  using Count = std::pair<const char*, std::int64_t>;
  for (const auto& [name, count] :
       {Count{"problems", row.problems}, Count{"samples", row.samples},
        Count{"missing", row.missing}, Count{"not_run", row.not_run},
        Count{"forgeable", row.forgeable}, Count{"tp", row.tp}, Count{"fp", row.fp},
        Count{"fn", row.fn}, Count{"tn", row.tn}, Count{"fp_timeout", row.fp_timeout}}) {
    figures[name] = static_cast<double>(count);
  }
  for (const auto& [name, field] : stats::rate_fields()) add(figures, name, row.*field);
  for (const auto& [k, estimate] : row.pass_at_k)
    add(figures, fmt::format("pass_at_{}", k), estimate);
  return figures;
}

/// Those that a row has whatever is in it.
static std::vector<std::string> names_of_figures(const std::vector<int>& pass_at) {
  stats::RatesRow row;
  for (const int k : pass_at) row.pass_at_k.emplace_back(k, stats::Estimate{});
  std::vector<std::string> names;
  for (const auto& [name, value] : figures_of(row)) names.push_back(name);
  return names;
}

FailIf read_fail_if(const std::string& text, const std::vector<int>& pass_at) {
  const auto refuse = [&](const std::string& what) {
    throw Error(fmt::format("--fail-if '{}': {}", text, what), ExitCode::usage);
  };
  const std::size_t begin = text.find_first_of("<>");
  if (begin == text.npos) refuse("write it as FIGURE>NUMBER, with >, >=, < or <=: fdr>0.1");
  const std::size_t end = begin + (text.substr(begin + 1, 1) == "=" ? 2 : 1);
  const auto trimmed = [](const std::string& word) {
    const std::size_t first = word.find_first_not_of(' ');
    return first == word.npos ? "" : word.substr(first, word.find_last_not_of(' ') - first + 1);
  };
  FailIf condition{text, trimmed(text.substr(0, begin)), text.substr(begin, end - begin)};
  std::string& figure = condition.figure;
  if (figure.starts_with("pass@")) figure = "pass_at_" + figure.substr(5);
  std::vector<std::string> names = names_of_figures(pass_at);
  if (std::find(names.begin(), names.end(), figure) == names.end()) {
    std::erase_if(names, [](const std::string& name) {
      return name.ends_with("_lo") || name.ends_with("_hi");
    });
    refuse(
        fmt::format("there is no figure {}; there is {} (rates also with _lo and _hi, the ends of "
                    "their intervals; --pass-at adds others)",
                    figure, fmt::join(names, ", ")));
  }
  const auto limit = number_in<double>(trimmed(text.substr(end)));
  if (!limit) refuse("a number is expected behind " + condition.relation);
  condition.limit = limit.value_or(0);
  return condition;
}

static bool holds(double value, const FailIf& condition) {
  if (condition.relation == ">") return value > condition.limit;
  if (condition.relation == ">=") return value >= condition.limit;
  if (condition.relation == "<") return value < condition.limit;
  return value <= condition.limit;
}

std::string Failure::sentence() const {
  return fmt::format(
      "--fail-if '{}': {} on {} has {}", condition, model, dataset,
      value ? fmt::format("{:.4g}", *value) : "no such figure (it is undefined), which fails too");
}

std::vector<Failure> failures(const stats::RatesTable& table,
                              const std::vector<FailIf>& conditions) {
  std::vector<Failure> found;
  for (const stats::RatesRow& row : table.rows) {
    const Figures figures = figures_of(row);
    for (const FailIf& condition : conditions) {
      const auto at = figures.find(condition.figure);
      const std::optional<double> value = at == figures.end() ? std::nullopt : at->second;
      if (!value || holds(*value, condition))
        found.push_back({condition.text, row.dataset, row.model, value});
    }
  }
  return found;
}

}  // namespace assay::cli
