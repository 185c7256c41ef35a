// The command table: one row a command, one file a command, each adding its own options.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/analysis/selection.h"

namespace CLI {
class App;
}

namespace assay::cli {

/// Options of every command.
struct Common {
  std::string db = "assay.db";
  bool json = false;
  bool quiet = false;
  std::string program = "assay";  ///< as called, quoted for a shell
  std::string command_line;       ///< as typed, quoted for a shell: the line that resumes a run
};

/// Runs a command whose options are parsed. Returns the exit code; may throw assay::Error.
using Act = std::function<int()>;

struct Command {
  const char* name;
  const char* help;
  bool has_database;  ///< whether --db means anything to it
  /// Adds its options and its example to `command`, and says what runs it.
  Act (*add)(CLI::App& command, const Common& common);
};
const std::vector<Command>& commands();

/// Parses the words of a command line, which must be UTF-8, and runs the command that they name.
/// Returns the exit code; throws assay::Error.
int run_command_line(int argc, char** argv);

/// A word that a shell takes as one word, whatever is in it.
std::string shell_word(const std::string& word);

/// --dataset, --model, --proxy and --gold, as `rates`, `limits`, `fit` and `report` take them.
void add_selection(CLI::App& command, analysis::Selection& selection);

Act add_run(CLI::App& command, const Common& common);
Act add_generate(CLI::App& command, const Common& common);
Act add_submit(CLI::App& command, const Common& common);
Act add_merge(CLI::App& command, const Common& common);
Act add_judge(CLI::App& command, const Common& common);
Act add_rates(CLI::App& command, const Common& common);
Act add_limits(CLI::App& command, const Common& common);
Act add_serve(CLI::App& command, const Common& common);
Act add_simulate(CLI::App& command, const Common& common);
Act add_fit(CLI::App& command, const Common& common);
Act add_search(CLI::App& command, const Common& common);
Act add_train(CLI::App& command, const Common& common);
Act add_report(CLI::App& command, const Common& common);
Act add_show(CLI::App& command, const Common& common);
Act add_suite(CLI::App& command, const Common& common);
Act add_probe(CLI::App& command, const Common& common);
Act add_import(CLI::App& command, const Common& common);
Act add_export(CLI::App& command, const Common& common);
Act add_datasets(CLI::App& command, const Common& common);
Act add_doctor(CLI::App& command, const Common& common);
Act add_demo(CLI::App& command, const Common& common);
Act add_manual(CLI::App& command, const Common& common);

}  // namespace assay::cli
