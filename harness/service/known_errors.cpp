#include "harness/service/known_errors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "harness/analysis/selection.h"
#include "harness/base/error.h"
#include "harness/stats/rates.h"

namespace assay::service {

using nlohmann::json;

namespace {

json number(const stats::Estimate& estimate) {
  return estimate.value ? json(*estimate.value) : json(nullptr);
}
json interval(const stats::Estimate& estimate) {
  return estimate.interval ? json{estimate.interval->lo, estimate.interval->hi} : json(nullptr);
}

/// All models as one: problems stay the units, with the samples of all of them.
stats::ModelCounts together(const std::vector<stats::ModelCounts>& models) {
  std::map<std::string, stats::Counts> problems;
  for (const stats::ModelCounts& model : models) {
    for (std::size_t i = 0; i < model.problems.size(); ++i) {
      stats::Counts& sum = problems[model.task_ids[i]];
      sum.tp += model.problems[i].tp, sum.fp += model.problems[i].fp;
      sum.fn += model.problems[i].fn, sum.tn += model.problems[i].tn;
    }
  }
  stats::ModelCounts all;
  all.dataset = models.front().dataset, all.model = "all models";
  all.proxy = models.front().proxy, all.gold = models.front().gold;
  for (const auto& [task_id, counts] : problems) {
    all.task_ids.push_back(task_id);
    all.problems.push_back(counts);
  }
  return all;
}

json rates_of(const stats::ModelCounts& counts) {
  const stats::RatesRow row = stats::rates({counts}, {}, {}, false).rows.front();
  return {{"problems", row.problems},
          {"samples", row.samples},
          {"tp", row.tp},
          {"fp", row.fp},
          {"fn", row.fn},
          {"tn", row.tn},
          {"fdr", number(row.fdr)},
          {"fdr_interval", interval(row.fdr)},
          {"fpr", number(row.fpr)},
          {"fpr_interval", interval(row.fpr)}};
}

}  // namespace

KnownErrors::KnownErrors(store::Database& database, const Catalog& catalog,
                         const std::vector<std::string>& default_suites) {
  for (const auto& dataset : catalog.datasets()) {
    const std::vector<std::string> names = datasets::suite_names(*dataset);
    std::set<std::vector<std::string>> asked;
    for (const std::string& name : names) asked.insert({name});
    std::vector<std::string> usual = datasets::usual_suites(names);
    if (!default_suites.empty()) {
      usual = names;
      std::erase_if(usual, [&](const std::string& name) {
        return std::find(default_suites.begin(), default_suites.end(), name) ==
               default_suites.end();
      });
    }
    if (!usual.empty()) asked.insert(usual);
    for (const std::vector<std::string>& suites : asked) {
      const Key key{dataset->name, suites};
      known_[key] = learn(database, key);
    }
  }
}

KnownErrors::Known KnownErrors::learn(store::Database& database, const Key& key) {
  Known known;
  known.record = {{"dataset", key.first}, {"suites", key.second}};
  analysis::Selection selection;
  selection.dataset = key.first;
  selection.proxy = key.second;
  try {
    const analysis::Selected selected = analysis::select(database, selection);
    if (selected.counts.empty()) {
      known.record["unknown"] = selected.left_out.empty() ? "no sample is judged by these suites"
                                                          : selected.left_out.front();
      return known;
    }
    known.record["gold"] = selected.suites.front().gold;
    known.record["models"] = selected.counts.size();
    known.record.update(rates_of(together(selected.counts)));
    json by_model = json::object();
    for (const stats::ModelCounts& counts : selected.counts)
      by_model[counts.model] = rates_of(counts);
    known.record["by_model"] = std::move(by_model);
    for (std::size_t m = 0; m < selected.models.size(); ++m) {
      store::for_each_program(database, selected.models[m], {},
                              [&](const store::JudgedProgram& program) {
                                if (right_if_accepted(program, selected.suites[m]) == false)
                                  known.wrong[program.task_id] += program.samples;
                              });
    }
  } catch (
      const Error& error) {  // a suite that no run has judged by, a dataset that it does not hold
    known.record["unknown"] = error.what();
  }
  return known;
}

json KnownErrors::all() const {
  json records = json::array();
  for (const auto& [key, known] : known_) records.push_back(known.record);
  return records;
}

std::vector<std::string> KnownErrors::sentences() const {
  std::vector<std::string> out;
  for (const auto& [key, known] : known_) {
    const json& record = known.record;
    if (!record.contains("fdr") || record["fdr"].is_null()) continue;
    const json& interval = record["fdr_interval"];
    const std::string between =
        interval.is_null() ? "too few problems for an interval"
                           : fmt::format("{:.1f} to {:.1f}%", 100 * interval[0].get<double>(),
                                         100 * interval[1].get<double>());
    out.push_back(fmt::format("{} by {}: {:.1f}% of {} stored passes are wrong ({})", key.first,
                              fmt::join(key.second, "+"), 100 * record["fdr"].get<double>(),
                              record["tp"].get<std::int64_t>() + record["fp"].get<std::int64_t>(),
                              between));
  }
  return out;
}

KnownErrors::Key KnownErrors::key_of(const Target& target, const std::vector<std::size_t>& suites) {
  Key key{target.dataset, {}};
  for (const std::size_t suite : suites) key.second.push_back(target.suites[suite]->name);
  return key;
}

const KnownErrors::Known* KnownErrors::find(const Target& target,
                                            const std::vector<std::size_t>& suites) const {
  const auto at = known_.find(key_of(target, suites));
  return at == known_.end() ? nullptr : &at->second;
}

json KnownErrors::of(const Target& target, const std::vector<std::size_t>& suites) const {
  const Known* known = find(target, suites);
  return known ? known->record : json(nullptr);
}

std::int64_t KnownErrors::wrong_passes(const Target& target,
                                       const std::vector<std::size_t>& suites) const {
  const Known* known = find(target, suites);
  if (!known) return 0;
  const auto at = known->wrong.find(target.problem->task_id);
  return at == known->wrong.end() ? 0 : at->second;
}

}  // namespace assay::service
