#include "harness/cli/limits_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/simulator/fit.h"
#include "harness/stats/rates.h"

namespace assay::cli {

using nlohmann::json;

namespace {

json values(const std::vector<std::optional<double>>& xs) {
  json out = json::array();
  for (const auto& x : xs) out.push_back(to_json(x));
  return out;
}
json band(const stats::Band& b) {
  return b.lo.empty() ? json(nullptr) : json{{"lo", values(b.lo)}, {"hi", values(b.hi)}};
}
json estimate(const stats::Estimate& e) {
  return {{"value", to_json(e.value)}, {"interval", to_json(e.interval)}};
}

json utility(const stats::UtilityCurve& u) {
  return {{"lambda", u.costs.lambda},
          {"kappa", u.costs.kappa},
          {"value", u.value},
          {"value_band", band(u.band)},
          {"k_opt", to_json(u.k_opt)},
          {"k_opt_interval", to_json(u.k_interval)},
          {"utility_opt", u.utility_opt},
          {"worth", estimate(u.worth)},
          {"censored", u.censored},
          {"infinite", u.infinite},
          {"probability_censored", u.probability_censored},
          {"probability_infinite", u.probability_infinite},
          {"band", json::array({u.regret_lo, to_json(u.regret_hi)})}};
}

json utilities(const std::vector<stats::UtilityCurve>& all) {
  json out = json::array();
  for (const stats::UtilityCurve& u : all) out.push_back(utility(u));
  return out;
}

json matches(const std::vector<stats::Match>& all) {
  json out = json::array();
  for (const stats::Match& m : all)
    out.push_back({{"strong", m.strong},
                   {"k", to_json(m.k)},
                   {"problems", m.problems},
                   {"target", m.target},
                   {"infinite", m.infinite},
                   {"probability", to_json(m.probability)}});
  return out;
}

json fitted(const std::optional<simulator::FittedLimits>& f) {
  if (!f) return nullptr;
  return {{"method", f->method},
          {"k", f->k},
          {"identified", to_json(f->identified)},
          {"accepted", f->mean.accepted},
          {"tp", f->mean.tp},
          {"fp", f->mean.fp},
          {"draws", f->mean.draws},
          {"bands",
           {{"accepted", band(f->accepted)},
            {"tp", band(f->tp)},
            {"fp", band(f->fp)},
            {"draws", band(f->draws)}}},
          {"ceiling", estimate(f->ceiling)},
          {"utility", utilities(f->utility)},
          {"k_match", matches(f->k_match)},
          {"notes", f->notes}};
}

json suite_size(const std::optional<stats::SuiteSize>& s) {
  if (!s) return nullptr;
  json out = {{"tests", s->tests}, {"k", s->k}};
  const auto add = [&](const char* name, const std::vector<stats::Estimate>& all) {
    json list = json::array();
    for (const stats::Estimate& e : all) list.push_back(estimate(e));
    out[name] = list;
  };
  add("acceptance", s->acceptance), add("fdr", s->fdr), add("fpr", s->fpr);
  add("fp_mass", s->fp_mass), add("fnr", s->fnr), add("tp_at_k", s->tp_at_k);
  return out;
}

json row(const analysis::ModelLimits& r) {
  const bool fp_shows = !stats::fp_impossible(r.proxy, r.gold);
  return {{"dataset", r.dataset},
          {"model", r.model},
          {"proxy", r.proxy},
          {"gold", r.gold},
          {"problems", r.problems},
          {"n_min", r.n_min},
          {"k", r.k},
          {"accepted", r.mean.accepted},
          {"tp", r.mean.tp},
          {"fp", fp_shows ? json(r.mean.fp) : json(nullptr)},
          {"draws", r.mean.draws},
          {"bands",
           {{"accepted", band(r.accepted)},
            {"tp", band(r.tp)},
            {"fp", fp_shows ? band(r.fp) : json(nullptr)},
            {"draws", band(r.draws)},
            {"fdr_by_attempt", band(r.fdr)},
            {"cumulative_precision", band(r.precision)}}},
          {"fdr_by_attempt", values(r.fdr_by_attempt)},
          {"fdr_by_attempt_paper", values(r.fdr_by_attempt_paper)},
          {"cumulative_precision", values(r.cumulative_precision)},
          {"selection_loss", r.selection_loss},
          {"suite_size", suite_size(r.suite_size)},
          {"suite_size_missing",
           r.suite_size_missing.empty() ? json(nullptr) : json(r.suite_size_missing)},
          {"utility", utilities(r.utility)},
          {"fitted", fitted(r.fitted)},
          {"k_match", matches(r.k_match)},
          {"notes", r.notes}};
}

json line(const stats::LineEstimate& l) {
  return {{"slope", to_json(l.slope.value)},
          {"intercept", to_json(l.intercept.value)},
          {"r", to_json(l.r.value)},
          {"r2", to_json(l.r2.value)},
          {"intervals",
           {{"slope", to_json(l.slope.interval)},
            {"intercept", to_json(l.intercept.interval)},
            {"r", to_json(l.r.interval)},
            {"r2", to_json(l.r2.interval)}}}};
}

json regression(const stats::Regression& r) {
  json out = line(r.line);
  out["dataset"] = r.dataset;
  out["models"] = r.models;
  out["split_half"] = line(r.split_half);
  out["notes"] = r.notes;
  return out;
}

std::string k_text(const stats::UtilityCurve& u, bool fitted) {
  if (u.loses()) return "do not draw";
  std::string out = fmt::format("{}{}", u.censored ? ">= " : "", *u.k_opt);
  if (u.k_interval && !fitted)
    out += fmt::format(" [{:.0f}, {:.0f}]", u.k_interval->lo, u.k_interval->hi);
  return out;
}

/// What follows a fitted K that lies where no sample tells.
std::string open_text(const simulator::FittedLimits& f, std::optional<int> k) {
  if (!f.identified || (k && *k <= *f.identified)) return "";
  return fmt::format("; not identified beyond K = {}", *f.identified);
}

/// The best K of the fitted model for the same costs, or a dash.
std::string fitted_k_text(const analysis::ModelLimits& r, std::size_t which) {
  if (!r.fitted || which >= r.fitted->utility.size()) return "–";
  const stats::UtilityCurve& u = r.fitted->utility[which];
  const std::string text = u.infinite
                               ? fmt::format("keeps rising, towards {}", number(u.utility_opt))
                               : fmt::format("{} ({})", k_text(u, true), number(u.utility_opt));
  return text + open_text(*r.fitted, u.infinite ? std::nullopt : u.k_opt);
}

/// A fitted value with its interval, or with what is left open.
std::string fitted_text(const stats::Estimate& e, bool open) {
  if (!open || !e.value || !e.interval) return with_interval(e);
  return fmt::format("{} (not identified: {} to {})", number(*e.value), number(e.interval->lo),
                     number(e.interval->hi));
}

std::string match_text(const stats::Match& m, const char* of_what) {
  const std::string k = m.infinite ? "never" : m.k ? fmt::format("K = {}", *m.k) : "beyond n";
  if (!m.probability) return k;
  return fmt::format("{}; matched in {:.0f}% of {}", k, 100 * *m.probability, of_what);
}

}  // namespace

json limits_json(const analysis::Limits& limits) {
  json rows = json::array(), regressions = json::array();
  for (const analysis::ModelLimits& r : limits.rows) rows.push_back(row(r));
  for (const stats::Regression& r : limits.regressions) regressions.push_back(regression(r));
  return {{"rows", rows},
          {"regression", regressions.size() == 1 ? regressions[0] : json(nullptr)},
          {"regressions", regressions}};
}

/// Rates against the number of tests; only for few models, or it would bury the rest.
static std::string suite_size_text(const analysis::Limits& limits) {
  constexpr std::size_t kModelsMax = 6;
  Table table({"model", "dataset", "tests", "accepted", "wrong of them", "TP at K", "K"});
  table.left_align(1);
  std::set<std::string> missing;
  for (const analysis::ModelLimits& r : limits.rows) {
    if (!r.suite_size_missing.empty())
      missing.insert(fmt::format("{}: no rates by suite size: {}", visible_line(r.model),
                                 visible_line(r.suite_size_missing)));
    if (!r.suite_size) continue;
    for (std::size_t i = 0; i < r.suite_size->tests.size(); ++i)
      table.add({r.model, r.dataset, std::to_string(r.suite_size->tests[i]),
                 with_interval(r.suite_size->acceptance[i]), with_interval(r.suite_size->fdr[i]),
                 with_interval(r.suite_size->tp_at_k[i]), std::to_string(r.suite_size->k)});
  }
  const auto computed = static_cast<std::size_t>(
      std::count_if(limits.rows.begin(), limits.rows.end(),
                    [](const analysis::ModelLimits& r) { return r.suite_size.has_value(); }));
  std::string text;
  if (computed > 0 && computed <= kModelsMax)
    text = "\n" + table.text() +
           "\nThat many tests of the suite at random, the same for all samples of a problem.\n";
  if (computed > kModelsMax) text = "\nRates by suite size: --model NAME or --json\n";
  if (missing.size() > kModelsMax)
    return text + fmt::format("\n{} models have no rates by suite size (--json)\n", missing.size());
  for (const std::string& line : missing) text += "\n" + line + "\n";
  return text;
}

/// What the fitted model expects behind the samples, up to the K asked for.
static std::string beyond_text(const analysis::Limits& limits) {
  Table table({"model", "dataset", "K", "fitted TP", "fitted FP", "fitted draws"});
  table.left_align(1);
  bool any = false;
  for (const analysis::ModelLimits& r : limits.rows) {
    if (!r.fitted || r.fitted->k.empty() || r.fitted->k.back() <= r.n_min) continue;
    const simulator::FittedLimits& f = *r.fitted;
    const auto at = [&](const std::vector<double>& mean, const stats::Band& b, std::size_t i) {
      return fitted_text({mean[i], b.at(i)}, f.identified && f.k[i] > *f.identified);
    };
    // The last K of each power of ten, and the last of all.
    for (std::size_t i = 0; i < f.k.size(); ++i) {
      const bool last = i + 1 == f.k.size();
      const bool power = !last && std::to_string(f.k[i]).size() < std::to_string(f.k[i + 1]).size();
      if (f.k[i] <= r.n_min || !(last || power)) continue;
      any = true;
      table.add({r.model, r.dataset, std::to_string(f.k[i]), at(f.mean.tp, f.tp, i),
                 at(f.mean.fp, f.fp, i), at(f.mean.draws, f.draws, i)});
    }
  }
  return any ? "\n" + table.text() : "";
}

namespace {

/// "0.123 [0.100, 0.145]" of a curve at its K-th value.
std::string at(const std::vector<double>& mean, const stats::Band& band, std::size_t k) {
  return with_interval({mean[k], band.at(k)});
}

std::string curves_text(const analysis::Limits& limits) {
  Table table({"model", "dataset", "n", "K", "TP at 1", "TP at K", "FP at K", "draws at K",
               "fitted ceiling"});
  table.left_align(1);
  for (const analysis::ModelLimits& r : limits.rows) {
    if (r.k.empty()) continue;
    const std::size_t last = r.k.size() - 1;
    table.add({r.model, r.dataset, std::to_string(r.n_min), std::to_string(last),
               at(r.mean.tp, r.tp, last > 0), at(r.mean.tp, r.tp, last),
               stats::fp_impossible(r.proxy, r.gold) ? "–" : at(r.mean.fp, r.fp, last),
               at(r.mean.draws, r.draws, last),
               r.fitted ? fitted_text(r.fitted->ceiling, r.fitted->identified.has_value()) : "–"});
  }
  return table.text();
}

std::string best_text(const analysis::Limits& limits) {
  Table table(
      {"model", "dataset", "lambda", "kappa", "best K", "worth", "within .01", "fitted best K"});
  table.left_align(1);
  for (const analysis::ModelLimits& r : limits.rows)
    for (std::size_t i = 0; i < r.utility.size(); ++i) {
      const stats::UtilityCurve& u = r.utility[i];
      table.add({r.model, r.dataset, fmt::format("{}", u.costs.lambda),
                 fmt::format("{}", u.costs.kappa), k_text(u, false), with_interval(u.worth),
                 fmt::format("{} to {}", u.regret_lo,
                             u.regret_hi ? std::to_string(*u.regret_hi) : "no end"),
                 fitted_k_text(r, i)});
    }
  return "\n" + table.text();
}

std::string match_table_text(const analysis::Limits& limits) {
  // Every pair of many models would bury the tables above; --weak, --strong and --json have them.
  constexpr std::size_t kMatchesMax = 40;
  Table table({"weak", "strong", "dataset", "exact", "fitted"});
  for (std::size_t column : {1u, 2u}) table.left_align(column);
  std::size_t matches = 0;
  for (const analysis::ModelLimits& r : limits.rows)
    for (const stats::Match& match : r.k_match) {
      const stats::Match* f = nullptr;
      if (r.fitted)
        for (const stats::Match& m : r.fitted->k_match)
          if (m.strong == match.strong) f = &m;
      ++matches;
      table.add({r.model, match.strong, r.dataset, match_text(match, "bootstrap replicates"),
                 f ? match_text(*f, "the fit's draws") + open_text(*r.fitted, f->k) : "–"});
    }
  if (matches == 0) return "";
  if (matches <= kMatchesMax) return "\n" + table.text();
  return fmt::format("\n{} pairs of a weak and a strong model: see --weak A --strong B or --json\n",
                     matches);
}

std::string regressions_text(const analysis::Limits& limits) {
  std::string text;
  for (const stats::Regression& r : limits.regressions)
    if (r.line.slope.value)
      text += fmt::format(
          "\n{}: ceiling over accuracy, {} models: slope {}, intercept {}, R2 {}; on split halves "
          "slope {}\n",
          visible_line(r.dataset), r.models.size(), with_interval(r.line.slope),
          with_interval(r.line.intercept), with_interval(r.line.r2),
          with_interval(r.split_half.slope));
  return text;
}

std::set<std::string> notes_of(const analysis::Limits& limits) {
  std::set<std::string> notes;
  for (const analysis::ModelLimits& r : limits.rows) {
    for (const std::string& note : r.notes) notes.insert(r.model + ": " + note);
    if (r.fitted)
      for (const std::string& note : r.fitted->notes)
        notes.insert(note == simulator::kOpenNote ? note : r.model + ": " + note);
  }
  return notes;
}

}  // namespace

std::string limits_text(const analysis::Limits& limits) {
  return curves_text(limits) + beyond_text(limits) + best_text(limits) + match_table_text(limits) +
         suite_size_text(limits) + regressions_text(limits) +
         "\nTP, FP: the first accepted of K samples is correct, wrong. Best K: the largest "
         "TP - lambda FP - kappa draws;\n>= means that no later K did worse, up to the last. Its worth: each "
         "problem at the K that is best for the others; where it is below 0: do not draw.\n95% intervals over problems; for the best K "
         "by bootstrap, it being sought anew in each replicate.\n" +
         notes_text(notes_of(limits));
}

}  // namespace assay::cli
