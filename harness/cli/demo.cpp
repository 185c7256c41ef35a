#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "harness/base/error.h"
#include "harness/cli/output.h"
#include "harness/cli/report_output.h"
#include "harness/cli/run_options.h"

namespace assay::cli {

namespace {
struct Options {
  std::string folder = "assay-demo";
  int jobs = 0;
  bool own_db = false;  ///< --db was given
};
}  // namespace

static int demo(Common common, const Options& options) {
  const std::filesystem::path folder = options.folder;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw Error(fmt::format("cannot make the folder {}: {}", options.folder, error.message()));
  if (!options.own_db) common.db = (folder / "assay.db").string();
  RunCommand run;
  run.dataset = "builtin";
  run.run.samples.files = {"builtin"};
  run.run.jobs = options.jobs;
  const int code = run_and_print(common, run);
  if (code == static_cast<int>(ExitCode::interrupted)) return code;
  const std::string page = (folder / "report.html").string();
  Common quiet = common;  // of --json there is one record: that of the run
  quiet.json = false;
  write_report(quiet, page);
  if (!common.json) {
    say("\nThe whole story on one page: {0}\nIts database is {2}: every command takes it by --db\n"
        "The same for your own samples: {1} run --dataset humaneval --samples FILE, then {1} report -o "
        "report.html\n",
        page, common.program, common.db);
  }
  return code;
}

Act add_demo(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  command
      .add_option("-o,--output", options->folder,
                  "Folder for its report and, without --db, its database")
      ->capture_default_str();
  command.add_option("-j,--jobs", options->jobs, "Workers (default: one per CPU)")
      ->check(CLI::Range(1, 1024));
  command.footer("Example: assay demo -o /tmp/assay-demo");
  return [&common, options, &command] {
    options->own_db = command.count("--db") > 0;
    return demo(common, *options);
  };
}

}  // namespace assay::cli
