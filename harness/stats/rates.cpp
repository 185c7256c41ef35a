#include "harness/stats/rates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "harness/base/error.h"
#include "harness/base/words.h"
#include "harness/stats/paired.h"

namespace assay::stats {
namespace {

std::set<std::string> suites(const std::string& list) {
  std::set<std::string> out;
  for (const std::string& name : split(list, ',')) {
    out.insert(name);
    // Of "base+judge>=4" each part must accept, of "base|judge>=4" one.
    if (name.find(">=") != name.npos && name.find('|') == name.npos)
      for (const std::string& part : split(name, '+')) out.insert(part);
  }
  return out;
}

bool part_of(const std::string& inner, const std::string& outer) {
  if (inner.empty() || inner == "imported") return false;
  const auto in = suites(inner), out = suites(outer);
  return std::includes(out.begin(), out.end(), in.begin(), in.end());
}

/// 1 - C(n-c,k)/C(n,k): at least one of k samples is among the c. REQUIRES: k <= n.
double hit_probability(std::int64_t n, std::int64_t c, std::int64_t k) {
  double miss = 1;
  for (std::int64_t i = 0; i < c && miss > 0; ++i)
    miss *= std::max(0.0, 1 - static_cast<double>(k) / static_cast<double>(n - i));
  return 1 - miss;
}

/// Builds ratios over the universe: problems that the model does not cover count for nothing.
class RatioBuilder {
 public:
  RatioBuilder(const ModelCounts& counts, const std::vector<std::size_t>& place, std::size_t size)
      : counts_(counts), place_(place), size_(size) {}

  /// `of(c)` gives {numerator, denominator} of one problem.
  template <typename Of>
  void add(Of of) {
    Ratio ratio{std::vector<double>(size_), std::vector<double>(size_)};
    for (std::size_t i = 0; i < place_.size(); ++i) {
      const auto [numerator, denominator] = of(counts_.problems[i]);
      ratio.numerator[place_[i]] = numerator;
      ratio.denominator[place_[i]] = denominator;
    }
    ratios.push_back(std::move(ratio));
  }

  std::vector<Ratio> ratios;

