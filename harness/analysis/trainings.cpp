#include "harness/analysis/trainings.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace assay::analysis {

using nlohmann::json;
using store::TrainingAnswer;

namespace {

struct Read {
  const store::Training* stored = nullptr;
  json options, eval, before, told;  ///< `told`: the record's own `options`
};

using Answers = std::vector<const TrainingAnswer*>;

Answers answers_of(const store::Training& training, const std::string& who,
                   const std::string& task) {
  Answers out;
  for (const TrainingAnswer& one : training.answers)
    if (one.who == who && one.task == task) out.push_back(&one);
  return out;
}

/// A task's problems in the order of their names: what is paired stands at the same place.
using Places = std::map<std::string, std::size_t>;

void number(Places& places) {
  std::size_t next = 0;
  for (auto& [task_id, place] : places) place = next++;
}

/// What was answered, by problem and summed over seeds.
struct Counts {
  std::vector<double> answers, tokens, right, chains, faulty, accepted_wrong;
  std::vector<int> difficulty;
};

Counts counted(const Answers& answers, const Places& places) {
  Counts out;
  for (auto* column :
       {&out.answers, &out.tokens, &out.right, &out.chains, &out.faulty, &out.accepted_wrong})
    column->resize(places.size());
  out.difficulty.resize(places.size());
  for (const TrainingAnswer* one : answers) {
    const std::size_t at = places.at(one->task_id);
    out.difficulty[at] = static_cast<int>(one->difficulty);
    out.answers[at] += static_cast<double>(one->answers);
    out.tokens[at] += static_cast<double>(one->tokens);
    out.right[at] += static_cast<double>(one->right);
    out.chains[at] += static_cast<double>(one->right_chain);
    if (!one->accepted_wrong) continue;
    out.faulty[at] += static_cast<double>(one->answers - one->right_chain);
    out.accepted_wrong[at] += static_cast<double>(*one->accepted_wrong);
  }
  return out;
}

constexpr stats::Interval kAnyLength = {0, std::numeric_limits<double>::infinity()};

/// Ratios are made up one after another and then computed together: their resamples are drawn once.
class Estimates {
 public:
  Estimates(const Places& places, const std::string& task, const stats::BootstrapOptions& options)
      : options_(options), resamples_(stats::resample_problems(places.size(), options, task)) {}

  void add(stats::Estimate& into, stats::Ratio ratio) {
    into_.push_back(&into);
    ratios_.push_back(std::move(ratio));
  }
  /// Fills what was added.
  void compute() {
    const auto found = stats::ratio_estimates(ratios_, options_.level);
    for (std::size_t i = 0; i < found.size(); ++i) *into_[i] = found[i];
  }
  /// One ratio less another, of the same resamples.
  stats::Estimate difference(const stats::Ratio& of, const stats::Ratio& less) const {
    const auto values = stats::ratio_estimates({of, less}, options_.level);
    stats::Estimate out;
    if (!values[0].value || !values[1].value) return out;
    out.value = *values[0].value - *values[1].value;
    if (!values[0].interval || !values[1].interval) return out;
    stats::Columns columns;
    for (const stats::Ratio* ratio : {&of, &less})
      columns.add(ratio->numerator), columns.add(ratio->denominator);
    columns.sum(resamples_, options_.threads);
    const auto top = columns.sums(of.numerator), bottom = columns.sums(of.denominator);
    const auto less_top = columns.sums(less.numerator),
               less_bottom = columns.sums(less.denominator);
    std::vector<double> differences;
    for (std::size_t r = 0; r < resamples_.replicates; ++r)
      if (bottom[r] > 0 && less_bottom[r] > 0)
        differences.push_back(top[r] / bottom[r] - less_top[r] / less_bottom[r]);
    if (differences.size() * 10 < resamples_.replicates * 9) return out;
    const stats::Interval interval = stats::percentile_interval(differences, options_.level);
    if (interval.lo < interval.hi) out.interval = interval;  // where all agree it says nothing
    return out;
  }

