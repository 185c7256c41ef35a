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

  auto results = std::make_shared<ImportResults>();
  CLI::App* results_command = command.add_subcommand(
      "results",
      "Result files of human-eval, lm-evaluation-harness, inspect, LiveCodeBench, MultiPL-E or "
      "BigCodeBench, known by their keys (.gz accepted): their verdicts as they are");
  results_command
      ->add_option("files", results->files, "Files; a folder stands for MultiPL-E's in it")
      ->required();
  results_command
      ->add_option(
          "--dataset", results->dataset,
          "humaneval, mbpp, or a file; any other name for a benchmark of which only the results "
          "are there")
      ->required();
  results_command->add_option("--model", results->model,
                              "Model name (inspect's files have their own)");
  results_command
      ->add_option(
          "--suite", results->suite,
          "Name of the suite whose verdicts these are. False positives show where the same "
          "samples come under two: base, and a stronger one")
      ->capture_default_str();
  results_command->footer(
      "Example: assay import results samples.jsonl_results.jsonl --dataset humaneval --model m\n"
      "         assay import results out_eval_all.json --dataset livecodebench --model m");

  for (CLI::App* leaf : {counts_command, evalplus_command, scores_command, results_command})
    leaf->fallthrough();  // so that --db may stand behind the file
  return [&common, counts, evalplus, scores, results, counts_command, scores_command,
          results_command] {
    if (scores_command->parsed()) return import_scores(common, *scores);
    if (results_command->parsed()) return import_results(common, *results);
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

  auto rows = std::make_shared<ExportSamples>();
  CLI::App* samples = command.add_subcommand(
      "samples",
      "One row a sample, as CSV or JSONL: every suite's verdict, time and witness, and "
      "whether the sample is accepted, correct, a false positive");
  add_selection(*samples, rows->selection);
  samples->add_option("-o,--output", rows->output, "The file; - is standard output")
      ->capture_default_str();
  samples->add_option("--format", rows->format, "csv or jsonl (default: csv where FILE ends so)")
      ->check(CLI::IsMember({"csv", "jsonl"}));
  samples->add_flag("--programs", rows->programs, "The programs' texts too (JSONL)");
  samples->footer(
      "A status is empty (JSONL: the suite is missing) where nothing was judged, and `decided` where "
      "a suite before it\nrejected the program. The same in SQL: the views judged_sample and "
      "false_positive of the database.\n"
      "Example: assay export samples --dataset humaneval -o samples.csv");
  samples->fallthrough();
  return [&common, options, rows, samples] {
    return samples->parsed() ? export_samples(common, *rows) : export_evalplus(common, *options);
  };
}

}  // namespace assay::cli
