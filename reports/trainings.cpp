// The part on learning: what each way of learning came to, and what became of the verifier under it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "reports/charts_support.h"
#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

using analysis::Against;
using analysis::Learned;
using analysis::Learning;
using analysis::Level;
using analysis::PosteriorFit;
using analysis::Spread;
using nlohmann::json;

constexpr const char* kEveryStep = "right in every step";

/// "metareason (gamma 0.3)": what stays the same under other filters.
std::string series_of(const Learned& row) {
  return row.distinction.empty() ? row.method : fmt::format("{} ({})", row.method, row.distinction);
}

bool errs(const Learned& row) { return row.filter_fpr.value_or(0) > 0; }

std::string filter_of(const Learned& row) {
  if (!row.filter.empty()) return row.filter;
  return row.filter_fpr ? fmt::format("fpr={:g}", *row.filter_fpr) : "";
}

std::string name_of(const Learned& row) {
  if (row.before || row.filter.empty() || row.filter == "exact") return series_of(row);
  return fmt::format("{} under {}", series_of(row), row.filter);
}

/// Tasks in the order of their rows.
std::vector<std::string> tasks_of(const ReportModel& model) {
  std::vector<std::string> out;
  for (const Learned& row : model.learning.rows)
    if (std::find(out.begin(), out.end(), row.task) == out.end()) out.push_back(row.task);
  return out;
}

std::string plain(const std::optional<double>& value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : kDash;
}

std::string plain_interval(const std::optional<Interval>& interval, int digits) {
  return interval ? fmt::format("[{:.{}f}, {:.{}f}]", interval->lo, digits, interval->hi, digits)
                  : "";
}

std::string tokens_in_words(const Estimate& tokens) {
  const std::string interval = plain_interval(tokens.interval, 1);
  return plain(tokens.value, 1) + (interval.empty() ? "" : " " + interval) + " tokens of thought";
}

std::optional<double> in_points(const std::optional<double>& difference) {
  return difference ? std::optional(100 * *difference) : std::nullopt;
}

std::optional<Interval> in_points(const std::optional<Interval>& difference) {
  return difference ? std::optional(Interval{100 * difference->lo, 100 * difference->hi})
                    : std::nullopt;
}

/// "1.2 [0.3, 2.1] points higher", or what stands for higher and lower.
std::string in_words(const Estimate& difference, const char* higher, const char* lower) {
  if (!difference.value) return kDash;
  const bool below = *difference.value < 0;
  Estimate away = difference;
  if (below) {
    away.value = -*difference.value;
    if (difference.interval) away.interval = {-difference.interval->hi, -difference.interval->lo};
  }
  const std::string interval = plain_interval(in_points(away.interval), 1);
  return fmt::format("{}{} points {}", plain(in_points(away.value), 1),
                     interval.empty() ? "" : " " + interval, below ? lower : higher);
}

std::string over_seeds(const Learned& row) {
  return row.seeds > 1 ? fmt::format(" ({})", count(row.seeds, "seed")) : "";
}

// ---- sentences

/// "On 500 problems of thoughts: star is right in 92.0% [...] with 5.2 [...] tokens of thought; ...".
std::string reached(const ReportModel& model, const std::string& task) {
  std::string text;
  std::int64_t problems = 0;
  for (const Learned& row : model.learning.rows) {
    if (row.task != task || row.before || errs(row) || !row.accuracy.value) continue;
    problems = std::max(problems, row.problems);
    text += fmt::format("{} {} is right in {}", text.empty() ? "" : ";", name_of(row),
                        percent(row.accuracy));
    if (row.right_chain.value)
      text += fmt::format(", {} in {}", kEveryStep, percent(row.right_chain));
    if (row.tokens.value) text += fmt::format(", with {}", tokens_in_words(row.tokens));
    text += over_seeds(row);
  }
  if (text.empty()) return "";
  const std::string on = problems > 0
                             ? fmt::format("On {} of {}:", count(problems, "problem"), task)
                             : fmt::format("On {}:", task);
  return on + text + ".";
}