 private:
  const stats::BootstrapOptions& options_;
  stats::Resamples resamples_;
  std::vector<stats::Estimate*> into_;
  std::vector<stats::Ratio> ratios_;
};

std::vector<double> at(const std::vector<double>& values, const std::vector<int>& difficulty,
                       int chosen) {
  std::vector<double> out = values;
  for (std::size_t i = 0; i < out.size(); ++i)
    if (difficulty[i] != chosen) out[i] = 0;
  return out;
}

void add_counts(const Counts& counts, Learned& row, Estimates& estimates) {
  estimates.add(row.accuracy, {counts.right, counts.answers});
  estimates.add(row.right_chain, {counts.chains, counts.answers});
  estimates.add(row.tokens, {counts.tokens, counts.answers, kAnyLength});
  std::set<int> difficulties;
  for (std::size_t i = 0; i < counts.answers.size(); ++i)
    if (counts.answers[i] > 0) difficulties.insert(counts.difficulty[i]);
  row.levels.resize(difficulties.size());
  auto level = row.levels.begin();
  for (const int difficulty : difficulties) {
    const auto here = [&](const std::vector<double>& values) {
      return at(values, counts.difficulty, difficulty);
    };
    level->difficulty = difficulty;
    estimates.add(level->accuracy, {here(counts.right), here(counts.answers)});
    estimates.add(level->right_chain, {here(counts.chains), here(counts.answers)});
    estimates.add(level->tokens, {here(counts.tokens), here(counts.answers), kAnyLength});
    ++level;
  }
}

/// A number, or the mean of what stands there by difficulty.
std::optional<double> figure(const json& record, const std::string& key) {
  const auto found = record.find(key);
  if (found == record.end()) return std::nullopt;
  if (found->is_number()) return found->get<double>();
  if (!found->is_object() || found->empty()) return std::nullopt;
  double sum = 0;
  for (const json& value : *found) {
    if (!value.is_number()) return std::nullopt;
    sum += value.get<double>();
  }
  return sum / static_cast<double>(found->size());
}

Spread spread(const std::vector<json>& records, const std::string& key) {
  double sum = 0;
  Spread out;
  for (const json& record : records) {
    const std::optional<double> value = figure(record, key);
    if (!value) return {};
    sum += *value;
    out.least = std::min(out.least.value_or(*value), *value);
    out.most = std::max(out.most.value_or(*value), *value);
  }
  if (!records.empty()) out.mean = sum / static_cast<double>(records.size());
  return out;
}

/// Without an interval, but for one that a single record tells itself.
stats::Estimate told(const std::vector<json>& records, const std::string& key) {
  stats::Estimate out;
  out.value = spread(records, key).mean;
  if (records.size() != 1 || !out.value) return out;
  const auto found = records[0].find(key + "_interval");
  if (found != records[0].end() && found->is_array() && found->size() == 2 &&
      (*found)[0].is_number() && (*found)[1].is_number())
    out.interval = {(*found)[0].get<double>(), (*found)[1].get<double>()};
  return out;
}

/// By difficulty, as a record tells it.
void read_levels(const std::vector<json>& records, Learned& row) {
  std::map<int, Level> levels;
  const auto read = [&](const char* key, stats::Estimate Level::*into) {
    std::map<int, std::vector<json>> by_difficulty;
    for (const json& record : records)
      for (const std::string& name : {key + std::string("_by_difficulty"), std::string(key)})
        if (const auto found = record.find(name); found != record.end() && found->is_object())
          for (const auto& [difficulty, value] : found->items())
            if (value.is_number() &&
                difficulty.find_first_not_of("0123456789") == difficulty.npos &&
                difficulty.size() < 6)
              by_difficulty[std::stoi("0" + difficulty)].push_back({{"value", value}});
    for (const auto& [difficulty, values] : by_difficulty)
      levels[difficulty].*into = {spread(values, "value").mean, std::nullopt};
  };
  read("accuracy", &Level::accuracy);
  read("right_chain", &Level::right_chain);
  read("tokens", &Level::tokens);
  for (auto& [difficulty, level] : levels) {
    level.difficulty = difficulty;
    row.levels.push_back(level);
  }
}

PosteriorFit fit_of(const std::vector<json>& records) {
  return {spread(records, "kl"),    spread(records, "tv"),     spread(records, "entropy"),
          spread(records, "legal"), spread(records, "purity"), spread(records, "modes_found")};
}

/// What says how far q is from a posterior stands in both, whatever else they have.
bool has_fit(const json& record) { return record.contains("kl") && record.contains("tv"); }

bool has_figures(const json& eval) {
  for (const char* key : {"accuracy", "right_chain", "tokens", "fpr"})
    if (figure(eval, key)) return true;
  return has_fit(eval);
}

/// Trainings that differ in nothing but their seed and the model that they began with.
struct Group {
  std::vector<Read> trainings;
  json options;  ///< without the filter
  std::string filter;
  std::optional<double> filter_fpr;

