// The command table: one file a command, each adding itself to the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/analysis/selection.h"

namespace assay::cli {

/// Options of every command.
struct Common {
  std::string db = "assay.db";
  bool json = false;
  bool quiet = false;
  std::string program = "assay";  ///< as called, quoted for a shell
  std::string command_line;       ///< as typed, quoted for a shell: the line that resumes a run
};

/// Adds one command to `app`: its options, its example, and what runs it. `act` returns the exit
/// code; it may throw assay::Error.
using Act = std::function<int()>;
struct Command {
  const char* name;
  void (*add)(CLI::App& app, const Common& common, Act& act);
};
const std::vector<Command>& commands();

/// --dataset, --model, --proxy and --gold, as `rates`, `limits`, `fit` and `report` take them.
void add_selection(CLI::App& app, analysis::Selection& selection);

void add_run(CLI::App& app, const Common& common, Act& act);
void add_rates(CLI::App& app, const Common& common, Act& act);
void add_limits(CLI::App& app, const Common& common, Act& act);
void add_fit(CLI::App& app, const Common& common, Act& act);
void add_show(CLI::App& app, const Common& common, Act& act);
void add_suite(CLI::App& app, const Common& common, Act& act);
void add_import(CLI::App& app, const Common& common, Act& act);
void add_export(CLI::App& app, const Common& common, Act& act);
void add_datasets(CLI::App& app, const Common& common, Act& act);
void add_doctor(CLI::App& app, const Common& common, Act& act);
void add_report(CLI::App& app, const Common& common, Act& act);
void add_demo(CLI::App& app, const Common& common, Act& act);

}  // namespace assay::cli