 private:
  const ModelCounts& counts_;
  const std::vector<std::size_t>& place_;
  std::size_t size_;
};

using Pair = std::pair<double, double>;

Pair ratio(std::int64_t numerator, std::int64_t denominator) {
  return {static_cast<double>(numerator), static_cast<double>(denominator)};
}

/// The same as a share of one problem: {numerator/denominator, 1}, or nothing.
Pair share(std::int64_t numerator, std::int64_t denominator) {
  if (denominator == 0) return {0, 0};
  return {static_cast<double>(numerator) / static_cast<double>(denominator), 1};
}

/// In the order of rate_fields(), then pass@k.
std::vector<Ratio> build_ratios(const ModelCounts& counts, const std::vector<std::size_t>& place,
                                std::size_t size, const std::vector<int>& pass_at) {
  RatioBuilder build(counts, place, size);
  build.add([](const Counts& c) { return share(c.correct(), c.n()); });
  build.add([](const Counts& c) { return share(c.accepted(), c.n()); });
  build.add([](const Counts& c) { return ratio(c.fp, c.n()); });
  build.add([](const Counts& c) { return share(c.fp, c.n()); });
  build.add([](const Counts& c) { return ratio(c.fp, c.accepted()); });
  build.add([](const Counts& c) { return share(c.fp, c.accepted()); });
  build.add([](const Counts& c) { return ratio(c.fp - c.fp_timeout, c.accepted()); });
  build.add([](const Counts& c) { return ratio(c.fp, c.fp + c.tn); });
  build.add([](const Counts& c) { return share(c.fp, c.fp + c.tn); });
  build.add([](const Counts& c) { return ratio(c.fn, c.correct()); });
  build.add([](const Counts& c) { return Pair{share(c.tp, c.accepted()).first, 1}; });
  build.add([](const Counts& c) { return share(c.tp, c.accepted()); });
  build.add([](const Counts& c) {
    return Pair{c.accepted() == 0 ? 1 : share(c.tp, c.accepted()).first, 1};
  });
  std::int64_t n_min = INT64_MAX;
  for (const Counts& c : counts.problems) n_min = std::min(n_min, c.n());
  for (int k : pass_at)
    build.add([&](const Counts& c) {
      return k > n_min ? Pair{0, 0} : Pair{hit_probability(c.n(), c.correct(), k), 1};
    });
  return std::move(build.ratios);
}

/// What a rate is called in a sentence, by its name in --json.
std::string in_words(const std::string& name) {
  static const std::map<std::string, std::string> kWords = {
      {"fp_mass", "wrong passes of all samples"},
      {"fp_mass_macro", "wrong passes of all samples by problem"},
      {"fdr_macro", "fdr by problem"},
      {"fdr_timeouts_right", "fdr with wrong passes by time as right"},
      {"fpr_macro", "fpr by problem"},
      {"ceiling_lower", "the ceiling with unsolved problems as wrong"},
      {"ceiling_macro", "the ceiling of solved problems"},
      {"ceiling_upper", "the ceiling with unsolved problems as right"}};
  const auto found = kWords.find(name);
  return found == kWords.end() ? name : found->second;
}

/// One sentence for each problem that carries a rate: most of what is unsure about it is that problem.
void add_carried(const std::vector<std::string>& task_ids, RatesRow& row) {
  constexpr std::int64_t kFew = 5;  // of fewer problems one nearly always has most of the error
  constexpr double kMost = 0.5;
  if (row.problems < kFew) return;
  std::map<std::size_t, std::vector<std::string>> carried;
  for (const auto& [name, field] : rate_fields())
    if (const auto& basis = (row.*field).basis; basis && basis->share > kMost)
      carried[basis->heaviest].push_back(in_words(name));
  for (const auto& [problem, names] : carried)
    row.notes.push_back(fmt::format("rests mostly on one problem, {}: {}", task_ids[problem],
                                    fmt::join(names, ", ")));
}

void add_notes(RatesRow& row) {
  const auto note = [&](bool when, const char* text) {
    if (when) row.notes.emplace_back(text);
  };
  note(row.problems == 0, "no problem has a verdict");
  note(row.problems == 1, "one problem: intervals need at least two");
  note(row.problems > 0 && row.tp + row.fp == 0,
       "no sample was accepted: fdr and the ceiling of solved problems are undefined");
  note(row.problems > 0 && row.fp + row.tn == 0, "no sample was wrong: fpr is undefined");
  note(row.problems > 0 && row.tp + row.fn == 0, "no sample was correct: fnr is undefined");
  for (const auto& [name, field] : rate_fields())
    if (row.problems > 1 && (row.*field).value && !(row.*field).interval)
      row.notes.push_back(
          fmt::format("{} has no interval: too few problems tell about it", in_words(name)));
  for (const auto& [k, estimate] : row.pass_at_k)
    if (row.problems > 0 && !estimate.value)
      row.notes.push_back(fmt::format("pass@{} is undefined: a problem has fewer samples", k));
}

RatesRow make_row(const ModelCounts& counts, const std::vector<std::string>& task_ids,
                  const std::vector<Estimate>& estimates, const std::vector<int>& pass_at) {
  RatesRow row{counts.dataset, counts.model, counts.proxy, counts.gold};
  row.problems = static_cast<std::int64_t>(counts.problems.size());
  row.missing = counts.missing, row.not_run = counts.not_run, row.forgeable = counts.forgeable;
  for (const Counts& c : counts.problems) {
    row.samples += c.n();
    row.tp += c.tp, row.fp += c.fp, row.fn += c.fn, row.tn += c.tn;
    row.fp_timeout += c.fp_timeout;
  }
  std::size_t at = 0;
  for (const auto& [name, field] : rate_fields()) row.*field = estimates[at++];
  for (int k : pass_at) row.pass_at_k.emplace_back(k, estimates[at++]);
  // By definition, not by what was seen: there is no rate to show, or nothing that is unsure.
  if (row.problems > 0 && fp_impossible(counts)) {
    for (Estimate* rate :
         {&row.fp_mass, &row.fp_mass_macro, &row.fdr, &row.fdr_macro, &row.fdr_timeouts_right,
          &row.fpr, &row.fpr_macro, &row.ceiling_lower, &row.ceiling_macro, &row.ceiling_upper})
      *rate = {};
    row.notes.push_back(
        fmt::format("{} is proxy and gold at once, so no false positive can show", row.gold));
  }
  if (fn_impossible(counts)) {
    if (fp_impossible(counts)) row.fnr = {};
    if (row.fnr.value) row.fnr.interval = {0, 0};
  }
  add_notes(row);
  add_carried(task_ids, row);
  return row;
}

}  // namespace

bool fn_impossible(const ModelCounts& counts) { return part_of(counts.proxy, counts.gold); }
bool fp_impossible(const ModelCounts& counts) { return fp_impossible(counts.proxy, counts.gold); }
bool fp_impossible(const std::string& proxy, const std::string& gold) {
  return part_of(gold, proxy);
}

std::vector<std::pair<std::string, Estimate RatesRow::*>> rate_fields() {
  using R = RatesRow;
  return {{"accuracy", &R::accuracy},
          {"acceptance", &R::acceptance},
          {"fp_mass", &R::fp_mass},
          {"fp_mass_macro", &R::fp_mass_macro},
          {"fdr", &R::fdr},
          {"fdr_macro", &R::fdr_macro},
          {"fdr_timeouts_right", &R::fdr_timeouts_right},
          {"fpr", &R::fpr},
          {"fpr_macro", &R::fpr_macro},
          {"fnr", &R::fnr},
          {"ceiling_lower", &R::ceiling_lower},
          {"ceiling_macro", &R::ceiling_macro},
          {"ceiling_upper", &R::ceiling_upper}};
}

void check(const ModelCounts& counts) {
  const auto refuse = [&](std::size_t i, const char* why) {
    throw Error(fmt::format("model {} on {}, problem {}: {}", counts.model, counts.dataset,
                            i < counts.task_ids.size() ? counts.task_ids[i] : "?", why));
  };
  if (counts.task_ids.size() != counts.problems.size())
    throw Error(fmt::format("model {} on {}: {} task ids for {} problems", counts.model,
                            counts.dataset, counts.task_ids.size(), counts.problems.size()));
  for (std::size_t i = 0; i < counts.problems.size(); ++i) {
    const Counts& c = counts.problems[i];
    if (std::min({c.tp, c.fp, c.fn, c.tn}) < 0) refuse(i, "a count is negative");
    if (c.n() < 1) refuse(i, "it has no samples; leave it out");
    if (i > 0 && counts.task_ids[i] <= counts.task_ids[i - 1])
      refuse(i, "task ids must be sorted and each must occur once");
  }
}

Universe universe(const std::vector<const ModelCounts*>& models) {
  Universe out;
  for (const ModelCounts* m : models)
    out.task_ids.insert(out.task_ids.end(), m->task_ids.begin(), m->task_ids.end());
  std::sort(out.task_ids.begin(), out.task_ids.end());
  out.task_ids.erase(std::unique(out.task_ids.begin(), out.task_ids.end()), out.task_ids.end());
  for (const ModelCounts* m : models) {
    std::vector<std::size_t>& index = out.index.emplace_back();
    for (const std::string& id : m->task_ids)
      index.push_back(static_cast<std::size_t>(
          std::lower_bound(out.task_ids.begin(), out.task_ids.end(), id) - out.task_ids.begin()));
  }
  return out;
}

std::vector<std::vector<std::size_t>> by_dataset(const std::vector<ModelCounts>& models) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return models[group[0]].dataset == models[i].dataset;
    });
    if (same == groups.end())
      groups.push_back({i});
    else
      same->push_back(i);
  }
  return groups;
}

RatesTable rates(const std::vector<ModelCounts>& models, const BootstrapOptions& options,
                 const std::vector<int>& pass_at, bool with_pairs) {
  check(options);
  for (int k : pass_at)
    if (k < 1) throw Error(fmt::format("pass@{} has no meaning: k must be at least 1", k));
  for (const ModelCounts& m : models) check(m);
  RatesTable table;
  table.rows.resize(models.size());
  for (const std::vector<std::size_t>& members : by_dataset(models)) {
    std::vector<const ModelCounts*> group;
    for (std::size_t i : members) group.push_back(&models[i]);
    const Universe all = universe(group);
    const std::size_t size = all.task_ids.size();
    for (std::size_t g = 0; g < group.size(); ++g) {
      const std::vector<Ratio> ratios = build_ratios(*group[g], all.index[g], size, pass_at);
      table.rows[members[g]] =
          make_row(*group[g], all.task_ids, ratio_estimates(ratios, options.level), pass_at);
    }
    if (!with_pairs) continue;
    std::vector<PairedDifference> pairs = paired_differences(group, all, options);
    std::move(pairs.begin(), pairs.end(), std::back_inserter(table.paired));
  }
  return table;
}

}  // namespace assay::stats
