#include "harness/analysis/style.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

#include "harness/store/style.h"

namespace assay::analysis {

namespace {

using store::Style;
using Value = std::optional<double>;

struct Property {
  const char *name, *explanation;
  const char* unit;  ///< "share": of what keeps to a rule; "part": another number from 0 to 1
  std::function<Value(const Style&)> of;
};

Value ratio(const Style::Number& part, const Style::Number& whole) {
  if (!part || !whole || *whole == 0) return std::nullopt;
  return static_cast<double>(*part) / static_cast<double>(*whole);
}

Value at_most(const Style::Number& number, std::int64_t most) {
  if (!number) return std::nullopt;
  return *number <= most ? 1 : 0;
}

Value plain(const Style::Number& number) {
  return number ? Value(static_cast<double>(*number)) : std::nullopt;
}

const std::vector<Property>& properties() {
  static const std::vector<Property> all = {
      {"snake_case", "share of the names it defines; a single word counts for both", "share",
       [](const Style& s) { return ratio(s.names_snake, s.names); }},
      {"camelCase", "share of the names it defines", "share",
       [](const Style& s) { return ratio(s.names_camel, s.names); }},
      {"lines within 79", "programs without a line of more than 79 characters", "share",
       [](const Style& s) { return at_most(s.line_longest, 79); }},
      {"functions within 20", "programs without a function of more than 20 lines", "share",
       [](const Style& s) { return at_most(s.function_longest, 20); }},
      {"has a comment", "programs with at least one", "share",
       [](const Style& s) -> Value {
         return s.comment_lines ? Value(*s.comment_lines > 0 ? 1 : 0) : std::nullopt;
       }},
      {"PEP 8", "programs in which pycodestyle finds nothing", "share",
       [](const Style& s) { return at_most(s.findings, 0); }},
      {"complexity within 10", "no function has more than 10 paths (cyclomatic, mccabe)", "share",
       [](const Style& s) { return at_most(s.complexity, 10); }},
      {"line length", "characters, mean over the program's lines", "",
       [](const Style& s) { return ratio(s.characters, s.lines); }},
      {"function length", "lines of the longest function", "",
       [](const Style& s) { return plain(s.function_longest); }},
      {"comment density", "comments per line", "part",
       [](const Style& s) { return ratio(s.comment_lines, s.lines); }},
      {"PEP 8 findings", "of pycodestyle, per line", "",
       [](const Style& s) { return ratio(s.findings, s.lines); }},
      {"complexity", "of the most complex function (cyclomatic, mccabe)", "",
       [](const Style& s) { return plain(s.complexity); }}};
  return all;
}

struct Mean {
  double sum = 0, weight = 0;
  void add(double value, double n) { sum += value * n, weight += n; }
};

/// One property in one group of models: per problem, what the estimates are made of.
struct Sums {
  std::vector<Mean> right, wrong;  ///< per problem, over samples
  std::vector<Mean> difference;    ///< per problem, over models with both
  explicit Sums(std::size_t problems) : right(problems), wrong(problems), difference(problems) {}
};

struct Measured {
  const AcceptedProgram* program;
  const Style* style;
  std::size_t problem;
};

/// `from` to `to`: the programs of one model on one problem.
void add_cell(const Measured* from, const Measured* to, const Property& property, Sums& sums) {
  Mean right, wrong;
  for (const Measured* m = from; m != to; ++m)
    if (const Value value = property.of(*m->style))
      (m->program->right ? right : wrong).add(*value, static_cast<double>(m->program->copies));
  const auto join = [](Mean& to_sum, const Mean& part) {
    to_sum.sum += part.sum, to_sum.weight += part.weight;
  };
  join(sums.right[from->problem], right), join(sums.wrong[from->problem], wrong);
  if (right.weight > 0 && wrong.weight > 0)
    sums.difference[from->problem].add(wrong.sum / wrong.weight - right.sum / right.weight, 1);
}

constexpr stats::Interval kShares = {0, 1}, kDifferencesOfShares = {-1, 1},
                          kUnbounded = {-INFINITY, INFINITY};

stats::Ratio ratio_of(const std::vector<Mean>& means, stats::Interval range) {
  stats::Ratio out;
  out.range = range;
  for (const Mean& mean : means) {
    out.numerator.push_back(mean.sum), out.denominator.push_back(mean.weight);
  }
  return out;
}

/// The measured programs of one dataset, model by model, problem by problem.
class MeasuredPrograms {
 public:
  MeasuredPrograms(std::vector<Measured> measured, std::size_t problems)
      : measured_(std::move(measured)), problems_(problems) {
    std::stable_sort(measured_.begin(), measured_.end(), [](const Measured& a, const Measured& b) {
      return std::tie(a.program->model->model, a.problem) <
             std::tie(b.program->model->model, b.problem);
    });
  }