/// How a row stands to STaR in tokens and accuracy.
std::string held_against(const Learning& learning, const Against& one) {
  const Learned &row = learning.rows[one.row], &other = learning.rows[one.other];
  if (other.before || errs(row) || !one.tokens.value || !one.accuracy.value) return "";
  Estimate less = one.tokens;  // saved tokens: more than all is none of them
  const bool more = *less.value > 1;
  const double sign = more ? 1 : -1;
  less.value = sign * (*one.tokens.value - 1);
  if (one.tokens.interval) {
    const Interval given = *one.tokens.interval;
    less.interval =
        more ? Interval{given.lo - 1, given.hi - 1} : Interval{1 - given.hi, 1 - given.lo};
  }
  return fmt::format("On {}, {} thinks {} {} tokens than {}, and its accuracy is {}.", row.task,
                     name_of(row), percent(less), more ? "more" : "fewer", name_of(other),
                     in_words(one.accuracy, "higher", "lower"));
}

using Filtered = std::map<double, const Learned*>;

/// Rows of a task by series, those that learned under filters which accept other shares of wrong answers.
std::map<std::string, Filtered> by_filter(const ReportModel& model, const std::string& task) {
  std::map<std::string, Filtered> out;
  for (const Learned& row : model.learning.rows)
    if (row.task == task && !row.before && row.filter_fpr &&
        (row.accuracy.value || row.right_chain.value))
      out[series_of(row)].emplace(*row.filter_fpr, &row);
  std::erase_if(out, [](const auto& series) { return series.second.size() < 2; });
  return out;
}

std::string bred(const std::string& task, const std::string& series, const Filtered& rows) {
  const auto& [least, clean] = *rows.begin();
  const auto& [most, dirty] = *rows.rbegin();
  return fmt::format(
      "On {}, where the filter accepts {} of the wrong answers instead of {}, {} comes to {} right answers "
      "instead of {}, and to {} {} instead of {}.",
      task, percent(most), percent(least), series, percent(dirty->accuracy),
      percent(clean->accuracy), percent(dirty->right_chain), kEveryStep,
      percent(clean->right_chain));
}

std::string posterior(const Learned& row) {
  const PosteriorFit& fit = *row.fit;
  const bool nearer =
      !row.fit_before || !row.fit_before->kl.mean || fit.kl.mean <= row.fit_before->kl.mean;
  std::string text = fmt::format("On {}, {} {} a KL of {} nats {} the posterior{}", row.task,
                                 name_of(row), nearer ? "comes within" : "goes away to",
                                 decimal(fit.kl.mean), nearer ? "of" : "from", over_seeds(row));
  if (row.fit_before) text += fmt::format(", from {} before", decimal(row.fit_before->kl.mean));
  text += fmt::format("; its entropy is {} nats where the posterior has {}",
                      decimal(fit.entropy.mean), decimal(row.target_entropy.mean));
  if (fit.modes_found.mean && row.modes.mean)
    text += fmt::format(", and it finds {} of {} modes", plain(fit.modes_found.mean, 0),
                        plain(row.modes.mean, 0));
  text += ".";
  if (fit.purity.mean && row.target_purity.mean)
    text +=
        fmt::format(" Of what it writes and the verifier accepts {} is right; of the posterior {}.",
                    percent(fit.purity.mean), percent(row.target_purity.mean));
  return text;
}

std::string moved(const Learned& row) {
  std::string text =
      fmt::format("On {}, the verifier accepts {} of what {} writes that is not {}", row.task,
                  percent(row.fpr), name_of(row), row.fit ? "right" : kEveryStep);
  if (row.fpr_moved.value)
    text += fmt::format(", {} the {} before it learned", in_words(row.fpr_moved, "above", "below"),
                        percent(row.fpr_before));
  return text + ".";
}

// ---- cells

Cell words(const std::string& text) { return {text.empty() ? kDash : text, "", std::nullopt, ""}; }

Cell number(double value) { return {fmt::format("{:.0f}", value), "", value, ""}; }

Cell share(const Estimate& e) {
  return {percent(e.value), e.value ? percent_interval(e.interval) : "", e.value, ""};
}

Cell mean(const Estimate& e) {
  return {plain(e.value, 2), e.value ? plain_interval(e.interval, 2) : "", e.value, ""};
}

Cell points(const Estimate& e) {
  if (!e.value) return words("");
  return {reports::points(e.value), points_interval(e.interval), e.value, ""};
}

