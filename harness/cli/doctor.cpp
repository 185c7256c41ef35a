#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/terminal.h"
#include "sandbox/sandbox.h"

namespace assay::cli {

static int doctor(const Common& common, sandbox::Config config) {
  const sandbox::Probe probe = sandbox::probe();
  nlohmann::json layers = nlohmann::json::array();
  Table table({"layer", "granted", "detail"});
  table.left_align(1);
  table.left_align(2);
  for (const sandbox::Layer& layer : probe.layers) {
    layers.push_back({{"name", layer.name}, {"granted", layer.granted}, {"detail", layer.detail}});
    table.add({layer.name, layer.granted ? "yes" : "no", layer.detail});
  }
  config.allow_weaker = true;  // a doctor examines every patient
  const sandbox::Worker worker(config);
  const sandbox::Interpreter& interpreter = worker.interpreter();
  if (common.json) {
    fmt::print("{}\n", nlohmann::json{{"level", sandbox::name_of(probe.level)},
                                      {"layers", layers},
                                      {"python", interpreter.executable},
                                      {"python_version", interpreter.version},
                                      {"library_hash", interpreter.library_hash}}
                           .dump());
  } else {
    fmt::print("isolation level: {}\n\n{}\nprograms run on: {} (Python {})\n",
               sandbox::name_of(probe.level), table.text(), interpreter.executable,
               interpreter.version);
  }
  const bool good = probe.level >= sandbox::Level::no_namespace;
  return static_cast<int>(good ? ExitCode::done : ExitCode::failed);
}

void add_doctor(CLI::App& app, const Common& common, Act& act) {
  auto config = std::make_shared<sandbox::Config>();
  CLI::App* command = app.add_subcommand(
      "doctor", "Which isolation this machine grants, and which Python runs the programs");
  command->add_option("--python", config->python, "The interpreter")->capture_default_str();
  command->footer("Example: assay doctor");
  act = [&common, config] { return doctor(common, *config); };
}

}  // namespace assay::cli
