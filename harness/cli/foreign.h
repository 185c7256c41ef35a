// Results of other tools: published counts, EvalPlus's result files; and samples for whoever reads a table.
#pragma once

#include <string>
#include <vector>

#include "harness/analysis/selection.h"
#include "harness/cli/command.h"

namespace assay::cli {

struct ImportOptions {
  std::string file, dataset, model;
};
struct ImportResults {
  std::vector<std::string> files;
  std::string dataset, model;
  std::string suite = "official";
};
struct ExportOptions {
  std::string dataset, model, output;
};

struct ExportSamples {
  analysis::Selection selection;
  std::string output = "-";
  std::string format;  ///< "csv", "jsonl"; empty: by the file's name
  bool programs = false;
};

/// CSV with header model,task_id,n,tp,fp[,fn], or JSONL with these keys. All rows or none.
int import_counts(const Common& common, const ImportOptions& options);
/// Its verdicts as they are, under a condition of their own ("imported").
int import_evalplus(const Common& common, const ImportOptions& options);
/// Verdicts of the harnesses that foreign_results.h knows, as those of one suite. All or nothing.
int import_results(const Common& common, const ImportResults& options);
int export_evalplus(const Common& common, const ExportOptions& options);
/// One row a sample, with every suite's verdict, its time and its witness.
int export_samples(const Common& common, const ExportSamples& options);

}  // namespace assay::cli
