#include "harness/cli/probe_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "datasets/probe_suite.h"
#include "datasets/rules/rule.h"
#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/base/value/json_value.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"

namespace assay::cli {

using nlohmann::json;
using probe::Cluster;
using probe::Result;
using probe::Stretch;
using probe::Witness;

static constexpr std::size_t kTextMax = 48;  ///< of an input or an answer in the table

// ---- results, kept and told

namespace {
struct Count {
  const char* name;
  std::int64_t Result::*member;
};
constexpr Count kCounts[] = {{"tried", &Result::tried},
                             {"refused", &Result::refused},
                             {"contract_ends", &Result::contract_ends},
                             {"raised", &Result::raised},
                             {"slow", &Result::slow},
                             {"unstable", &Result::unstable},
                             {"allowed", &Result::allowed},
                             {"programs", &Result::programs},
                             {"limited", &Result::limited},
                             {"flaky", &Result::flaky},
                             {"lost", &Result::lost}};
}  // namespace

static json witness_json(const Witness& witness) {
  return {{"index", witness.input},
          {"input", witness.arguments},
          {"reference_answer", witness.expected},
          {"answer", witness.actual},
          {"error", witness.error},
          {"call", witness.json},
          {"programs", witness.same},
          {"models", witness.same_models},
          {"reference_programs", witness.reference}};
}

/// What is kept comes from anywhere: a number that is none, or is below zero, is refused.
static std::int64_t count_of(const json& one) {
  static constexpr std::int64_t kMost = std::int64_t{1} << 53;
  const std::int64_t count = one.is_number_integer() ? one.get<std::int64_t>() : -1;
  if (count < 0 || count > kMost) throw Error("");
  return count;
}
static std::size_t index_of(const json& one) { return static_cast<std::size_t>(count_of(one)); }

static Witness witness_of(const json& one) {
  return {index_of(one.at("index")),
          one.at("input"),
          one.at("reference_answer"),
          one.at("answer"),
          one.at("error"),
          one.at("call"),
          count_of(one.at("programs")),
          count_of(one.at("models")),
          count_of(one.at("reference_programs"))};
}

/// Whether its parts are of one piece, so that no count and no share made of them is absurd.
static bool holds_together(const Result& result) {
  const auto allowed = static_cast<std::size_t>(result.allowed);
  if (result.tried !=
      result.refused + result.raised + result.slow + result.unstable + result.allowed)
    return false;
  if (static_cast<std::int64_t>(result.finds.size()) + result.limited + result.flaky >
      result.programs)
    return false;
  std::map<std::int64_t, std::size_t> found;  // cluster, by program
  for (const probe::Find& find : result.finds)
    if (find.first >= allowed || !found.try_emplace(find.program, find.cluster).second)
      return false;
  for (std::size_t i = 0; i < result.clusters.size(); ++i) {
    const Cluster& cluster = result.clusters[i];
    if (cluster.programs.empty() || cluster.witnesses.empty()) return false;
    for (const std::int64_t program : cluster.programs) {
      const auto its = found.find(program);
      if (its == found.end() || its->second != i) return false;
      found.erase(its);
    }
    for (const Witness& witness : cluster.witnesses)
      if (witness.input >= allowed) return false;
  }
  return found.empty();  // each find is in its cluster, once
}

json result_json(const Result& result) {
  json finds = json::array(), clusters = json::array();
  for (const probe::Find& find : result.finds)
    finds.push_back({{"program", find.program}, {"first", find.first}, {"cluster", find.cluster}});
  for (const Cluster& cluster : result.clusters) {
    json witnesses = json::array();
    for (const Witness& witness : cluster.witnesses) witnesses.push_back(witness_json(witness));
    clusters.push_back(
        {{"programs", cluster.programs}, {"disputed", cluster.disputed}, {"witnesses", witnesses}});
  }
  json out = {{"task_id", result.task_id},
              {"trouble", result.trouble.empty() ? json() : json(result.trouble)},
              {"by_contract", result.by_contract},
              {"finds", finds},
              {"clusters", clusters}};
  for (const Count& count : kCounts) out[count.name] = result.*count.member;
  return out;
}

Error not_kept_by_probe() {
  return Error("it holds no result that assay probe kept; remove it, or give -o another name");
}

Result result_of(const json& kept) {
  try {
    Result result;
    result.task_id = kept.at("task_id");
    if (!kept.at("trouble").is_null()) result.trouble = kept.at("trouble");
    result.by_contract = kept.at("by_contract");
    for (const Count& count : kCounts) result.*count.member = count_of(kept.at(count.name));
    for (const json& one : kept.at("clusters")) {
      Cluster& cluster = result.clusters.emplace_back();
      cluster.programs = one.at("programs").get<std::vector<std::int64_t>>();
      cluster.disputed = one.at("disputed");
      for (const json& witness : one.at("witnesses"))
        cluster.witnesses.push_back(witness_of(witness));
    }
    for (const json& one : kept.at("finds"))
      result.finds.push_back(
          {one.at("program"), index_of(one.at("first")), index_of(one.at("cluster"))});
    if (!holds_together(result)) throw Error("");
    return result;
  } catch (const std::exception&) {
    throw not_kept_by_probe();
  }
}

static json stretch_json(const Stretch& stretch) {
  return {{"from", stretch.from},
          {"to", stretch.to},
          {"inputs", stretch.inputs},
          {"finds", stretch.finds},
          {"per_thousand", to_json(stretch.per_thousand.value)},
          {"per_thousand_interval", to_json(stretch.per_thousand.interval)}};
}

static json totals_json(const probe::Totals& totals) {
  json along = json::array(), rises = json::array();
  for (const Stretch& stretch : totals.along) along.push_back(stretch_json(stretch));
  for (const probe::Rise& rise : totals.rises)
    rises.push_back({{"model", rise.model.empty() ? json() : json(rise.model)},
                     {"accepted", rise.accepted},
                     {"wrong", rise.wrong},
                     {"newly_wrong", rise.newly},
                     {"fdr", to_json(rise.before.value)},
                     {"fdr_interval", to_json(rise.before.interval)},
                     {"fdr_with_finds", to_json(rise.after.value)},
                     {"fdr_with_finds_interval", to_json(rise.after.interval)},
                     {"rise", to_json(rise.rise.value)},
                     {"rise_interval", to_json(rise.rise.interval)}});
  return {{"problems", totals.problems},
          {"inputs", totals.inputs},
          {"programs", totals.programs},
          {"found", totals.found},
          {"disputed", totals.disputed},
          {"share", to_json(totals.share.value)},
          {"share_interval", to_json(totals.share.interval)},
          {"finds", stretch_json(totals.all)},
          {"along", along},
          {"fdr", rises}};
}

json probed_json(const Probed& probed) {
  json problems = json::array();
  for (const Result& result : probed.results) {
    json one = result_json(result);
    for (json& cluster : one["clusters"]) {
      const auto text = probed.texts.find(cluster["programs"].front());
      cluster["program"] = text == probed.texts.end() ? json() : json(text->second);
    }
    problems.push_back(std::move(one));
  }
  return {{"dataset", probed.dataset},
          {"problems", problems},
          {"not_reached", probed.not_reached},
          {"totals", totals_json(probed.totals)}};
}

// ---- text

namespace {
/// A cluster and the problem it is of.
struct Row {
  const Result* result;
  const Cluster* cluster;
};
}  // namespace

/// Those that are disputed or not, most programs first.
static std::vector<Row> rows_of(const Probed& probed, bool disputed) {
  std::vector<Row> rows;
  for (const Result& result : probed.results)
    for (const Cluster& cluster : result.clusters)
      if (cluster.disputed == disputed) rows.push_back({&result, &cluster});
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.cluster->programs.size() > b.cluster->programs.size();
  });
  return rows;
}