  std::vector<json> evals() const {
    std::vector<json> out;
    for (const Read& one : trainings) out.push_back(one.eval);
    return out;
  }
  std::vector<json> befores() const {
    std::vector<json> out;
    for (const Read& one : trainings) out.push_back(one.before);
    return out;
  }
  bool without_answers() const {
    return std::all_of(trainings.begin(), trainings.end(),
                       [](const Read& one) { return one.stored->answers.empty(); });
  }
  Answers answers(const std::string& who, const std::string& task) const {
    Answers out;
    for (const Read& one : trainings) {
      const Answers more = answers_of(*one.stored, who, task);
      out.insert(out.end(), more.begin(), more.end());
    }
    return out;
  }
};

Read read(const store::Database& database, const store::Training& stored) {
  Read out{&stored, {}, {}, {}, {}};
  try {
    const json record = json::parse(stored.record);
    out.options = json::parse(stored.options);
    out.eval = record.value("eval", json::object());
    out.before = record.value("before", json::object());
    out.told = record.value("options", json::object());
  } catch (const json::exception&) {
    store::refuse_damaged(database, "the record of a training is none");
  }
  for (json* part : {&out.options, &out.eval, &out.before, &out.told})
    if (!part->is_object()) *part = json::object();
  return out;
}

/// By method and options, in the order of their first trainings.
std::vector<Group> grouped(const store::Database& database,
                           const std::vector<store::Training>& stored) {
  std::vector<Group> out;
  // Where a seed comes twice, what it began with tells them apart as well.
  std::map<std::string, std::set<std::int64_t>> seeds;
  std::set<std::string> twice;
  const auto key_of = [](const Read& one, bool with_files) {
    json options = one.options;
    if (!with_files) options.erase("from"), options.erase("policy");
    return one.stored->method + "\n" + one.stored->task + "\n" + options.dump();
  };
  std::vector<Read> all;
  for (const store::Training& one : stored) {
    all.push_back(read(database, one));
    const std::string key = key_of(all.back(), false);
    if (!seeds[key].insert(one.seed).second) twice.insert(key);
  }
  std::map<std::string, std::size_t> places;
  for (const Read& one : all) {
    std::string key = key_of(one, false);
    const bool with_files = twice.contains(key);
    if (with_files) key = key_of(one, true);
    const auto [place, added] = places.emplace(key, out.size());
    if (added) {
      Group& group = out.emplace_back();
      group.options = one.options;
      for (const char* apart : {"filter", "fpr"}) group.options.erase(apart);
      if (!with_files) group.options.erase("from"), group.options.erase("policy");
      if (const auto filter = one.told.find("filter");
          filter != one.told.end() && filter->is_string())
        group.filter = filter->get<std::string>();
      group.filter_fpr = figure(one.told, "fpr");
    }
    out[place->second].trainings.push_back(one);
  }
  return out;
}

/// In words: the options that other groups of that method on that task have otherwise.
std::string distinction_of(const Group& group, const std::vector<Group>& all) {
  const store::Training& mine = *group.trainings[0].stored;
  std::set<std::string> differ;
  for (const Group& other : all) {
    const store::Training& theirs = *other.trainings[0].stored;
    if (theirs.method != mine.method || theirs.task != mine.task) continue;
    for (const json* options : {&group.options, &other.options})
      for (const auto& [key, value] : options->items())
        if (group.options.value(key, json()) != other.options.value(key, json()))
          differ.insert(key);
  }
  std::string out;
  for (const std::string& key : differ) {
    const auto value = group.options.find(key);
    if (value == group.options.end()) continue;  // what the others name says enough
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key,
                       value->is_string() ? value->get<std::string>() : value->dump());
  }
  return out;
}

