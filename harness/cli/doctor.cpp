#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/cli/run_options.h"
#include "harness/cli/terminal.h"
#include "sandbox/conformance/conformance.h"

namespace assay::cli {

namespace {

struct DoctorCommand {
  sandbox::Config config;
  bool quick = false;
};

/// What the self-check found: by kind of offence, and each breach in words.
struct SelfCheck {
  struct Kind {
    int cases = 0, kept = 0;
  };
  std::map<std::string, Kind> kinds;
  std::vector<std::string> breaches;
  int cases = 0;
};

void note(const sandbox::Case& one, const sandbox::Conformance& found, SelfCheck& check) {
  const bool kept = found.expected && found.honest && !found.restarted;
  SelfCheck::Kind& kind = check.kinds[one.name.substr(0, one.name.find('_'))];
  ++check.cases;
  ++kind.cases;
  kind.kept += kept;
  if (kept) return;
  std::string text = fmt::format("{}: {} by calls, {} by a checker; expected {}", one.name,
                                 found.by_run, found.by_check, fmt::join(one.expected, " or "));
  if (!found.honest) text += "; an honest program after it did not pass";
  if (found.restarted) text += "; it broke the jail";
  check.breaches.push_back(std::move(text));
}

SelfCheck self_check(sandbox::Worker& worker, bool quiet) {
  SelfCheck check;
  ProgressBar bar(quiet);
  const std::vector<sandbox::Case> cases = sandbox::conformance_cases();
  for (const sandbox::Case& one : cases) {
    note(one, sandbox::try_case(worker, one), check);
    bar.show("self-check", check.cases, static_cast<std::int64_t>(cases.size()));
  }
  return check;
}

nlohmann::json to_json(const SelfCheck& check) {
  nlohmann::json kinds = nlohmann::json::object();
  for (const auto& [name, kind] : check.kinds) {
    kinds[name] = {{"cases", kind.cases}, {"kept", kind.kept}};
  }
  return {{"cases", check.cases}, {"kinds", kinds}, {"breaches", check.breaches}};
}

void print(const SelfCheck& check) {
  std::vector<std::string> kinds;
  for (const auto& [name, kind] : check.kinds) {
    kinds.push_back(fmt::format("{} {}/{}", name, kind.kept, kind.cases));
  }
  fmt::print(
      "self-check: {} hostile and honest programs, each judged two ways: {} as they must be\n"
      "  {}\n",
      check.cases, check.cases - static_cast<int>(check.breaches.size()), fmt::join(kinds, ", "));
  for (const std::string& breach : check.breaches) fmt::print("  BREACH {}\n", breach);
}

nlohmann::json layers_json(const sandbox::Probe& probe) {
  nlohmann::json layers = nlohmann::json::array();
  for (const sandbox::Layer& layer : probe.layers) {
    layers.push_back({{"name", layer.name}, {"granted", layer.granted}, {"detail", layer.detail}});
  }
  return layers;
}

void print(const sandbox::Probe& probe, const sandbox::Interpreter& interpreter) {
  Table table({"layer", "granted", "detail"});
  table.left_align(1);
  table.left_align(2);
  for (const sandbox::Layer& layer : probe.layers) {
    table.add({layer.name, layer.granted ? "yes" : "no", layer.detail});
  }
  fmt::print("isolation level: {}\n\n{}\nprograms run on: {} (Python {})\n",
             sandbox::name_of(probe.level), table.text(), interpreter.executable,
             interpreter.identity());
}

int doctor(const Common& common, const DoctorCommand& options) {
  const sandbox::Probe probe = sandbox::probe(options.config);
  sandbox::Config config = options.config;
  config.allow_weaker = true;  // a doctor examines every patient
  sandbox::Worker worker(config);
  const sandbox::Interpreter& interpreter = worker.interpreter();
  nlohmann::json answer = {{"level", sandbox::name_of(probe.level)},
                           {"layers", layers_json(probe)},
                           {"python", interpreter.executable},
                           {"python_version", interpreter.version},
                           {"library_hash", interpreter.library_hash},
                           {"packages", interpreter.packages},
                           {"self_check", nullptr}};
  if (!common.json) print(probe, interpreter);
  bool good = probe.level >= sandbox::Level::no_namespace;
  if (!options.quick) {
    const SelfCheck check = self_check(worker, common.quiet);
    good &= check.breaches.empty();
    answer["self_check"] = to_json(check);
    if (!common.json) print(check);
  }
  if (common.json) fmt::print("{}\n", answer.dump());
  return static_cast<int>(good ? ExitCode::done : ExitCode::failed);
}

}  // namespace

void add_doctor(CLI::App& app, const Common& common, Act& act) {
  auto options = std::make_shared<DoctorCommand>();
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Which isolation this machine grants, which Python runs the programs, and whether offenders "
      "are really stopped: some 60 hostile and honest programs are judged");
  add_interpreter(*command, options->config);
  command->add_flag("--quick", options->quick, "Without the self-check");
  command->footer("Example: assay doctor");
  act = [&common, options] { return doctor(common, *options); };
}

}  // namespace assay::cli
