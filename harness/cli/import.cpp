#include <CLI/CLI.hpp>
#include <memory>

#include "harness/cli/command.h"
#include "harness/cli/foreign.h"

namespace assay::cli {

Act add_import(CLI::App& command, const Common& common) {
  command.require_subcommand(1);

  auto counts = std::make_shared<ImportOptions>();
  CLI::App* counts_command = command.add_subcommand(
      "counts", "Rows model,task_id,n,tp,fp[,fn]: CSV with that header, or JSONL (.gz accepted)");
  counts_command->add_option("file", counts->file, "The file")->required();
  counts_command->add_option("--dataset", counts->dataset, "Name of the benchmark")->required();
  counts_command->footer("Example: assay import counts published.csv --dataset humaneval-paper");

  auto evalplus = std::make_shared<ImportOptions>();
  CLI::App* evalplus_command = command.add_subcommand(
      "evalplus", "An EvalPlus eval_results.json (.gz accepted): its verdicts as they are");
  evalplus_command->add_option("file", evalplus->file, "The file")->required();
  evalplus_command->add_option("--dataset", evalplus->dataset, "humaneval, mbpp, or a file")
      ->required();
  evalplus_command->add_option("--model", evalplus->model, "Model name")->required();
  evalplus_command->footer(
      "Example: assay import evalplus m.eval_results.json --dataset humaneval --model m");

  for (CLI::App* leaf : {counts_command, evalplus_command}) {
    leaf->fallthrough();  // so that --db may stand behind the file
  }
  return [&common, counts, evalplus, counts_command] {
    return counts_command->parsed() ? import_counts(common, *counts)
                                    : import_evalplus(common, *evalplus);
  };
}

Act add_export(CLI::App& command, const Common& common) {
  command.require_subcommand(1);
  auto options = std::make_shared<ExportOptions>();
  CLI::App* evalplus = command.add_subcommand(
      "evalplus", "EvalPlus's eval_results.json, per task in the order the samples came");
  evalplus->add_option("--dataset", options->dataset, "Which dataset")->required();
  evalplus->add_option("--model", options->model, "Which model, where there are several");
  evalplus->add_option("-o,--output", options->output, "The file")->required();
  evalplus->footer("Example: assay export evalplus --dataset humaneval -o eval_results.json");
  evalplus->fallthrough();
  return [&common, options] { return export_evalplus(common, *options); };
}

}  // namespace assay::cli