/// What a row of the group is called, without any figure.
Learned named(const Group& group, const std::vector<Group>& all) {
  Learned row;
  row.task = group.trainings[0].stored->task;
  row.method = group.trainings[0].stored->method;
  row.distinction = distinction_of(group, all);
  row.filter = group.filter, row.filter_fpr = group.filter_fpr;
  row.seeds = static_cast<std::int64_t>(group.trainings.size());
  return row;
}

/// The models that the groups' trainings began with, as they answer when told `who` says: each once,
/// however many trainings began with it.
struct Befores {
  std::vector<std::vector<TrainingAnswer>> distinct;
  std::map<std::int64_t, std::set<std::size_t>> by_seed;  ///< places in `distinct`

  /// Whether they are models of several stages (of a base, an sft, ...), and not one stage's seeds.
  bool mixed() const {
    return std::any_of(by_seed.begin(), by_seed.end(),
                       [](const auto& one) { return one.second.size() > 1; });
  }
  void add(const Answers& answers, std::int64_t seed) {
    std::vector<TrainingAnswer> one;
    for (const TrainingAnswer* answer : answers) {
      one.push_back(*answer);
      one.back().accepted.reset(), one.back().accepted_wrong.reset();  // another filter's word
    }
    if (one.empty()) return;
    auto place = std::find(distinct.begin(), distinct.end(), one);
    if (place == distinct.end()) place = distinct.insert(place, std::move(one));
    by_seed[seed].insert(static_cast<std::size_t>(place - distinct.begin()));
  }
  Answers all() const {
    Answers out;
    for (const auto& one : distinct)
      for (const TrainingAnswer& answer : one) out.push_back(&answer);
    return out;
  }
};

std::int64_t problems_in(const Counts& counts) {
  return std::count_if(counts.answers.begin(), counts.answers.end(),
                       [](double n) { return n > 0; });
}

/// The mean of each problem's answers in `of`, where both have some; else 0.
std::vector<double> means(const std::vector<double>& sums, const Counts& of, const Counts& other) {
  std::vector<double> out(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (of.answers[i] > 0 && other.answers[i] > 0) out[i] = sums[i] / of.answers[i];
  return out;
}

void add_against(const Counts& mine, const Counts& theirs, Against& row, Estimates& estimates) {
  const std::vector<double> both = means(mine.answers, mine, theirs);  // 1 where both have some
  const auto less = [&](std::vector<double> Counts::*column) {
    std::vector<double> out = means(mine.*column, mine, theirs);
    const std::vector<double> other = means(theirs.*column, theirs, mine);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] -= other[i];
    return stats::Ratio{out, both, {-1, 1}};
  };
  estimates.add(row.accuracy, less(&Counts::right));
  estimates.add(row.right_chain, less(&Counts::chains));
  estimates.add(row.tokens,
                {means(mine.tokens, mine, theirs), means(theirs.tokens, theirs, mine), kAnyLength});
}

void read_fit(const Group& group, Learned& row) {
  const std::vector<json> evals = group.evals(), befores = group.befores();
  if (!std::all_of(evals.begin(), evals.end(), has_fit)) return;
  row.fit = fit_of(evals);
  if (std::all_of(befores.begin(), befores.end(), has_fit)) row.fit_before = fit_of(befores);
  row.target_entropy = spread(evals, "target_entropy");
  row.target_legal = spread(evals, "target_legal");
  row.target_purity = spread(evals, "target_purity");
  row.modes = spread(evals, "modes");
}

