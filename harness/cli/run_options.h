// The options of `assay run`, shared with `assay demo` and `assay doctor`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/run/run.h"

namespace assay::cli {

struct RunCommand {
  std::string dataset;
  run::Options run;
  std::vector<std::string> limits;  ///< "key=value"
  std::string comparison = "strict";
  bool full = false, stop_at_first_failure = false;
  bool extract = false, as_is = false;
  std::string shard;         ///< "I/N" or "auto/N"
  std::string references;    ///< a database
  std::optional<int> watch;  ///< port of the page of the run
};

/// --python and --packages.
void add_interpreter(CLI::App& command, sandbox::Config& config);
/// --tmp.
void add_tmp(CLI::App& command, sandbox::Config& config);
/// --allow-weaker.
void add_allow_weaker(CLI::App& command, sandbox::Config& config);

/// Sets one limit by KEY=VALUE of --limits. Throws Error (usage) for what is none.
void apply_limit(sandbox::Limits& limits, const std::string& setting);
/// What --limits takes, with the defaults.
std::string limits_help();

/// Runs with nothing but progress, and remarks of what went wrong: for what judges in rounds, and prints at the end.
run::Summary judge_quietly(const Common& common, const datasets::Dataset& dataset,
                           RunCommand options);

/// Runs and prints: progress and remarks on standard error, then the rates. Returns the exit code.
int run_and_print(const Common& common, RunCommand options);

}  // namespace assay::cli
