#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/analysis/fitted.h"
#include "harness/analysis/selection.h"
#include "harness/analysis/simulations.h"
#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/json_output.h"
#include "harness/cli/output.h"
#include "harness/cli/rates_output.h"
#include "harness/cli/terminal.h"
#include "harness/stats/type_mixture.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;
using simulator::Rule;
using simulator::RuleWorth;
using simulator::Simulation;

namespace {

struct Options {
  analysis::Selection selection;
  std::vector<std::string> rules, types;
  std::vector<double> lambdas = {0, 1, 2, 4, 8}, kappas = {0};
  std::optional<int> k_max;
  std::string from = "verdicts", agree = "tests";
  double soundness = 1, completeness = 1;
  simulator::SimulateOptions simulate;
};

json estimate(const stats::Estimate& e, const char* value, const char* interval) {
  return {{value, to_json(e.value)}, {interval, to_json(e.interval)}};
}

json worth_json(const RuleWorth& w) {
  json out = {{"rule", simulator::name_of(w.rule)},
              {"k", to_json(w.k)},
              {"k_interval", to_json(w.k_interval)},
              {"at_least", w.at_least},
              {"tp", to_json(w.tp)},
              {"fp", to_json(w.fp)},
              {"draws", to_json(w.draws)},
              {"simulation_error", w.worth.value ? json(w.simulation_error) : json(nullptr)},
              {"stopped_by_k_max", to_json(w.stopped_by_k_max)},
              {"reason", w.reason.empty() ? json(nullptr) : json(w.reason)}};
  out.update(estimate(w.worth, "worth", "interval"));
  out.update(estimate(w.gain, "gain", "gain_interval"));
  return out;
}

json curve_json(const simulator::RuleMeans& m) {
  return {{"rule", simulator::name_of(m.rule)},
          {"exact", m.exact},
          {"tp", m.curve.tp},
          {"fp", m.curve.fp},
          {"draws", m.curve.draws}};
}

json path_json(const simulator::KappaPath& path) {
  json steps = json::array();
  for (const stats::PathStep& s : path.steps)
    steps.push_back(
        {{"k", s.k}, {"lambda_from", s.lambda_from}, {"lambda_to", to_json(s.lambda_to)}});
  return {{"kappa", path.kappa}, {"steps", steps}};
}

json row_json(const Simulation& s) {
  json curves = json::array(), worth = json::array(), path = json::array();
  for (const simulator::RuleMeans& m : s.curves) curves.push_back(curve_json(m));
  for (const simulator::KappaPath& p : s.path) path.push_back(path_json(p));
  for (const simulator::CostsWorth& c : s.worth) {
    json rules = json::array();
    for (const RuleWorth& w : c.rules) rules.push_back(worth_json(w));
    worth.push_back({{"lambda", c.costs.lambda},
                     {"kappa", c.costs.kappa},
                     {"best_fixed", worth_json(c.best_fixed)},
                     {"rules", rules}});
  }
  return {{"dataset", s.dataset},   {"model", s.model}, {"proxy", s.proxy}, {"gold", s.gold},
          {"problems", s.problems}, {"k", s.k},         {"curves", curves}, {"worth", worth},
          {"path", path},           {"notes", s.notes}};
}

std::string k_text(const RuleWorth& w) {
  if (w.k) return fmt::format("{}{}", w.at_least ? ">= " : "", *w.k);
  return w.worth.value ? "each its own" : "–";
}

/// The hull over lambda in words: which K is best from where to where.
std::string path_text(const Simulation& s) {
  std::string out;
  for (const simulator::KappaPath& path : s.path) {
    std::vector<std::string> steps;
    for (const stats::PathStep& step : path.steps)
      steps.push_back(step.lambda_to ? fmt::format("{} below {:.3g}", step.k, *step.lambda_to)
                                     : fmt::format("{} beyond", step.k));
    constexpr std::size_t kStepsShown = 6;
    if (steps.size() > kStepsShown) {
      const auto half = static_cast<std::ptrdiff_t>(kStepsShown / 2);
      steps.erase(steps.begin() + half, steps.end() - half);
      steps.insert(steps.begin() + half, "...");
    }
    out += fmt::format("{}, kappa {}: best fixed K by lambda: {}\n", visible_line(s.model),
                       path.kappa, fmt::join(steps, ", "));
  }
  return out;
}

std::string text_of(const std::vector<Simulation>& all) {
  Table table({"dataset", "model", "lambda", "kappa", "rule", "K", "worth", "over best fixed K",
               "right", "wrong", "draws"});
  table.left_align(1), table.left_align(4);
  std::set<std::string> notes;
  std::string paths;
  for (const Simulation& s : all) {
    for (const simulator::CostsWorth& c : s.worth)
      for (const RuleWorth& w : c.rules) {
        table.add({s.dataset, s.model, fmt::format("{}", c.costs.lambda),
                   fmt::format("{}", c.costs.kappa), simulator::name_of(w.rule), k_text(w),
                   with_interval(w.worth), w.rule == Rule::first ? "" : with_interval(w.gain),
                   number(w.tp), number(w.fp), number(w.draws)});
        if (!w.reason.empty()) notes.insert(s.model + ": " + w.reason);
      }
    notes.insert(s.notes.begin(), s.notes.end());
    paths += path_text(s);
  }
  return table.text() + "\n" + paths +
         "\nWorth: right - lambda wrong - kappa draws, the mean over problems, at the K that is best "
         "for the rule; >= means that it\nrose up to the last K. The best fixed K is that of "
         "`first`. 95% intervals; in each replicate every K is sought anew.\n" +
         notes_text(notes);
}

std::vector<Rule> rules_of(const Options& options) {
  if (options.rules.empty()) return {Rule::first, Rule::best_of, Rule::majority, Rule::rational};
  std::vector<Rule> out;
  for (const std::string& name : options.rules) {
    const std::optional<Rule> rule = simulator::rule_named(name);
    ASSAY_INVARIANT(rule);  // the command line admits no other
    if (std::find(out.begin(), out.end(), *rule) == out.end()) out.push_back(*rule);
  }
  return out;
}

/// The fit beside the database, where a rule or the source needs one; or the reason why not.
void find_fit(store::Database& database, const Common& common, const Options& options,
              analysis::SimulationOptions& out) {
  const std::vector<Rule>& rules = out.simulate.rules;
  const bool rational = std::find(rules.begin(), rules.end(), Rule::rational) != rules.end();
  if (!out.on_fit && !rational) return;
  if (!analysis::has_fit(common.db)) {
    out.fit_missing = analysis::unread_fit(common.db);
    if (out.fit_missing.empty())
      out.fit_missing = "there is no fit beside the database; run `assay fit`";
    if (out.on_fit || !options.rules.empty()) throw Error(out.fit_missing);
    return;
  }
  out.fit = analysis::known_fit(database, options.selection);
}

int simulate(const Common& common, const Options& options) {
  ProgressBar progress(common.quiet);
  analysis::SimulationOptions wanted;
  wanted.simulate = options.simulate;
  wanted.simulate.rules = rules_of(options);
  wanted.simulate.bootstrap.seed = options.simulate.seed;
  for (const double kappa : options.kappas)
    for (const double lambda : options.lambdas) wanted.simulate.costs.push_back({lambda, kappa});
  wanted.k_max = options.k_max, wanted.on_fit = options.from == "fit";
  if (options.agree == "program") wanted.agreement = analysis::Agreement::program;
  wanted.progress = [&](const char* what, std::int64_t done, std::int64_t total) {
    progress.show(what, done, total);
  };
  const auto database = store::open_to_read(common.db);
  const analysis::Selected selected = analysis::select(*database, options.selection);
  find_fit(*database, common, options, wanted);
  const std::vector<Simulation> all =
      analysis::simulations(*database, selected.models, selected.counts, wanted);
  progress.clear();
  if (common.json) {
    json rows = json::array();
    for (const Simulation& s : all) rows.push_back(row_json(s));
    print_json(json{{"from", options.from},
                    {"trajectories", options.simulate.trajectories},
                    {"seed", options.simulate.seed},
                    {"rows", rows}});
  } else if (all.empty()) {
    for (const std::string& line : nothing_rated(common.db, selected)) remark(common.quiet, line);
    return 0;
  } else {
    print_text(text_of(all));
  }
  for (const std::string& sentence : selected.left_out)
    remark(common.quiet, "left out: " + sentence);
  return 0;
}

/// "0.56:0.8738": share of the problems and the chance that a sample solves one of them.
stats::ProblemType type_named(const std::string& text) {
  stats::ProblemType out;
  const std::size_t colon = text.find(':');
  try {
    std::size_t share_end = 0, rate_end = 0;
    const std::string rate = colon == std::string::npos ? "" : text.substr(colon + 1);
    out = {std::stod(text, &share_end), std::stod(rate, &rate_end)};
    if (share_end == colon && rate_end == rate.size()) return out;
  } catch (const std::exception&) {
  }
  throw Error(fmt::format("--types {}: write SHARE:RATE, such as 0.56:0.87", text),
              ExitCode::usage);
}

int known_types(const Common& common, const Options& options) {
  stats::TypeMixture mixture{{}, options.soundness, options.completeness};
  double shares = 0;
  for (const std::string& text : options.types)
    shares += mixture.types.emplace_back(type_named(text)).share;
  if (shares > 1 + 1e-9)
    throw Error(fmt::format("--types: the shares add up to {}; at most 1 is all problems", shares),
                ExitCode::usage);
  json rows = json::array();
  Table table({"lambda", "best K", "worth"});
  for (const double lambda : options.lambdas) {
    const std::optional<int> k = stats::optimal_k(mixture, lambda);
    const double worth = stats::expected_value(mixture, lambda, k ? *k : INFINITY);
    rows.push_back(
        {{"lambda", lambda}, {"k", to_json(k)}, {"infinite", !k.has_value()}, {"worth", worth}});
    table.add({fmt::format("{}", lambda), k ? std::to_string(*k) : "infinite", number(worth)});
  }
  if (common.json) {
    json types = json::array();
    for (const stats::ProblemType& t : mixture.types)
      types.push_back({{"share", t.share}, {"solve_rate", t.solve_rate}});
    print_json(json{{"types", types},
                    {"soundness", mixture.soundness},
                    {"completeness", mixture.completeness},
                    {"rows", rows}});
    return 0;
  }
  print_text(table.text());
  return 0;
}

constexpr const char* kFooter =
    "Rules: first draws until a sample is accepted, at most K times. best-of draws K and submits "
    "the one that passes most of the proxy's tests. majority draws K and submits the accepted one "
    "whose behaviour most accepted ones share. rational draws until no further draw is worth its "
    "price under what the fit says of a problem before this model has tried it.\n"
    "JSON: {\"from\",\"trajectories\",\"seed\",\"rows\":[{\"dataset\",\"model\",\"proxy\",\"gold\","
    "\"problems\",\"k\":[...],\"curves\":[{\"rule\",\"exact\",\"tp\":[...],\"fp\":[...],"
    "\"draws\":[...]}],\"worth\":[{\"lambda\",\"kappa\",\"best_fixed\":RULE,\"rules\":[RULE...]}],"
    "\"path\":[{\"kappa\",\"steps\":[{\"k\",\"lambda_from\",\"lambda_to\"}]}],\"notes\":[...]}]}, "
    "where RULE is {\"rule\",\"k\",\"k_interval\",\"at_least\",\"worth\",\"interval\",\"gain\","
    "\"gain_interval\",\"tp\",\"fp\",\"draws\",\"simulation_error\",\"stopped_by_k_max\","
    "\"reason\"}; what is undefined is null. With --types: {\"types\",\"soundness\","
    "\"completeness\",\"rows\":[{\"lambda\",\"k\",\"infinite\",\"worth\"}]}.\n"
    "Example: assay fit && assay simulate --rule first --rule rational --kappa 0.001,0.01\n"
    "Example: assay simulate --types 0.56:0.8738 --types 0.44:0.1382 --soundness 0.7516 --lambda 1";

}  // namespace