/// A row with what its estimates are made of.
struct Row {
  Learned learned;
  std::string told;  ///< of a model before: what it was told
  Counts counts;
  stats::Ratio fpr_before, fpr;
  std::map<std::string, Counts>
      own;  ///< of the models that it itself began with, by what they were told
};

/// Of a task: its problems, and the models before by what they were told.
std::map<std::string, Befores> befores_of(const std::vector<Group>& groups, const std::string& task,
                                          Places& places) {
  std::map<std::string, Befores> out;
  for (const Group& group : groups)
    for (const Read& one : group.trainings) {
      std::set<std::string> who;
      for (const TrainingAnswer& answer : one.stored->answers) {
        if (answer.task != task) continue;
        places.emplace(answer.task_id, 0);
        who.insert(answer.who);
      }
      who.erase("trained");
      for (const std::string& name : who)
        out[name].add(answers_of(*one.stored, name, task), one.stored->seed);
    }
  number(places);
  return out;
}

std::vector<Row> rows_of(const std::vector<Group>& groups,
                         const std::map<std::string, Befores>& befores, const std::string& task,
                         const Places& places) {
  std::vector<Row> out;
  for (const auto& [name, before] : befores) {
    Row& row = out.emplace_back();
    row.counts = counted(before.all(), places);
    row.learned.task = task, row.learned.method = name, row.learned.before = true;
    row.told = name;
    if (before.mixed())
      row.learned.method = fmt::format("{}: the mean of {} models, what each began with", name,
                                       before.distinct.size());
    row.learned.seeds = static_cast<std::int64_t>(before.distinct.size());
  }
  for (const Group& group : groups) {
    const Answers answers = group.answers("trained", task);
    if (answers.empty()) continue;
    Row& row = out.emplace_back();
    row.counts = counted(answers, places);
    const Counts before = counted(group.answers("base", task), places);
    row.fpr_before = {before.accepted_wrong, before.faulty};
    for (const auto& [name, unused] : befores)
      if (const Answers mine = group.answers(name, task); !mine.empty())
        row.own.emplace(name, counted(mine, places));
    row.fpr = {row.counts.accepted_wrong, row.counts.faulty};
    row.learned = named(group, groups);
    row.learned.task = task;
    if (group.trainings[0].stored->task == task) read_fit(group, row.learned);
  }
  for (Row& row : out) row.learned.problems = problems_in(row.counts);
  return out;
}

/// What each row is held against.
std::vector<Against> opponents(const std::vector<Row>& rows) {
  std::vector<Against> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Learned& mine = rows[i].learned;
    if (mine.before) continue;
    bool held = mine.method == "star";  // which is not held against itself
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const Learned& theirs = rows[k].learned;
      const bool star = !held && theirs.method == "star" && theirs.filter == mine.filter;
      // What others began with is none of it, unless all began with the same.
      const bool own = rows[i].own.contains(rows[k].told) || theirs.seeds == 1;
      if (theirs.before ? !own : !star) continue;
      held |= star;
      out.push_back({i, k, {}, {}, {}});
    }
  }
  return out;
}

/// Rows of a task whose problems were answered, and what they are held against.
void read_answers(const std::vector<Group>& groups, const std::string& task,
                  const stats::BootstrapOptions& options, Learning& learning) {
  Places places;
  const std::map<std::string, Befores> befores = befores_of(groups, task, places);
  if (places.empty()) return;
  std::vector<Row> rows = rows_of(groups, befores, task, places);
  std::vector<Against> against = opponents(rows);
  // From here on nothing moves: the estimates know where they go.
  Estimates estimates(places, task, options);
  for (auto& [learned, told, counts, fpr_before, fpr, own] : rows) {
    add_counts(counts, learned, estimates);
    if (learned.before) continue;
    estimates.add(learned.fpr_before, fpr_before);
    estimates.add(learned.fpr, fpr);
    learned.fpr_moved = estimates.difference(fpr, fpr_before);
  }
  for (Against& one : against) {
    const Row &row = rows[one.row], &other = rows[one.other];
    const auto own = row.own.find(other.told);
    const Counts& theirs =
        other.learned.before && own != row.own.end() ? own->second : other.counts;
    add_against(row.counts, theirs, one, estimates);
  }
  estimates.compute();
  const std::size_t first = learning.rows.size();
  for (Row& row : rows) learning.rows.push_back(std::move(row.learned));
  for (Against& one : against) {
    one.row += first, one.other += first;
    learning.against.push_back(one);
  }
}