/// The mean over seeds, and from where to where they go.
template <typename Shown>
Cell over(const Spread& spread, Shown shown) {
  const bool apart = spread.mean && shown(spread.least) != shown(spread.most);
  return {shown(spread.mean),
          apart ? fmt::format("{} to {}", shown(spread.least), shown(spread.most)) : "",
          spread.mean, ""};
}
Cell nats(const Spread& spread) {
  return over(spread, [](const std::optional<double>& value) { return decimal(value); });
}
Cell shares(const Spread& spread) {
  return over(spread, [](const std::optional<double>& value) { return percent(value); });
}
Cell whole(const Spread& spread) {
  return over(spread, [](const std::optional<double>& value) {
    return plain(value, value && *value != std::round(*value) ? 1 : 0);
  });
}

// ---- charts

void put_interval(const Estimate& estimate, json& one) {
  if (!estimate.interval) return;
  one["lo"] = rounded(estimate.interval->lo);
  one["hi"] = rounded(estimate.interval->hi);
}

/// A chart whose parameter chooses the task.
struct ByTask {
  Chart chart;
  json values = json::array();

  void add(const std::string& task, json one) {
    if (chart.choices.empty() || chart.choices.back() != task) chart.choices.push_back(task);
    if (chart.choice.empty()) chart.choice = task;
    one["model"] = task;
    values.push_back(std::move(one));
  }
  void finish(Spec spec, json filling, std::vector<Chart>& out) {
    if (values.empty()) return;
    filling["values"] = values;
    filling["choice"] = chart.choice;
    chart.spec = filled(spec, filling);
    out.push_back(std::move(chart));
  }
};

const char* kind_of(const Learned& row) { return row.before ? "before" : "learned"; }

void tokens_chart(const ReportModel& model, std::vector<Chart>& out) {
  ByTask by;
  by.chart.id = "learning-tokens";
  by.chart.title = "Tokens and accuracy";
  by.chart.explanation =
      "Each point is a way of learning, its seeds together; diamonds are the models before, also told how "
      "to think. Lines are 95% intervals over problems. Learned under filters that accept no wrong answer.";
  for (const std::string& task : tasks_of(model))
    for (const Learned& row : model.learning.rows) {
      if (row.task != task || errs(row) || !row.accuracy.value || !row.tokens.value) continue;
      json one = {{"series", series_of(row)},
                  {"kind", kind_of(row)},
                  {"value", rounded(row.accuracy.value)},
                  {"tokens", rounded(row.tokens.value)},
                  {"chains", percent(row.right_chain)},
                  {"seeds", row.seeds}};
      put_interval(row.accuracy, one);
      if (row.tokens.interval) {
        one["tokens_lo"] = rounded(row.tokens.interval->lo);
        one["tokens_hi"] = rounded(row.tokens.interval->hi);
      }
      by.add(task, std::move(one));
    }
  if (!by.chart.choice.empty()) {
    by.chart.alt = reached(model, by.chart.choice);
    if (by.chart.alt.empty()) by.chart.alt = "How the models answered before they learned.";
  }
  by.finish(Spec::learning, {{"share_title", "right answers"}}, out);
}

constexpr const char* kDifficulty =
    "Difficulty is what the task counts of a problem (steps, numbers, digits).";

/// "star from 99.0% at difficulty 1 to 80.0% at 6".
std::string ends_in_words(const Learned& row, Estimate Level::*figure, bool as_share) {
  const auto shown = [&](const Level& level) {
    return as_share ? percent(level.*figure) : plain((level.*figure).value, 1);
  };
  return fmt::format("{} from {} at difficulty {} to {} at {}", name_of(row),
                     shown(row.levels.front()), row.levels.front().difficulty,
                     shown(row.levels.back()), row.levels.back().difficulty);
}

