#include "harness/cli/check_dataset.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "datasets/registry.h"
#include "datasets/rows.h"
#include "harness/base/error.h"
#include "harness/base/value.h"
#include "harness/cli/terminal.h"

namespace assay::cli {

using sandbox::End;

namespace {
struct Trouble {
  std::string key, what;
};
struct Found {
  std::string place, task_id;
  Trouble trouble;
};
}  // namespace

/// Where each problem stands: "mine.jsonl:3".
static std::map<std::string, std::string> places_in(const std::string& path) {
  std::map<std::string, std::string> places;
  LineReader reader(path);
  datasets::for_each_row(reader, [&](datasets::Row&& row) {
    if (!row.has("task_id")) return;
    const Value& id = row.value("task_id");
    const std::string name =
        id.kind == Kind::integer ? fmt::format("Mbpp/{}", id.integer) : row.text("task_id");
    places.emplace(name, row.place);
  });
  return places;
}

static sandbox::Limits limits_of(double seconds) {
  sandbox::Limits limits;
  limits.load_cpu_s = limits.test_cpu_s = seconds;
  limits.suite_cpu_s = 20 * seconds;
  limits.memory_mib = 8192;
  limits.reply_mib = 1024;
  return limits;
}

static std::string text_of(const sandbox::Outcome& outcome, double seconds) {
  std::string text =
      outcome.exception_type.empty()
          ? outcome.message
          : outcome.exception_type + (outcome.message.empty() ? "" : ": " + outcome.message);
  if (outcome.end == End::timeout_cpu) text = fmt::format("over {:g} s of CPU time", seconds);
  if (outcome.end == End::timeout_wall) text = "no answer in time (sleeping or blocked)";
  if (text.empty()) text = sandbox::status_of(outcome.end);
  if (outcome.line > 0) text += fmt::format(" (line {} of the program)", outcome.line);
  return text;
}

/// What is wrong with the program itself, whatever it is asked.
static std::optional<Trouble> load_trouble(const sandbox::Outcome& outcome, double seconds) {
  const std::string text = text_of(outcome, seconds);
  if (outcome.end == End::syntax) return Trouble{"reference", "it does not compile: " + text};
  if (outcome.end == End::raised) return Trouble{"reference", "its top level raises " + text};
  if (outcome.end == End::no_entry_point)
    return Trouble{"entry_point", "the reference defines no such function"};
  return std::nullopt;
}

static std::optional<Trouble> call_trouble(sandbox::Worker& worker,
                                           const datasets::Problem& problem, const char* suite,
                                           double seconds) {
  const auto& inputs = (std::string_view(suite) == "base" ? problem.base : problem.plus)->inputs;
  const auto call = [&](std::size_t index) {
    Value value;
    const bool known = index < inputs.size() && decode_whole(inputs[index], value);
    return fmt::format("call {}{}", index, known ? " " + repr(value, 200) : "");
  };
  sandbox::Job job;
  job.program = problem.reference;
  job.entry_point = problem.entry_point;
  job.inputs = sandbox::Inputs::make(inputs);
  job.limits = limits_of(seconds);
  std::optional<Trouble> trouble;
  const sandbox::Outcome outcome = worker.run(job, [&](const sandbox::Reply& reply) {
    if (!reply.raised) return sandbox::Next::go_on;
    trouble = Trouble{suite, fmt::format("the reference raises {} on {}", reply.exception_type,
                                         call(reply.index))};
    return sandbox::Next::stop;
  });
  if (trouble || outcome.end == End::completed) return trouble;
  if (auto load = load_trouble(outcome, seconds)) return load;
  return Trouble{suite, fmt::format("the reference does not answer {}: {}", call(outcome.answered),
                                    text_of(outcome, seconds))};
}

/// As a run does: through the proxy, and where that does not work in one process.
static std::optional<Trouble> official_trouble(sandbox::Worker& worker,
                                               const datasets::Problem& problem, double seconds) {
  sandbox::CheckJob job;
  job.program = problem.official_reference.empty() ? problem.reference : problem.official_reference;
  job.entry_point = problem.entry_point;
  job.checker_setup = problem.official->setup;
  job.checker = problem.official->checker;
  job.limits = limits_of(seconds);
  const sandbox::Outcome proxied = worker.check(job);
  if (proxied.end == End::completed) return std::nullopt;
  job.in_process = true;
  if (proxied.end != End::timeout_cpu && proxied.end != End::timeout_wall &&
      worker.check(job).end == End::completed)
    return std::nullopt;
  if (proxied.end == End::syntax || proxied.end == End::no_entry_point)
    return load_trouble(proxied, seconds);
  return Trouble{"tests",
                 "the reference does not pass its own tests: " + text_of(proxied, seconds)};
}

static std::vector<Trouble> troubles_of(sandbox::Worker& worker, const datasets::Problem& problem,
                                        double seconds) {
  std::vector<Trouble> troubles;
  for (const char* suite : {"base", "plus", "official"}) {
    if (!datasets::has_suite(problem, suite)) continue;
    auto trouble = std::string_view(suite) == "official"
                       ? official_trouble(worker, problem, seconds)
                       : call_trouble(worker, problem, suite, seconds);
    if (!trouble) continue;
    troubles.push_back(*trouble);
    // A program that does not load says the same of every suite.
    if (trouble->key == "reference" || trouble->key == "entry_point") break;
  }
  return troubles;
}

int check_dataset(const Common& common, const std::string& path, const CheckCommand& options) {
  const datasets::Dataset dataset = datasets::load(path);
  const auto places = places_in(path);
  sandbox::Worker worker(options.sandbox);
  std::vector<Found> found;
  ProgressBar bar(common.quiet);
  std::int64_t done = 0;
  const auto total = static_cast<std::int64_t>(dataset.problems.size());
  for (const datasets::Problem& problem : dataset.problems) {
    bar.show("running the reference of " + problem.task_id, done++, total);
    const auto place = places.find(problem.task_id);
    for (Trouble& trouble : troubles_of(worker, problem, options.seconds)) {
      found.push_back(
          {place == places.end() ? path : place->second, problem.task_id, std::move(trouble)});
    }
  }
  bar.clear();
  if (common.json) {
    nlohmann::json rows = nlohmann::json::array();
    for (const Found& one : found) {
      rows.push_back({{"place", one.place},
                      {"task_id", one.task_id},
                      {"key", one.trouble.key},
                      {"what", one.trouble.what}});
    }
    fmt::print("{}\n", nlohmann::json{{"dataset", dataset.name},
                                      {"problems", dataset.problems.size()},
                                      {"troubles", rows},
                                      {"good", found.empty()}}
                           .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    for (const Found& one : found) {
      fmt::print("{}\n", printable(fmt::format("{}: key \"{}\" of {}: {}", one.place,
                                               one.trouble.key, one.task_id, one.trouble.what),
                                   false));
    }
    fmt::print("{}: {} problems read, {}\n", printable(path, false), dataset.problems.size(),
               found.empty() ? "every reference passes its own suites"
                             : fmt::format("{} troubles", found.size()));
  }
  return static_cast<int>(found.empty() ? ExitCode::done : ExitCode::failed);
}

}  // namespace assay::cli
