#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
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
  const bool python = one.language() == "python";
  SelfCheck::Kind& kind =
      check.kinds[python ? one.name.substr(0, one.name.find('_')) : one.language()];
  ++check.cases;
  ++kind.cases;
  kind.kept += kept;
  if (kept) return;
  std::string text = python ? fmt::format("{}: {} by calls, {} by a checker", one.name,
                                          found.by_run, found.by_check)
                            : fmt::format("{}: {}", one.name, found.by_run);
  text += fmt::format("; expected {}", fmt::join(one.expected, " or "));
  if (!found.honest) text += "; an honest program after it did not pass";
  if (found.restarted) text += "; it broke the jail";
  check.breaches.push_back(std::move(text));
}

/// What runs programs of each language here, or in one sentence why nothing does.
struct Toolchain {
  std::string language, identity, missing;
};
std::vector<Toolchain> toolchains_of(const sandbox::Worker& worker) {
  std::vector<Toolchain> all;
  for (const std::string& language : sandbox::languages()) {
    Toolchain one{language, "", ""};
    try {
      one.identity = worker.toolchain(language);
    } catch (const Error& error) {
      one.missing = error.what();
    }
    all.push_back(std::move(one));
  }
  return all;
}

SelfCheck self_check(sandbox::Worker& worker, const std::vector<Toolchain>& toolchains,
                     bool quiet) {
  SelfCheck check;
  ProgressBar bar(quiet);
  std::vector<sandbox::Case> cases = sandbox::conformance_cases();
  std::erase_if(cases, [&](const sandbox::Case& one) {
    return std::any_of(toolchains.begin(), toolchains.end(), [&](const Toolchain& toolchain) {
      return toolchain.language == one.language() && toolchain.identity.empty();
    });
  });
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

void print_check(const SelfCheck& check) {
  std::vector<std::string> kinds;
  for (const auto& [name, kind] : check.kinds) {
    kinds.push_back(fmt::format("{} {}/{}", name, kind.kept, kind.cases));
  }
  say("self-check: {} hostile and honest programs, those in Python judged two ways: {} as they must be\n"
      "  {}\n",
      check.cases, check.cases - static_cast<int>(check.breaches.size()), fmt::join(kinds, ", "));
  for (const std::string& breach : check.breaches) say("  BREACH {}\n", breach);
}

nlohmann::json layers_json(const sandbox::Probe& probe) {
  nlohmann::json layers = nlohmann::json::array();
  for (const sandbox::Layer& layer : probe.layers) {
    layers.push_back({{"name", layer.name}, {"granted", layer.granted}, {"detail", layer.detail}});
  }
  return layers;
}

nlohmann::json toolchains_json(const std::vector<Toolchain>& toolchains) {
  nlohmann::json all = nlohmann::json::object();
  for (const Toolchain& one : toolchains) {
    const bool there = one.missing.empty();
    all[one.language][there ? "identity" : "missing"] = there ? one.identity : one.missing;
  }
  return all;
}

void print_probe(const sandbox::Probe& probe, const sandbox::Interpreter& interpreter,
                 const std::vector<Toolchain>& toolchains) {
  Table table({"layer", "granted", "detail"});
  table.left_align(1);
  table.left_align(2);
  for (const sandbox::Layer& layer : probe.layers) {
    table.add({layer.name, layer.granted ? "yes" : "no", layer.detail});
  }
  say("isolation level: {}\n\n", sandbox::name_of(probe.level));
  print_text(table.text());
  say("\nprograms run on: {} (Python {})\n", interpreter.executable, interpreter.identity());
  for (const Toolchain& one : toolchains) {
    if (one.missing.empty()) say("  {}: {}\n", one.language, one.identity);
  }
  for (const Toolchain& one : toolchains) {
    if (!one.missing.empty()) say("  {}: {}\n", one.language, one.missing);
  }
}

int doctor(const Common& common, const DoctorCommand& options) {
  const sandbox::Probe probe = sandbox::probe(options.config);
  sandbox::Config config = options.config;
  config.allow_weaker = true;  // a doctor examines every patient
  sandbox::Worker worker(config);
  const sandbox::Interpreter& interpreter = worker.interpreter();
  const std::vector<Toolchain> toolchains = toolchains_of(worker);
  nlohmann::json answer = {
      {"level", sandbox::name_of(probe.level)},   {"layers", layers_json(probe)},
      {"python", interpreter.executable},         {"python_version", interpreter.version},
      {"library_hash", interpreter.library_hash}, {"packages", interpreter.packages},
      {"languages", toolchains_json(toolchains)}, {"self_check", nullptr}};
  if (!common.json) print_probe(probe, interpreter, toolchains);
  bool good = probe.level >= sandbox::Level::no_namespace;
  if (!options.quick) {
    const SelfCheck check = self_check(worker, toolchains, common.quiet);
    good &= check.breaches.empty();
    answer["self_check"] = to_json(check);
    if (!common.json) print_check(check);
  }
  if (common.json) print_json(answer);
  return static_cast<int>(good ? ExitCode::done : ExitCode::failed);
}

}  // namespace

Act add_doctor(CLI::App& command, const Common& common) {
  auto options = std::make_shared<DoctorCommand>();
  add_interpreter(command, options->config);
  command.add_flag("--quick", options->quick, "Without the self-check");
  command.footer("Example: assay doctor");
  return [&common, options] { return doctor(common, *options); };
}

}  // namespace assay::cli