void level_chart(const ReportModel& model, const char* id, const char* title, const char* what,
                 Estimate Level::*figure, bool as_share, std::vector<Chart>& out) {
  ByTask by;
  by.chart.id = id;
  by.chart.title = title;
  by.chart.explanation = std::string(kDifficulty) +
                         " Bars are 95% intervals over problems; the models before are dashed.";
  for (const std::string& task : tasks_of(model))
    for (const Learned& row : model.learning.rows) {
      if (row.task != task || errs(row) || row.levels.size() < 2) continue;
      for (const Level& level : row.levels) {
        if (!(level.*figure).value) continue;
        json one = {{"series", series_of(row)},
                    {"kind", kind_of(row)},
                    {"difficulty", level.difficulty},
                    {"value", rounded((level.*figure).value)}};
        put_interval(level.*figure, one);
        by.add(task, std::move(one));
      }
      if (task == by.chart.choice && !row.before)
        by.chart.alt += fmt::format("{}{}", by.chart.alt.empty() ? fmt::format("{}: ", what) : "; ",
                                    ends_in_words(row, figure, as_share));
    }
  if (by.chart.alt.empty()) by.chart.alt = fmt::format("{} of the models before.", what);
  by.finish(Spec::learning_difficulty,
            {{"level_title", what}, {"level_format", as_share ? ".0%" : ".1f"}}, out);
}

void filter_chart(const ReportModel& model, std::vector<Chart>& out) {
  ByTask by;
  by.chart.id = "learning-filter";
  by.chart.title = "What filters that err breed";
  by.chart.explanation =
      "The more wrong answers the filter accepts, the more of them are learned from. Solid: right answers; "
      "dashed: right in every step. Bars are 95% intervals over problems.";
  for (const std::string& task : tasks_of(model))
    for (const auto& [series, rows] : by_filter(model, task)) {
      for (const auto& [fpr, row] : rows)
        for (const bool chains : {false, true}) {
          const Estimate& estimate = chains ? row->right_chain : row->accuracy;
          if (!estimate.value) continue;
          json one = {{"series", series},
                      {"fpr", fpr},
                      {"figure", chains ? kEveryStep : "right"},
                      {"value", rounded(estimate.value)}};
          put_interval(estimate, one);
          by.add(task, std::move(one));
        }
      if (task == by.chart.choice)
        by.chart.alt += (by.chart.alt.empty() ? "" : " ") + bred(task, series, rows);
    }
  by.finish(Spec::learning_filter, {{"share_title", "share of problems"}}, out);
}

}  // namespace

std::vector<std::string> learning_findings(const ReportModel& model) {
  std::vector<std::string> out;
  const auto add = [&](std::string text) {
    if (!text.empty()) out.push_back(std::move(text));
  };
  for (const std::string& task : tasks_of(model)) {
    add(reached(model, task));
    for (const Against& one : model.learning.against)
      if (model.learning.rows[one.row].task == task) add(held_against(model.learning, one));
    for (const auto& [series, rows] : by_filter(model, task)) add(bred(task, series, rows));
    for (const Learned& row : model.learning.rows) {
      if (row.task != task || row.before) continue;
      if (row.fit) add(posterior(row));
      if (row.fpr.value && !errs(row)) add(moved(row));
    }
  }
  return out;
}

std::vector<Chart> learning_charts(const ReportModel& model) {
  std::vector<Chart> out;
  tokens_chart(model, out);
  level_chart(model, "learning-difficulty-tokens", "Tokens by difficulty", "tokens of thought",
              &Level::tokens, false, out);
  level_chart(model, "learning-difficulty-accuracy", "Accuracy by difficulty", "right answers",
              &Level::accuracy, true, out);
  filter_chart(model, out);
  return out;
}

Table learning_table(const ReportModel& model) {
  Table table{"learning",
              "What each way of learning came to",
              {{"method", "how it learned; base: the model before, also told how to think", false},
               {"task", "what it answered", false},
               {"filter", "which answers it learned from as right", false},
               {"seeds", "trainings that are counted together"},
               {"right", "share of problems answered rightly"},
               {kEveryStep, "share of problems whose answer is right, and each step to it"},
               {"tokens", "of the thought, per answer"}},
              {},
              "",
              16};
  for (const Learned& row : model.learning.rows) {
    if (!row.accuracy.value && !row.right_chain.value && !row.tokens.value) continue;
    table.rows.push_back({words(series_of(row)), words(row.task),
                          words(row.before ? "" : filter_of(row)),
                          number(static_cast<double>(row.seeds)), share(row.accuracy),
                          share(row.right_chain), mean(row.tokens)});
  }
  return table;
}

