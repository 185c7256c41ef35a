#include <CLI/CLI.hpp>
#include <memory>

#include "harness/cli/command.h"
#include "harness/cli/foreign.h"
#include "harness/cli/import_scores.h"

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

  auto scores = std::make_shared<ScoresOptions>();
  CLI::App* scores_command = command.add_subcommand(
      "scores",
      "A verifier's scores of samples: rows model,task_id,sample_id,score, CSV with a header or JSONL "
      "(.gz accepted); null or empty: not judged. With `correct` the rows of a model without samples here "
      "bring their own truth");
  scores_command->add_option("file", scores->file, "The file")->required();
  scores_command->add_option("--dataset", scores->dataset, "Name of the benchmark")->required();
  scores_command->add_option("--verifier", scores->verifier, "What gave the scores")->required();
  scores_command->add_option(
      "--model", scores->model,
      "Whose samples, where rows name no model (default: the only one there is)");
  scores_command->add_option("--key", scores->key, "The column of the score")
      ->capture_default_str();
  scores_command->add_option("--correct-key", scores->correct_key, "The column of the truth")
      ->capture_default_str();
  scores_command->add_flag("--strict-input", scores->strict,
                           "A row of a sample that the database lacks refuses the file");
  scores_command->footer(
      "Example: assay import scores judge.csv --dataset humaneval --verifier judge");

  for (CLI::App* leaf : {counts_command, evalplus_command, scores_command}) {
    leaf->fallthrough();  // so that --db may stand behind the file
  }
  return [&common, counts, evalplus, scores, counts_command, scores_command] {
    if (scores_command->parsed()) return import_scores(common, *scores);
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