/// The figures that a group's records tell of their task, for what no answers tell.
Learned read_records(const Group& group, const std::vector<Group>& all) {
  Learned row = named(group, all);
  const std::vector<json> evals = group.evals(), befores = group.befores();
  row.problems = static_cast<std::int64_t>(spread(evals, "problems").least.value_or(0));
  row.accuracy = told(evals, "accuracy");
  row.right_chain = told(evals, "right_chain");
  row.tokens = told(evals, "tokens");
  read_levels(evals, row);
  row.fpr = told(evals, "fpr");
  row.fpr_before = told(befores, "fpr");
  if (!row.fpr_before.value) row.fpr_before = told(evals, "fpr_before");
  if (row.fpr.value && row.fpr_before.value)
    row.fpr_moved.value = *row.fpr.value - *row.fpr_before.value;
  read_fit(group, row);
  return row;
}

/// The models before, where records alone tell of them.
void add_told_before(const std::string& task, const std::vector<const Group*>& groups,
                     Learning& learning) {
  std::vector<json> distinct;
  for (const Group* group : groups)
    for (const json& before : group->befores())
      if ((figure(before, "accuracy") || figure(before, "right_chain")) &&
          std::find(distinct.begin(), distinct.end(), before) == distinct.end())
        distinct.push_back(before);
  if (distinct.empty()) return;
  Learned row;
  row.task = task, row.method = "base", row.before = true;
  row.seeds = static_cast<std::int64_t>(distinct.size());
  row.accuracy = told(distinct, "accuracy");
  row.right_chain = told(distinct, "right_chain");
  row.tokens = told(distinct, "tokens");
  read_levels(distinct, row);
  learning.rows.push_back(std::move(row));
}

}  // namespace

stats::Estimate false_positive_rate(const std::vector<TrainingAnswer>& answers,
                                    const stats::BootstrapOptions& options) {
  if (answers.empty()) return {};
  Places places;
  Answers all;
  for (const TrainingAnswer& one : answers) places.emplace(one.task_id, 0), all.push_back(&one);
  number(places);
  const Counts counts = counted(all, places);
  stats::Estimate out;
  Estimates estimates(places, answers[0].task, options);
  estimates.add(out, {counts.accepted_wrong, counts.faulty});
  estimates.compute();
  return out;
}

Learning learning(store::Database& database, const stats::BootstrapOptions& options) {
  const std::vector<store::Training> stored = store::trainings(database);
  const std::vector<Group> groups = grouped(database, stored);
  Learning out;
  std::vector<std::string> tasks;  // as they first come
  for (const store::Training& one : stored) {
    const auto add = [&](const std::string& task) {
      if (std::find(tasks.begin(), tasks.end(), task) == tasks.end()) tasks.push_back(task);
    };
    if (one.answers.empty()) add(one.task);
    for (const TrainingAnswer& answer : one.answers)
      if (answer.who == "trained") add(answer.task);
  }
  for (const std::string& task : tasks) {
    read_answers(groups, task, options, out);
    std::vector<const Group*> by_record;
    for (const Group& group : groups)
      if (group.trainings[0].stored->task == task && group.without_answers() &&
          group.trainings[0].stored->method != "base")
        by_record.push_back(&group);
    add_told_before(task, by_record, out);
    for (const Group* group : by_record) {
      const std::vector<json> evals = group->evals();
      if (!std::all_of(evals.begin(), evals.end(), has_figures)) continue;
      out.rows.push_back(read_records(*group, groups));
    }
  }
  return out;
}

}  // namespace assay::analysis