static std::string clusters_text(const std::vector<Row>& rows, std::size_t top) {
  Table table({"problem", "programs", "input", "reference", "they answer", "so do", "as reference",
               "allowed by"});
  for (const std::size_t left : {2, 3, 4, 7}) table.left_align(left);
  for (std::size_t i = 0; i < std::min(top, rows.size()); ++i) {
    const auto& [result, cluster] = rows[i];
    const Witness& first = cluster->witnesses.front();
    table.add({result->task_id, std::to_string(cluster->programs.size()),
               cut(first.arguments, kTextMax), cut(first.expected, kTextMax),
               cut(first.error ? "raise " + first.actual : first.actual, kTextMax),
               fmt::format("{} ({})", first.same, first.same_models),
               std::to_string(first.reference), result->by_contract ? "contract" : "reference"});
  }
  std::string text = table.text();
  if (rows.size() > top)
    text += fmt::format("... and {} more (--top, --json)\n", rows.size() - top);
  return text;
}

static std::string totals_text(const Probed& probed) {
  const probe::Totals& totals = probed.totals;
  std::int64_t tried = 0, refused = 0, raised = 0, slow = 0, unstable = 0, limited = 0, flaky = 0,
               lost = 0;
  for (const Result& one : probed.results) {
    if (!one.trouble.empty()) continue;  // in none of the totals
    tried += one.tried, refused += one.refused, raised += one.raised, slow += one.slow;
    unstable += one.unstable, limited += one.limited, flaky += one.flaky, lost += one.lost;
  }
  std::string text = fmt::format(
      "{}: {} problems probed{}; {} new inputs tried, {} allowed ({} refused by a contract; the reference raises on {}, "
      "is slow or long on {}, unstable on {}).\n"
      "{} programs pass gold; {} are wrong on a new input, a share of {}; {} more are disputed.\n",
      probed.dataset, totals.problems,
      probed.not_reached > 0 ? fmt::format(" ({} not reached)", probed.not_reached) : "", tried,
      totals.inputs, refused, raised, slow, unstable, totals.programs, totals.found,
      with_interval(totals.share), totals.disputed);
  if (limited + flaky + lost > 0)
    text += fmt::format(
        "Not counted: {} ended by a limit (time, memory, a crash), {} wrong only behind other inputs, {} not judged.\n",
        limited, flaky, lost);
  if (!totals.rises.empty()) {
    const probe::Rise& all = totals.rises.front();
    text +=
        fmt::format("fdr of all models: {} before, {} with the finds; it rises by {}.\n",
                    with_interval(all.before), with_interval(all.after), with_interval(all.rise));
  }
  text += fmt::format("New finds per thousand inputs: {} overall",
                      with_interval(totals.all.per_thousand));
  for (const Stretch& one : totals.along)
    text += fmt::format(", {} in inputs {} to {}", number(one.per_thousand.value), one.from + 1,
                        one.to);
  return text + " of each problem.\n";
}

