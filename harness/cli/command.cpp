#include "harness/cli/command.h"

namespace assay::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"run", add_run},           {"rates", add_rates},   {"limits", add_limits},
      {"fit", add_fit},           {"report", add_report}, {"show", add_show},
      {"suite", add_suite},       {"import", add_import}, {"export", add_export},
      {"datasets", add_datasets}, {"doctor", add_doctor}, {"demo", add_demo},
  };
  return table;
}

void add_selection(CLI::App& app, analysis::Selection& selection) {
  app.add_option("--dataset", selection.dataset, "Only this dataset");
  app.add_option("--model", selection.models, "Only these models");
  app.add_option("--proxy", selection.proxy,
                 "Suites that accept: the verifier under study (default: base)")
      ->delimiter(',');
  app.add_option("--gold", selection.gold, "Suites that decide the truth (default: base,plus)")
      ->delimiter(',');
}

}  // namespace assay::cli
