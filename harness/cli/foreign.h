// Results of other tools: published counts, EvalPlus's result files.
#pragma once

#include <string>

#include "harness/cli/command.h"

namespace assay::cli {

struct ImportOptions {
  std::string file, dataset, model;
};
struct ExportOptions {
  std::string dataset, model, output;
};

/// CSV with header model,task_id,n,tp,fp[,fn], or JSONL with these keys. All rows or none.
int import_counts(const Common& common, const ImportOptions& options);
/// Its verdicts as they are, under a condition of their own ("imported").
int import_evalplus(const Common& common, const ImportOptions& options);
int export_evalplus(const Common& common, const ExportOptions& options);

}  // namespace assay::cli