/// Where a contract allowed no more inputs to be tried.
static std::string contracts_text(const Probed& probed) {
  std::string text;
  for (const Result& one : probed.results)
    if (one.trouble.empty() && one.contract_ends >= static_cast<std::int64_t>(probe::kEndsMax))
      text += fmt::format(
          "{}: its contract ended its process {} times (time, memory, a crash), so that only {} inputs "
          "were tried\n",
          one.task_id, one.contract_ends, one.tried);
  return text;
}

/// Why problems were not probed, with how many.
static std::string troubles_text(const Probed& probed) {
  std::map<std::string, std::vector<std::string>> by_trouble;
  for (const Result& result : probed.results)
    if (!result.trouble.empty()) by_trouble[result.trouble].push_back(result.task_id);
  std::string text;
  for (auto& [trouble, tasks] : by_trouble) {
    const std::size_t all = tasks.size();
    tasks.resize(std::min<std::size_t>(all, 3));
    text += fmt::format("Not probed: {}{}: {}\n", fmt::join(tasks, ", "),
                        all > 3 ? fmt::format(" and {} more", all - 3) : "", trouble);
  }
  return text;
}

std::string probed_text(const Probed& probed, std::size_t top) {
  const std::vector<Row> found = rows_of(probed, false), disputed = rows_of(probed, true);
  std::string text;
  if (!found.empty())
    text += fmt::format(
        "Accepted programs that are wrong on a new input, a line for each way to be wrong\n{}\n",
        clusters_text(found, top));
  if (!disputed.empty())
    text += fmt::format(
        "Disputed: none gives the reference's answer, or more programs agree on another one: it may be wrong\n{}\n",
        clusters_text(disputed, top));
  if (!found.empty() || !disputed.empty())
    text +=
        "programs: distinct texts. so do: programs (models) of the problem that give this answer. as reference: those "
        "that give\nthe reference's. allowed by: the benchmark's contract holds, or there is none and the reference "
        "answers.\n\n";
  return text + totals_text(probed) + contracts_text(probed) + troubles_text(probed);
}