Act add_simulate(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  add_selection(command, options->selection);
  command.add_option("--rule", options->rules, "first, best-of, majority, rational (default: all)")
      ->check(CLI::IsMember({"first", "best-of", "majority", "rational"}))
      ->delimiter(',');
  command.add_option("--lambda", options->lambdas, "Cost of a wrong program (a right one: 1)")
      ->delimiter(',')
      ->capture_default_str();
  command.add_option("--kappa", options->kappas, "Cost of one sample")
      ->delimiter(',')
      ->capture_default_str();
  command.add_option("--k-max", options->k_max,
                     "Largest K (default: the smallest n, at most 1000; on a fit 200)");
  command
      .add_option("--from", options->from,
                  "verdicts: all orders of the real samples; fit: posterior draws, for any K")
      ->check(CLI::IsMember({"verdicts", "fit"}))
      ->capture_default_str();
  command
      .add_option("--agree", options->agree,
                  "Which wrong programs behave alike in majority: those that fail the same tests "
                  "and answer the first of them alike, or only the same program")
      ->check(CLI::IsMember({"tests", "program"}))
      ->capture_default_str();
  command
      .add_option("--wrong-ways", options->simulate.wrong_ways,
                  "In how many ways programs that are not known can be wrong (1: all wrong ones "
                  "agree, the worst case for majority)")
      ->capture_default_str();
  command
      .add_option("--trajectories", options->simulate.trajectories,
                  "Orders per problem for majority, which has no closed form")
      ->capture_default_str();
  command.add_option("--types", options->types,
                     "No database: problems of known types, each SHARE:RATE (share of the "
                     "problems, chance to solve one); what K is best");
  command
      .add_option("--soundness", options->soundness,
                  "With --types: chance that a wrong program is rejected")
      ->capture_default_str();
  command
      .add_option("--completeness", options->completeness,
                  "With --types: chance that a right program is accepted")
      ->capture_default_str();
  command.add_option("--seed", options->simulate.seed, "Seed of orders and bootstrap")
      ->capture_default_str();
  command
      .add_option("--replicates", options->simulate.bootstrap.replicates, "Bootstrap replicates")
      ->capture_default_str();
  command.footer(kFooter);
  return [&common, options] {
    return options->types.empty() ? simulate(common, *options) : known_types(common, *options);
  };
}

}  // namespace assay::cli
