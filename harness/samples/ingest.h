// Samples into the database: which program each is, and under which identity. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/samples/bad_rows.h"
#include "harness/samples/intake.h"
#include "harness/samples/shard.h"
#include "harness/samples/source.h"
#include "harness/store/database.h"

namespace assay::samples {

struct IngestOptions {
  std::vector<std::string> files;  ///< "builtin" names the samples in the program itself
  std::string model;  ///< fills in where a row has none; else the file's stem or the folder's name
  bool append = false;  ///< rows without a sample_id are new, also where the text is stored
  bool strict = false;  ///< one bad row refuses all
  std::vector<std::string> tasks;  ///< only these; empty: all
  std::optional<Shard> shard;      ///< store only what is of it. REQUIRES: not `append`
};

struct Ingested {
  std::vector<std::int64_t> model_ids;        ///< of the samples of this command, each once
  std::map<std::string, std::int64_t> named;  ///< rows by their own model, where --model was given
  std::string model_given;                    ///< what --model said
  std::int64_t rows = 0, added = 0, known = 0, filtered = 0;  ///< bad rows are none of them
  std::int64_t elsewhere = 0;  ///< of `rows`: those of other shards, which are not stored
  std::string rows_hash;  ///< of a shard: the SHA-256 of all rows, by which shards know each other
  std::int64_t left_aside = 0;  ///< stored before, not among the rows: Numbering::left_aside
  BadRows bad;
  std::map<std::string, std::int64_t> rules;  ///< samples by each rule that made their programs
  std::int64_t fenced = 0;                    ///< with a fence in them, and not read as chat text
};

/// Reads all files in one transaction. Bad rows are passed over, but for a file that has no other;
/// `problem_ids` parallels dataset.problems. Throws Error naming file, line and key, and Interrupted.
Ingested ingest(store::Database& database, const datasets::Dataset& dataset,
                const std::vector<std::int64_t>& problem_ids, const IngestOptions& options,
                Intake& intake);
/// The same from any sources, in place of options.files.
Ingested ingest(store::Database& database, const datasets::Dataset& dataset,
                const std::vector<std::int64_t>& problem_ids, const IngestOptions& options,
                const std::vector<Source>& sources, Intake& intake);

}  // namespace assay::samples