// ---- the benchmark with its new tests

static std::string calls_json(const datasets::DifferentialSuite& calls,
                              const std::vector<std::string>& more) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < calls.inputs.size(); ++i) {
    Value arguments;
    ASSAY_INVARIANT(decode_whole(calls.inputs[i], arguments));
    arguments.kind = Kind::list;
    const std::string_view raises = calls.raises_at(i);
    all.push_back(raises.empty() ? to_json(arguments)
                                 : fmt::format("{{\"args\":{},\"raises\":\"{}\"}}",
                                               to_json(arguments), raises));
  }
  all.insert(all.end(), more.begin(), more.end());
  return fmt::format("[{}]", fmt::join(all, ","));
}

static json head_of(const datasets::Problem& problem, const std::string& contract) {
  json out = {{"task_id", problem.task_id},
              {"prompt", problem.prompt},
              {"entry_point", problem.entry_point},
              {"reference", problem.reference}};
  if (!contract.empty()) out["contract"] = contract;
  if (problem.atol > 0) out["atol"] = problem.atol;
  if (problem.rule != datasets::Rule::equal) out["comparison"] = datasets::name_of(problem.rule);
  const datasets::Calling& calling = problem.calling;
  if (calling.operations) out["operations"] = true;
  if (calling.printed || calling.arguments) {
    out["compared"] = json::array();
    if (calling.result) out["compared"].push_back("result");
    if (calling.printed) out["compared"].push_back("stdout");
    if (calling.arguments) out["compared"].push_back("arguments");
  }
  return out;
}

/// The calls of its clusters that are not disputed, each once.
static std::vector<std::string> new_calls(const Result& result) {
  std::vector<std::string> out;
  for (const Cluster& cluster : result.clusters) {
    const std::string& call = cluster.witnesses.front().json;
    if (!cluster.disputed && !call.empty() && std::find(out.begin(), out.end(), call) == out.end())
      out.push_back(call);
  }
  return out;
}

std::string benchmark_with_probe(const datasets::Dataset& dataset,
                                 const std::map<std::string, std::string>& contracts,
                                 const std::vector<Result>& results) {
  static const std::string kSuite = datasets::kProbeSuite;
  std::string out =
      json_text({{"dataset", dataset.name}, {"version", dataset.version}, {"note", dataset.note}}) +
      "\n";
  bool any_new = false;
  for (const datasets::Problem& problem : dataset.problems) {
    const auto result = std::find_if(results.begin(), results.end(), [&](const Result& one) {
      return one.task_id == problem.task_id;
    });
    std::vector<std::string> more;
    if (result != results.end() && result->trouble.empty()) more = new_calls(*result);
    any_new |= !more.empty();
    std::string top;
    std::vector<std::string> named;
    for (const datasets::Suite& suite : problem.suites) {
      const auto* calls = std::get_if<datasets::DifferentialSuite>(&suite.tests);
      if (!calls) continue;
      if (suite.name == kSuite) continue;
      const std::string own = fmt::format("\"{}\":{}", suite.name, calls_json(*calls, {}));
      if (suite.name == "base" || suite.name == "plus")
        top += "," + own;
      else
        named.push_back(own);
    }
    // An empty suite would be one that every program passes: where nothing was found there is none.
    const auto* before = datasets::differential(problem, kSuite);
    if ((before && !before->inputs.empty()) || !more.empty())
      named.insert(named.begin(),
                   fmt::format("\"{}\":{}", kSuite,
                               calls_json(before ? *before : datasets::DifferentialSuite{}, more)));
    if (top.empty() && named.empty()) continue;
    const auto contract = contracts.find(problem.task_id);
    std::string row =
        json_text(head_of(problem, contract == contracts.end() ? "" : contract->second));
    row.pop_back();
    if (!named.empty()) top += fmt::format(",\"suites\":{{{}}}", fmt::join(named, ", "));
    out += fmt::format("{}{}}}\n", row, top);
  }
  return any_new ? out : "";
}

}  // namespace assay::cli