  std::vector<StyleRow> rows(const stats::BootstrapOptions& options) const {
    std::set<std::string> models;
    for (const Measured& m : measured_) models.insert(m.program->model->model);
    std::vector<std::string> groups;
    if (models.size() > 1) groups.push_back("");
    if (models.size() <= kStyleModelsMax) groups.insert(groups.end(), models.begin(), models.end());
    std::vector<StyleRow> out;
    std::vector<Sums> sums;
    for (const std::string& group : groups)
      for (const Property& property : properties()) {
        sums.push_back(sums_of(group, property));
        StyleRow row;
        row.dataset = measured_.front().program->model->dataset;
        row.model = group.empty() ? "all models" : group;
        row.property = property.name, row.explanation = property.explanation;
        row.unit = property.unit;
        out.push_back(std::move(row));
      }
    estimate(out, sums, options);
    std::erase_if(
        out, [](const StyleRow& row) { return !row.correct.value && !row.false_positive.value; });
    return out;
  }

 private:
  Sums sums_of(const std::string& model, const Property& property) const {
    Sums sums(problems_);
    for (std::size_t i = 0; i < measured_.size();) {
      std::size_t end = i + 1;
      while (end < measured_.size() && measured_[end].problem == measured_[i].problem &&
             measured_[end].program->model == measured_[i].program->model)
        ++end;
      if (model.empty() || measured_[i].program->model->model == model)
        add_cell(&measured_[i], measured_.data() + end, property, sums);
      i = end;
    }
    return sums;
  }

  void estimate(std::vector<StyleRow>& rows, const std::vector<Sums>& sums,
                const stats::BootstrapOptions& options) const {
    std::vector<stats::Ratio> ratios;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const bool share = !rows[i].unit.empty();
      ratios.push_back(ratio_of(sums[i].right, share ? kShares : kUnbounded));
      ratios.push_back(ratio_of(sums[i].wrong, share ? kShares : kUnbounded));
      ratios.push_back(ratio_of(sums[i].difference, share ? kDifferencesOfShares : kUnbounded));
    }
    const auto estimates = stats::ratio_estimates(ratios, options.level);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i].correct = estimates[3 * i], rows[i].false_positive = estimates[3 * i + 1];
      rows[i].paired = estimates[3 * i + 2];
      for (const Mean& mean : sums[i].difference) rows[i].paired_problems += mean.weight > 0;
    }
  }

  std::vector<Measured> measured_;
  std::size_t problems_;
};

StyleGaps gaps_of(const std::unordered_map<std::int64_t, Style>& known,
                  const std::vector<std::int64_t>& wanted) {
  StyleGaps gaps;
  gaps.programs = static_cast<std::int64_t>(wanted.size());
  for (const std::int64_t id : wanted) {
    const auto at = known.find(id);
    if (at == known.end())
      ++gaps.unmeasured;
    else if (!at->second.reason.empty())
      ++gaps.reasons[at->second.reason];
  }
  return gaps;
}

/// Of one dataset; nothing where no program is wrong or none was measured.
void add_rows(const std::vector<AcceptedProgram>& programs, const std::string& dataset,
              const std::map<std::string, std::size_t>& places,
              const std::unordered_map<std::int64_t, Style>& known,
              const stats::BootstrapOptions& options, std::vector<StyleRow>& out) {
  std::vector<Measured> measured;
  bool any_wrong = false;
  for (const AcceptedProgram& program : programs) {
    const auto at = known.find(program.program_id);
    if (program.model->dataset != dataset || at == known.end()) continue;
    measured.push_back({&program, &at->second, places.at(*program.task_id)});
    any_wrong |= !program.right;
  }
  if (!any_wrong) return;
  auto rows = MeasuredPrograms(std::move(measured), places.size()).rows(options);
  std::move(rows.begin(), rows.end(), std::back_inserter(out));
}

}  // namespace

Styles styles(store::Database& database, const std::vector<AcceptedProgram>& programs,
              const stats::BootstrapOptions& options) {
  Styles out;
  std::vector<std::int64_t> wanted;
  for (const AcceptedProgram& program : programs) wanted.push_back(program.program_id);
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::unordered_map<std::int64_t, Style> known;
  store::for_each_style(database, [&](std::int64_t id, const Style& found) {
    if (std::binary_search(wanted.begin(), wanted.end(), id)) known.emplace(id, found);
  });
  out.gaps = gaps_of(known, wanted);
  if (known.empty()) return out;
  std::map<std::string, std::map<std::string, std::size_t>> problems;  // by dataset and task id
  for (const AcceptedProgram& program : programs)
    problems[program.model->dataset].emplace(*program.task_id, 0);
  for (auto& [dataset, places] : problems) {
    std::size_t place = 0;
    for (auto& [task_id, at] : places) at = place++;
    add_rows(programs, dataset, places, known, options, out.rows);
  }
  return out;
}

}  // namespace assay::analysis