Table level_table(const ReportModel& model) {
  Table table{"learning-difficulty",
              "Right answers and tokens by difficulty",
              {{"method", "as above", false}, {"task", "what it answered", false}},
              {},
              std::string("Small: tokens of thought. ") + kDifficulty,
              12};
  std::set<int> difficulties;
  for (const Learned& row : model.learning.rows)
    if (!errs(row) && row.levels.size() > 1)
      for (const Level& level : row.levels) difficulties.insert(level.difficulty);
  for (const int difficulty : difficulties)
    table.columns.push_back({std::to_string(difficulty), "share answered rightly"});
  for (const Learned& row : model.learning.rows) {
    if (errs(row) || row.levels.size() < 2) continue;
    std::vector<Cell> cells = {words(series_of(row)), words(row.task)};
    for (const int difficulty : difficulties) {
      const auto level = std::find_if(row.levels.begin(), row.levels.end(), [&](const Level& one) {
        return one.difficulty == difficulty;
      });
      if (level == row.levels.end()) {
        cells.push_back(words(""));
        continue;
      }
      cells.push_back({percent(level->accuracy.value),
                       level->tokens.value ? plain(level->tokens.value, 1) + " tokens" : "",
                       level->accuracy.value, ""});
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Table against_table(const ReportModel& model) {
  Table table{"learning-against",
              "Held against STaR and the model before",
              {{"method", "how it learned", false},
               {"against", "on the same problems, paired", false},
               {"task", "what was answered", false},
               {"tokens", "of the other's tokens of thought"},
               {"right", "points more than the other"},
               {kEveryStep, "points more than the other"}},
              {},
              "",
              12};
  for (const Against& one : model.learning.against) {
    const Learned &row = model.learning.rows[one.row], &other = model.learning.rows[one.other];
    table.rows.push_back({words(name_of(row)), words(name_of(other)), words(row.task),
                          share(one.tokens), points(one.accuracy), points(one.right_chain)});
  }
  return table;
}

Table posterior_table(const ReportModel& model) {
  Table table{
      "learning-posterior",
      "How near each comes to the posterior",
      {{"distribution", "before and after learning, and what was to be learned", false},
       {"task", "", false},
       {"KL", "from the posterior, in nats"},
       {"TV", "half the summed differences"},
       {"entropy", "in nats"},
       {"modes found",
        "of the fewest sequences that hold 90% of the posterior, those that get half "
        "of their mass"},
       {"accepted", "mass on what the verifier accepts"},
       {"purity", "of that, what is right"}},
      {},
      "Means over seeds, and small from the least to the most. KL is a dash where something with a "
      "reward is never written.",
      12};
  const auto add = [&](const std::string& name, const std::string& task, const PosteriorFit& fit) {
    table.rows.push_back({words(name), words(task), nats(fit.kl), nats(fit.tv), nats(fit.entropy),
                          whole(fit.modes_found), shares(fit.legal), shares(fit.purity)});
  };
  const Learned* last = nullptr;  // whose posterior was shown
  for (const Learned& row : model.learning.rows) {
    if (!row.fit) continue;
    if (!last || last->task != row.task || last->target_entropy.mean != row.target_entropy.mean)
      add("the posterior", row.task,
          {{}, {}, row.target_entropy, row.target_legal, row.target_purity, row.modes});
    last = &row;
    if (row.fit_before) add(name_of(row) + ", before", row.task, *row.fit_before);
    add(name_of(row), row.task, *row.fit);
  }
  return table;
}

Table fpr_table(const ReportModel& model) {
  Table table{
      "learning-fpr",
      "What the verifier accepts wrongly, before and after",
      {{"method", "how it learned", false},
       {"task", "what was answered", false},
       {"filter", "which answers it learned from as right", false},
       {"before", "accepted, of what the model before wrote that is not right in every step"},
       {"after", "accepted, of what the learned model writes that is not right in every step"},
       {"moved", "points"}},
      {},
      "The verifier's false positive rate, measured anew on what the model writes. Where answers are "
      "not judged by their steps: of what is not right.",
      12};
  for (const Learned& row : model.learning.rows) {
    if (row.before || (!row.fpr.value && !row.fpr_before.value)) continue;
    table.rows.push_back({words(series_of(row)), words(row.task), words(filter_of(row)),
                          share(row.fpr_before), share(row.fpr), points(row.fpr_moved)});
  }
  return table;
}

}  // namespace assay::reports
